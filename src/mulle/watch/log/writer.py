"""The log's writing end: calls return in microseconds, a thread of its own does the rest.

A call puts what it is given into a bounded queue. The thread takes batches from it, samples,
redacts and encodes, and commits each batch whole. When a commit fails (the disk is full, the
database locked or gone) the batch is kept, the thread pauses, longer each time, and tries again;
what the queue cannot hold meanwhile is dropped and counted. Nothing is ever raised into serving.
"""

from __future__ import annotations

import atexit
import collections
import itertools
import secrets
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from mulle.watch.log.entry import Entry, Record, as_dicts, count, to_json
from mulle.watch.log.sampling import is_kept
from mulle.watch.log.settings import LogSettings
from mulle.watch.log.sink import Sink, open_sink


class LogState(msgspec.Struct, frozen=True):
    """How a log is doing; each number counts rows since it was opened.

    Attributes:
        written: committed.
        sampled_out: not kept, by the share that was asked for.
        dropped: lost, since the queue was full, they could not be encoded, or the log was closed.
        waiting: in memory.
        paused: whether the last write failed.
        last_error: what the last failure said; stays when writing goes on.
    """

    written: int = 0
    sampled_out: int = 0
    dropped: int = 0
    waiting: int = 0
    paused: bool = False
    last_error: str = ""


