"""Write a log: a call returns in microseconds, and never waits or raises into serving.

A call puts rows into a bounded queue, from which a thread writes batches. A request of any size is
taken; what comes while more waits than the queue may hold, because writing is slow or fails, is
dropped and counted with its reason.
"""

from __future__ import annotations

import atexit
import itertools
import secrets
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mulle.times import micros
from mulle.verbs.watch.log.entry import Entry, count, estimate_bytes
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.queue import EntryQueue, LogState
from mulle.verbs.watch.log.sampling import is_kept
from mulle.verbs.watch.log.settings import LogSettings
from mulle.verbs.watch.log.sink import Sink
from mulle.verbs.watch.log.worker import Worker, describe_error


class PredictionLog:
    """A log that predictions are written to.

    Args:
        place: see `mulle.verbs.watch.log.places.open_sink`.
        settings: settings of the log.
        check: whether the place is opened now, so that a wrong one is refused at once.

    Raises:
        UsageError: the place is none, or a column is to be hashed without a salt.
        RunError: the place cannot be opened.

    >>> import tempfile
    >>> from mulle.verbs.watch.log.reader import read_log
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
        limits = self.settings.queue_rows, self.settings.queue_bytes
        self._queue = EntryQueue(*limits, self.settings.batch_rows)
        self._worker = Worker(
            self._queue, self.settings, self.settings.redaction.salt(), self._opened
        )
        self._sink: Sink | None = open_sink(place) if check else None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._prefix, self._numbers = secrets.token_hex(6), itertools.count()

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
        known: frozenset[str] | None = None,
    ) -> str:
        """Hand over the rows of one request; never waits and never raises.

        Args:
            rows: one dict, a list of dicts, a dict of columns, or a Polars frame, as they came.
                They are read later: they must not be changed afterwards.
            answers: in the same forms, `label` or `value`, and `probabilities`; None for nothing.
            model, version: name and version of the model that answered.
            request_id: id of the request; made up if empty.
            ids: ids of the rows; REQUEST for a single row and REQUEST/0, REQUEST/1 ... if None.
            at: time of the prediction; now if None, UTC without a zone.
            known: columns that the models read; of others nothing is written, unless the redaction
                keeps them. None for all columns of the rows.

        Returns:
            The id of the request, by which labels are attached later.
        """
        request = request_id or f"{self._prefix}-{next(self._numbers)}"
        height = 1
        try:
            height = count(rows)
            about = micros(at), model, version, height, estimate_bytes(rows, height)
            entry = Entry(rows, answers, ids, request, *about, known)
            if height == 1 and not is_kept(entry.names()[0], self.settings.share):
                self._queue.sample_out(1)
                return request
            self._queue.put(entry)
            if self._thread is None:
                self._start()
        except Exception as error:
            self._queue.drop(height, describe_error(error))
        return request

    @property
    def state(self) -> LogState:
        """The state of the log."""
        return self._queue.state

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything is written; return whether it is after `timeout` seconds."""
        return self._queue.wait_until_empty(timeout)

    def close(self, timeout: float = 10.0) -> LogState:
        """Write for at most `timeout` seconds and end; rows that are left are dropped."""
        self.flush(timeout)
        self._queue.close()
        if self._thread:
            self._thread.join(0.5)  # it may still be in a call of the database
        atexit.unregister(self.close)
        return self.state

    def __enter__(self) -> PredictionLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        """Start the thread with the first row, so that it lives in the process that serves."""
        with self._starting:
            if self._thread is None and not self._queue.closed:
                thread = threading.Thread(target=self._worker.run, name="mulle-log", daemon=True)
                atexit.register(self.close)
                thread.start()
                self._thread = thread

    def _opened(self) -> Sink:
        if self._sink is None:
            self._sink = open_sink(self.place)
        return self._sink
