"""The thread that writes: batches are sampled, redacted, encoded and committed, each one whole.

When a commit fails (the disk is full, the database locked or gone) the batch is kept, the thread
pauses, longer each time, and tries again. Nothing that happens here reaches those who serve.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

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
        self._next_prune = self._next_compact = 0.0

    def run(self) -> None:
        """Write until the log is closed; rows are written between the steps of the upkeep, too."""
        while not self._queue.closed:
            self._queue.rest(self._settings.batch_seconds)
            self._write_all()
            upkeep = self._due()
            while not self._queue.closed and self._step(upkeep):
                self._write_all()

    def _write_all(self) -> None:
        while self._queue and not self._queue.closed:
            self._write(self._queue.take())

    def _due(self) -> Iterator[object]:
        """Return the steps of what is to be done now for the place itself."""
        now = time.monotonic()
        if now >= self._next_compact:
            self._next_compact = now + self._settings.compact_seconds
            yield from self._sink().compact(micros())
        if self._settings.retention and now >= self._next_prune:
            self._next_prune = now + self._settings.prune_seconds
            yield from self._sink().prune(self._settings.retention, micros())

    def _step(self, upkeep: Iterator[object]) -> bool:
        """Do one step; return whether there may be more."""
        try:
            return next(upkeep, self) is not self
        except Exception as error:
            self._queue.complain(describe_error(error))
            return False

    def _write(self, taken: list[Entry]) -> None:
        """Write what was taken, a batch at a time; however it ends, the thread goes on."""
        committed, records = 0, self._records_of(taken)
        while batch := list(itertools.islice(records, self._settings.batch_rows)):
            committed += self._commit(batch)
        self._queue.done(taken, committed)

    def _records_of(self, taken: list[Entry]) -> Iterator[Record]:
        """Yield the rows of entries as they may be written."""
        for entry in taken:
            made = 0
            try:
                for record in self._records(entry):
                    made += 1
                    if record is not None:
                        yield record
                if lost := entry.height - made:
                    raise DataError("log-rows-incomplete", count=lost)
            except Exception as error:
                self._queue.drop(entry.height - made, describe_error(error))

    def _records(self, entry: Entry) -> Iterator[Record | None]:
        """Yield the rows of an entry; None for one that sampling leaves out."""
        apply, salt, known = self._settings.redaction.apply, self._salt, entry.known
        answers = itertools.repeat({}) if entry.answers is None else as_dicts(entry.answers)
        about = entry.request, entry.at, entry.model, entry.version
        share = self._settings.share if entry.height > 1 else 1.0
        for id, row, answer in zip(entry.names(), as_dicts(entry.rows), answers, strict=False):
            if share < 1 and not is_kept(id, share):
                self._queue.sample_out(1)
                yield None
            else:
                yield Record(id, *about, to_json(apply(row, salt, known)), to_json(answer))

    def _commit(self, records: list[Record]) -> int:
        """Write a batch, however many tries it takes; return its rows, 0 if the log was closed."""
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
                self._queue.commit(len(records))
                return len(records)
        return 0

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._queue.closed and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_S))


def describe_error(error: Exception) -> str:
    """Return an error in one line, without the fix, which is for a person at a keyboard."""
    return f"{getattr(error, 'what', '') or error}"[:300]