class PredictionLog:
    """Writes predictions to a log.

    Args:
        place: see `open_sink`.
        settings: shares, limits and times.
        check: open the place now, so that a wrong one is told at once.

    Raises:
        UsageError: the place is none, or a column is to be hashed without a salt.
        RunError: the place cannot be opened.

    >>> import tempfile
    >>> from mulle.watch.log.reader import read_log
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = PredictionLog(f"{folder}/iris.db")
    ...     id = log.write({"petal": 1.4}, {"label": "setosa"}, model="iris", version="3")
    ...     state = log.close()
    ...     read_log(f"{folder}/iris.db").rows["petal"].to_list(), state.written
    ([1.4], 1)
    """

    def __init__(
        self, place: str | Path, settings: LogSettings | None = None, *, check: bool = True
    ) -> None:
        self.place, self.settings = place, settings or LogSettings()
        self._salt = self.settings.redaction.salt()
        self._sink: Sink | None = open_sink(place) if check else None
        self._queue: collections.deque[Entry] = collections.deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # something was written, or given up
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = self._flushing = False
        self._waiting = self._written = self._sampled_out = self._dropped = 0
        self._paused, self._last_error = False, ""
        self._prefix, self._numbers = secrets.token_hex(6), itertools.count()
        self._next_prune = 0.0

    def write(
        self,
        rows: Any,
        answers: Any = None,
        *,
        model: str,
        version: str = "",
        request_id: str = "",
        ids: Sequence[str] | None = None,
        at: datetime | None = None,
    ) -> str:
        """Hand over the rows of one request; never waits and never raises.

        Args:
            rows: one dict, a list of dicts, a dict of columns, or a Polars frame, as they came.
                They are read later: they must not be changed afterwards.
            answers: in the same forms, `label` or `value`, and `probabilities`; None for nothing.
            model, version: who answered.
            request_id: of the request; made up if empty.
            ids: of the rows; REQUEST for a single row and REQUEST/0, REQUEST/1 ... if None.
            at: when; now if None.

        Returns:
            The id of the request, by which labels are attached later.
        """
        request = request_id or f"{self._prefix}-{next(self._numbers)}"
        n = 1
        try:
            n = count(rows)
            moment = time.time_ns() // 1000 if at is None else int(at.timestamp() * 1_000_000)
            entry = Entry(rows, answers, ids, request, moment, model, version, n)
            if n == 1 and not is_kept(entry.names()[0], self.settings.share):
                with self._lock:
                    self._sampled_out += 1
                return request
            self._put(entry)
        except Exception as error:
            self._drop(n, error)
        return request

    @property
    def state(self) -> LogState:
        """How the log is doing."""
        with self._lock:
            return LogState(
                self._written,
                self._sampled_out,
                self._dropped,
                self._waiting,
                self._paused,
                self._last_error,
            )

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that was handed over is written; whether it is, after so many seconds."""
        with self._changed:
            self._flushing = True
            self._wake.set()
            done = self._changed.wait_for(lambda: not self._waiting, timeout)
            self._flushing = False
        return done

    def close(self, timeout: float = 10.0) -> LogState:
        """Write what waits, for so many seconds at most, and end; what is left is dropped."""
        self.flush(timeout)
        with self._lock:
            self._closing = True
            self._dropped += self._waiting
            self._waiting = 0
            self._queue.clear()
        self._wake.set()
        if self._thread:
            self._thread.join(0.5)  # it may still be in a call of the database
        atexit.unregister(self.close)
        return self.state

    def __enter__(self) -> PredictionLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the calling side -----------------------------------------------------------------

    def _put(self, entry: Entry) -> None:
        with self._lock:
            if self._closing or self._waiting + entry.height > self.settings.queue_rows:
                self._dropped += entry.height
                return
            self._queue.append(entry)
            self._waiting += entry.height
            full = self._waiting >= self.settings.batch_rows
        if full and not self._wake.is_set():
            self._wake.set()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        """Begin the thread with the first row, in the process that serves."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mulle-log", daemon=True)
                atexit.register(self.close)
                self._thread.start()

    def _drop(self, n: int, error: Exception) -> None:
        with self._lock:
            self._dropped += n
            self._last_error = _told(error)

    # --- the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing:
            self._rest(self.settings.batch_seconds)
            while self._queue and not self._closing:
                entries = self._take()
                records = self._encoded(entries)
                if records:
                    self._commit(records)
                self._done(sum(entry.height for entry in entries), len(records))
            self._prune()

    def _rest(self, seconds: float) -> None:
        """Wait until a batch is full or its time is up; a log that is being flushed never rests."""
        if not (self._flushing and self._queue):
            self._wake.wait(seconds)
        self._wake.clear()

    def _take(self) -> list[Entry]:
        taken: list[Entry] = []
        rows = 0
        with self._lock:
            while self._queue and rows < self.settings.batch_rows:
                taken.append(self._queue.popleft())
                rows += taken[-1].count
        return taken

    def _encoded(self, entries: list[Entry]) -> list[Record]:
        """Records as they may be written; an entry that is none is dropped and counted."""
        records: list[Record] = []
        for entry in entries:
            try:
                made = self._records(entry)
            except Exception as error:
                self._drop(entry.height, error)
                continue
            records += made
        return records

    def _records(self, entry: Entry) -> list[Record]:
        settings, redaction = self.settings, self.settings.redaction
        answers = itertools.repeat({}) if entry.answers is None else as_dicts(entry.answers)
        made, out = [], 0
        for id, row, answer in zip(entry.names(), as_dicts(entry.rows), answers, strict=False):
            if entry.height > 1 and not is_kept(id, settings.share):
                out += 1
                continue
            if redaction.drop or redaction.hash:
                row = redaction.apply(row, self._salt)
            about = entry.request, entry.at, entry.model, entry.version
            made.append(Record(id, *about, to_json(row), to_json(answer)))
        with self._lock:
            self._sampled_out += out
            self._dropped += entry.height - len(made) - out  # fewer ids or answers than rows
        return made

    def _commit(self, records: list[Record]) -> None:
        """Write a batch, however many tries it takes until the log is closed."""
        pause, longest = self.settings.retry_seconds
        while not self._closing:
            try:
                self._open().append(records)
            except Exception as error:
                with self._lock:
                    self._paused, self._last_error = True, _told(error)
                self._wait_or_close(pause)
                pause = min(pause * 2, longest)
            else:
                self._paused = False
                return

    def _wait_or_close(self, seconds: float) -> None:
        """Pause; what wakes the thread for a full batch does not end it."""
        end = time.monotonic() + seconds
        while not self._closing and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _open(self) -> Sink:
        if self._sink is None:
            self._sink = open_sink(self.place)
        return self._sink

    def _done(self, entered: int, written: int) -> None:
        with self._changed:
            if not self._closing:
                self._waiting -= entered
                self._written += written
            self._changed.notify_all()

    def _prune(self) -> None:
        if not self.settings.retention or time.monotonic() < self._next_prune:
            return
        self._next_prune = time.monotonic() + self.settings.prune_seconds
        try:
            self._open().prune(self.settings.retention, time.time_ns() // 1000)
        except Exception as error:
            with self._lock:
                self._last_error = _told(error)


def _told(error: Exception) -> str:
    """An error in one line; ours without the way out, which is for a person at a keyboard."""
    return f"{getattr(error, 'what', '') or error}"[:300]
