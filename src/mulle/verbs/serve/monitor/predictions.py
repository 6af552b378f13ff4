"""The prediction log of a server: rows as they were sent, answers, and later the true labels.

Each answer carries the id under which its label is accepted, as X-Prediction-Id: that of the
routing policy, else the X-Request-Id that the caller gave, else a new one. Of several rows, row n
(counted from 1) has the id ID/(n-1) in the log.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from mulle.errors import MulleError
from mulle.times import micros
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.watch.log import Found, LogSettings, PredictionLog, Sink, open_sink

FLUSH_SECONDS = 2.0  # that a look-up waits for rows of this process to be written
_LOGGED = "logged"  # in a request's state: the id, and how many of its rows were handed over


class Predictions:
    """Hands answers and labels to the log.

    Args:
        place: place of the log.
        settings: what is kept.
        processes: number of processes that write to the log.
        known: returns the columns that the models read; see `PredictionLog.write`.

    Raises:
        UsageError, RunError: see `PredictionLog`.
    """

    def __init__(
        self,
        place: str,
        settings: LogSettings,
        processes: int = 1,
        known: Callable[[], frozenset[str] | None] = lambda: None,
    ) -> None:
        self._known = known
        self.place, self.log = place, PredictionLog(place, settings)
        self._others_wait = settings.batch_seconds if processes > 1 else 0.0
        self._prefix, self._numbers = secrets.token_hex(6), itertools.count(1)
        self._sink: Sink | None = None
        self._using = threading.Lock()

    def heard(
        self, request: Request, loaded: LoadedModel, rows: Sequence[Any], answers: Sequence[Answer]
    ) -> None:
        """Log an answer; see `service.Listener`."""
        state, ids = request.state, None
        id, before = state.get(_LOGGED, ("", 0))
        if before:  # further rows of a stream, or of a query that asks twice
            ids = [f"{id}/{n}" for n in range(before, before + len(answers))]
        elif not (id := state.get("prediction", "")):
            id = state.get("id") or f"{self._prefix}-{next(self._numbers):x}"
            state["headers"] = (*state.get("headers", ()), (b"x-prediction-id", id.encode()))
        state[_LOGGED] = id, before + len(answers)
        self.log.write(
            rows, AnswerRows(loaded, answers), model=loaded.name, version=loaded.version,
            request_id=id, ids=ids, known=self._known(),
        )  # fmt: skip

    async def find(self, wanted: Sequence[Sequence[str]]) -> dict[str, Found]:
        """Look up predictions, and wait for those that are not written yet.

        Args:
            wanted: for each prediction the ids that it may have; one of them is enough.

        Returns:
            The predictions that the log holds, by id.

        Raises:
            HTTPError: the log cannot be read now (503).
        """
        found = await asyncio.to_thread(self._find, wanted)
        if not _has_all(found, wanted):
            await asyncio.to_thread(self.log.flush, FLUSH_SECONDS)
            found = await asyncio.to_thread(self._find, wanted)
        if self._others_wait and not _has_all(found, wanted):
            await asyncio.sleep(1.5 * self._others_wait)  # another process may hold it still
            found = await asyncio.to_thread(self._find, wanted)
        return found

    def attach(self, labels: Sequence[tuple[str, Any]]) -> None:
        """Add labels by id; of two for one id the last counts.

        Raises:
            HTTPError: the log cannot be written now (503).
        """
        given = [(id, msgspec.json.encode(label).decode()) for id, label in labels]
        self._use(lambda sink: sink.label(given, micros()))

    def _find(self, wanted: Sequence[Sequence[str]]) -> dict[str, Found]:
        ids = list(dict.fromkeys(itertools.chain.from_iterable(wanted)))
        found: list[Found] = self._use(lambda sink: sink.find(ids))
        return {one.id: one for one in found}

    def _use(self, work: Any) -> Any:
        """Do something with the log, opened by its first use."""
        try:
            with self._using:
                if self._sink is None:
                    self._sink = open_sink(self.place)
                return work(self._sink)
        except Exception as error:  # a full disk, or a database that is away, in its own words
            self._sink = None
            what = error.what if isinstance(error, MulleError) else type(error).__name__
            retry = ((b"retry-after", b"5"),)
            raise HTTPError(503, "feedback-log-closed", retry, error=what) from error


class AnswerRows:
    """Answers as rows of the log; the thread that writes makes them."""

    __slots__ = ("_answers", "_loaded")

    def __init__(self, loaded: LoadedModel, answers: Sequence[Answer]) -> None:
        self._loaded, self._answers = loaded, answers

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        """Yield row by row `label` and `probabilities` by label, or `value`."""
        names = self._loaded.label_names
        for answer in self._answers:
            if names:
                by_label = dict(zip(names, answer.scores, strict=True))
                yield {"label": answer.label, "probabilities": by_label}
            else:
                yield {"value": answer.scores[0]}


def _has_all(found: dict[str, Found], wanted: Sequence[Sequence[str]]) -> bool:
    return all(any(id in found for id in ids) for ids in wanted)
