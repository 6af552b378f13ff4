"""The thread that writes: batches are sampled, redacted, encoded and committed, each one whole.

When a commit fails (the disk is full, the database locked or gone) the batch is kept, the thread
pauses, longer each time, and tries again. Nothing that happens here reaches those who serve.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

from mulle.errors import DataError
from mulle.times import micros
from mulle.verbs.watch.log.entry import Entry, Record, as_dicts, to_json
from mulle.verbs.watch.log.queue import EntryQueue
from mulle.verbs.watch.log.sampling import is_kept
from mulle.verbs.watch.log.settings import LogSettings
from mulle.verbs.watch.log.sink import Sink

_LOOK_S = 0.1  # how soon a pause notices that the log is closed


class Worker:
    """The work of the thread of a log.

    Args:
        queue: entries to be written.
        settings: settings of the log.
        salt: key of hashed columns.
        sink: returns the open place.
    """

    def __init__(
        self, queue: EntryQueue, settings: LogSettings, salt: bytes, sink: Callable[[], Sink]
    ) -> None:
        self._queue, self._settings, self._salt, self._sink = queue, settings, salt, sink
        self._next_prune = 0.0

    def run(self) -> None:
        """Write until the log is closed."""
        while not self._queue.closed:
            self._queue.rest(self._settings.batch_seconds)
            while self._queue and not self._queue.closed:
                self._write(self._queue.take())
            self._prune()

    def _write(self, taken: list[Entry]) -> None:
        """Write one batch; however it ends, the thread goes on."""
        records: list[Record] = []
        for entry in taken:
            try:
                records += self._records(entry)
            except Exception as error:
                self._queue.drop(entry.height, describe_error(error))
        if records:
            self._commit(records)
        self._queue.done(taken, len(records))

    def _records(self, entry: Entry) -> list[Record]:
        """Return the rows of an entry as they may be written."""
        redaction, made, out = self._settings.redaction, [], 0
        answers = itertools.repeat({}) if entry.answers is None else as_dicts(entry.answers)
        about = entry.request, entry.at, entry.model, entry.version
        for id, row, answer in zip(entry.names(), as_dicts(entry.rows), answers, strict=False):
            if entry.height > 1 and not is_kept(id, self._settings.share):
                out += 1
                continue
            if redaction:
                row = redaction.apply(row, self._salt)
            made.append(Record(id, *about, to_json(row), to_json(answer)))
        self._queue.sample_out(out)
        if lost := entry.height - len(made) - out:
            self._queue.drop(lost, describe_error(DataError("log-rows-incomplete", count=lost)))
        return made

    def _commit(self, records: list[Record]) -> None:
        """Write a batch, however many tries it takes until the log is closed."""
        pause, longest = self._settings.retry_seconds
        while not self._queue.closed:
            try:
                self._sink().append(records)
            except Exception as error:
                self._queue.pause(describe_error(error))
                self._sleep(pause)
                pause = min(pause * 2, longest)
            else:
                self._queue.resume()
                return

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._queue.closed and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_S))

    def _prune(self) -> None:
        if not self._settings.retention or time.monotonic() < self._next_prune:
            return
        self._next_prune = time.monotonic() + self._settings.prune_seconds
        try:
            self._sink().prune(self._settings.retention, micros())
        except Exception as error:
            self._queue.drop(0, describe_error(error))


def describe_error(error: Exception) -> str:
    """Return an error in one line, without the fix, which is for a person at a keyboard."""
    return f"{getattr(error, 'what', '') or error}"[:300]
