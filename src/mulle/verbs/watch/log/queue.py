"""A bounded queue of entries to be written, which counts rows and what became of them."""

from __future__ import annotations

import collections
import threading

import msgspec

from mulle.verbs.watch.log.entry import Entry


class LogState(msgspec.Struct, frozen=True):
    """The state of a log; each number counts rows since it was opened.

    Attributes:
        written: rows that are committed.
        sampled_out: rows left out by sampling.
        dropped: rows lost: the queue was full, they could not be encoded, or the log was closed.
        waiting: rows in memory.
        paused: whether the last write failed.
        last_error: text of the last failure; stays when writing goes on.
    """

    written: int = 0
    sampled_out: int = 0
    dropped: int = 0
    waiting: int = 0
    paused: bool = False
    last_error: str = ""


class EntryQueue:
    """Entries between the calls that hand them over and the thread that writes them.

    Args:
        capacity: largest number of rows.
        batch: rows that make a batch, for which the thread is woken.
    """

    def __init__(self, capacity: int, batch: int) -> None:
        self._capacity, self._batch = capacity, batch
        self._entries: collections.deque[Entry] = collections.deque()
        self._emptied = threading.Condition()
        self._wake = threading.Event()
        self._rows = self._written = self._sampled_out = self._dropped = 0
        self._paused, self._last_error, self._hurried = False, "", False
        self.closed = False

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def state(self) -> LogState:
        """The counts of all rows so far."""
        with self._emptied:
            counts = self._written, self._sampled_out, self._dropped, self._rows
            return LogState(*counts, self._paused, self._last_error)

    def put(self, entry: Entry) -> None:
        """Add an entry; one that has no room is dropped and counted."""
        with self._emptied:
            if self.closed or self._rows + entry.height > self._capacity:
                self._dropped += entry.height
                return
            self._entries.append(entry)
            self._rows += entry.height
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

    def done(self, taken: list[Entry], written: int = 0) -> None:
        """Note that a batch was dealt with, and the number of its rows that are committed."""
        with self._emptied:
            if not self.closed:  # else they were counted as dropped
                self._rows -= sum(entry.height for entry in taken)
                self._written += written
            self._emptied.notify_all()

    def sample_out(self, rows: int) -> None:
        """Count rows that are not to be kept."""
        with self._emptied:
            self._sampled_out += rows

    def drop(self, rows: int, why: str = "") -> None:
        """Count rows that are lost."""
        with self._emptied:
            self._dropped += rows
            self._last_error = why or self._last_error

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
            self._dropped += self._rows
            self._rows = 0
            self._entries.clear()
        self._wake.set()
