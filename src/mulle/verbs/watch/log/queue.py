"""A bounded queue of entries to be written, which counts rows and what became of them.

An entry is taken while the queue is below its limits, however large it is, so a request of any size
is logged; what waits is at most the limit and one request. It is counted in rows, and in bytes that
are estimated from a few rows.
"""

from __future__ import annotations

import collections
import threading

import msgspec

from mulle.errors import DataError
from mulle.verbs.watch.log.entry import Entry


class LogState(msgspec.Struct, frozen=True):
    """The state of a log; each number counts rows since it was opened.

    Attributes:
        written: rows that are committed.
        sampled_out: rows left out by sampling.
        dropped: rows lost.
        waiting: rows in memory.
        paused: whether the last write failed.
        last_error: text of the last failure; stays when writing goes on.
        reasons: rows lost by reason: `queue-full`, `unreadable`, `closed`.
    """

    written: int = 0
    sampled_out: int = 0
    dropped: int = 0
    waiting: int = 0
    paused: bool = False
    last_error: str = ""
    reasons: dict[str, int] = {}


class EntryQueue:
    """Entries between the calls that hand them over and the thread that writes them.

    Args:
        capacity: number of rows from which on further entries are dropped.
        capacity_bytes: number of bytes from which on they are.
        batch: rows that make a batch, for which the thread is woken.
    """

    def __init__(self, capacity: int, capacity_bytes: int, batch: int) -> None:
        self._capacity, self._capacity_bytes, self._batch = capacity, capacity_bytes, batch
        self._entries: collections.deque[Entry] = collections.deque()
        self._emptied = threading.Condition()
        self._wake = threading.Event()
        self._rows = self._bytes = self._written = self._sampled_out = 0
        self._reasons: collections.Counter[str] = collections.Counter()
        self._paused, self._last_error, self._hurried = False, "", False
        self._full = DataError("log-queue-full", rows=capacity).what
        self.closed = False

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def state(self) -> LogState:
        """The counts of all rows so far."""
        with self._emptied:
            reasons = {reason: count for reason, count in self._reasons.items() if count}
            counts = self._written, self._sampled_out, sum(reasons.values()), self._rows
            return LogState(*counts, self._paused, self._last_error, reasons)

    def put(self, entry: Entry) -> None:
        """Add an entry; one that has no room is dropped and counted."""
        with self._emptied:
            if self.closed:
                self._reasons["closed"] += entry.height
                return
            if self._rows >= self._capacity or self._bytes >= self._capacity_bytes:
                self._reasons["queue-full"] += entry.height
                if not self._paused:  # else the failed write is the cause
                    self._last_error = self._full
                return
            self._entries.append(entry)
            self._rows += entry.height
            self._bytes += entry.bytes
            full = self._rows >= self._batch
        if full and not self._wake.is_set():
            self._wake.set()

    def take(self) -> list[Entry]:
        """Take the entries of the next batch; their rows count as waiting until `done`."""
        taken: list[Entry] = []
        rows = 0
        with self._emptied:
            while self._entries and rows < self._batch:
                taken.append(self._entries.popleft())
                rows += taken[-1].height
        return taken

    def commit(self, rows: int) -> None:
        """Count rows that are on disk."""
        with self._emptied:
            if not self.closed:  # else they were counted as dropped
                self._rows -= rows
                self._written += rows

    def done(self, taken: list[Entry], committed: int) -> None:
        """Note that a batch was dealt with, and how many of its rows were committed."""
        with self._emptied:
            if not self.closed:
                self._rows -= sum(entry.height for entry in taken) - committed
                self._bytes -= sum(entry.bytes for entry in taken)
            self._emptied.notify_all()

    def sample_out(self, rows: int) -> None:
        """Count rows that are not to be kept."""
        with self._emptied:
            self._sampled_out += rows

    def drop(self, rows: int, why: str = "") -> None:
        """Count rows that cannot be read, and so are lost."""
        with self._emptied:
            self._reasons["unreadable"] += rows
            self._last_error = why or self._last_error

    def complain(self, why: str) -> None:
        """Note a failure that loses no rows."""
        with self._emptied:
            self._last_error = why

    def pause(self, why: str) -> None:
        """Note that a write failed."""
        with self._emptied:
            self._paused, self._last_error = True, why

    def resume(self) -> None:
        """Note that a write went through."""
        self._paused = False

    def rest(self, seconds: float) -> None:
        """Let the thread wait until a batch is full, its time is up, or somebody is in a hurry."""
        if not (self._hurried and self._entries):
            self._wake.wait(seconds)
        self._wake.clear()

    def wait_until_empty(self, timeout: float) -> bool:
        """Wait until no row is left; return whether that is so after `timeout` seconds."""
        with self._emptied:
            self._hurried = True
            self._wake.set()
            done = self._emptied.wait_for(lambda: not self._rows, timeout)
            self._hurried = False
        return done

    def close(self) -> None:
        """Refuse further entries; those that still wait are lost."""
        with self._emptied:
            self.closed = True
            self._reasons["closed"] += self._rows
            self._rows = self._bytes = 0
            self._entries.clear()
        self._wake.set()
