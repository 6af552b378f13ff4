"""The log's writing end: a call returns in microseconds, and never waits or raises into serving.

It puts what it is given into a bounded queue, from which a thread of its own writes batches. What
the queue cannot hold, because writing is slow or fails, is dropped and counted.
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
from mulle.verbs.watch.log.entry import Entry, count
from mulle.verbs.watch.log.sampling import is_kept
from mulle.verbs.watch.log.settings import LogSettings
from mulle.verbs.watch.log.sink import Sink, open_sink
from mulle.verbs.watch.log.waiting import LogState, Waiting
from mulle.verbs.watch.log.worker import Worker, told


class PredictionLog:
    """Writes predictions to a log.

    Args:
        place: see `open_sink`.
        settings: shares, limits and times.
        check: open the place now, so that a wrong one is told at once; else with the first row.

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
        self._waiting = Waiting(self.settings.queue_rows, self.settings.batch_rows)
        self._worker = Worker(
            self._waiting, self.settings, self.settings.redaction.salt(), self._opened
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
    ) -> str:
        """Hand over the rows of one request; never waits and never raises.

        Args:
            rows: one dict, a list of dicts, a dict of columns, or a Polars frame, as they came.
                They are read later: they must not be changed afterwards.
            answers: in the same forms, `label` or `value`, and `probabilities`; None for nothing.
            model, version: who answered.
            request_id: of the request; made up if empty.
            ids: of the rows; REQUEST for a single row and REQUEST/0, REQUEST/1 ... if None.
            at: when; now if None. A time without a zone is UTC's.

        Returns:
            The id of the request, by which labels are attached later.
        """
        request = request_id or f"{self._prefix}-{next(self._numbers)}"
        height = 1
        try:
            height = count(rows)
            entry = Entry(rows, answers, ids, request, micros(at), model, version, height)
            if height == 1 and not is_kept(entry.names()[0], self.settings.share):
                self._waiting.sample_out(1)
                return request
            self._waiting.put(entry)
            if self._thread is None:
                self._start()
        except Exception as error:
            self._waiting.drop(height, told(error))
        return request

    @property
    def state(self) -> LogState:
        """How the log is doing."""
        return self._waiting.state

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all that was handed over is written; whether it is, after so many seconds."""
        return self._waiting.wait_until_empty(timeout)

    def close(self, timeout: float = 10.0) -> LogState:
        """Write what waits, for so many seconds at most, and end; what is left is dropped."""
        self.flush(timeout)
        self._waiting.close()
        if self._thread:
            self._thread.join(0.5)  # it may still be in a call of the database
        atexit.unregister(self.close)
        return self.state

    def __enter__(self) -> PredictionLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        """Begin the thread with the first row, so that it lives in the process that serves."""
        with self._starting:
            if self._thread is None and not self._waiting.closed:
                thread = threading.Thread(target=self._worker.run, name="mulle-log", daemon=True)
                atexit.register(self.close)
                thread.start()
                self._thread = thread

    def _opened(self) -> Sink:
        if self._sink is None:
            self._sink = open_sink(self.place)
        return self._sink
