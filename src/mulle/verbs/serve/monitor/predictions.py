"""The prediction log of a server: rows as they were sent, what was answered, later their labels.

Each answer tells the id under which its label is taken, as X-Prediction-Id: that of the routing
rule, else the X-Request-Id that the caller gave, else one of ours. Row n of several is ID/n.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from mulle.errors import MulleError
from mulle.times import micros
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.watch.log import Attached, LogSettings, PredictionLog
from mulle.verbs.watch.log.entry import to_json
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.sink import Sink

_LOGGED = "logged"  # in a request's state: the id, and how many of its rows were handed over


class Predictions:
    """Hands answers to the log, and labels.

    Args:
        place: of the log.
        settings: what is kept.

    Raises:
        UsageError, RunError: see `PredictionLog`.
    """

    def __init__(self, place: str, settings: LogSettings) -> None:
        self.place, self.log = place, PredictionLog(place, settings)
        self._prefix, self._numbers = secrets.token_hex(6), itertools.count(1)
        self._labels: Sink | None = None
        self._labelling = threading.Lock()

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
            rows, Told(loaded, answers), model=loaded.name, version=loaded.version,
            request_id=id, ids=ids,
        )  # fmt: skip

    def attach(self, pairs: Sequence[tuple[str, Any]]) -> Attached:
        """Add labels by id; of two for one id the last counts.

        Raises:
            HTTPError: the log cannot be written now (503).
        """
        try:
            with self._labelling:
                if self._labels is None:
                    self._labels = open_sink(self.place)
                given = [(id, to_json(label)) for id, label in pairs]
                return Attached(len(given), self._labels.label(given, micros()))
        except Exception as error:  # a full disk, or a database that is away, in its own words
            self._labels = None
            what = error.what if isinstance(error, MulleError) else type(error).__name__
            raise HTTPError(503, "labels-closed", ((b"retry-after", b"5"),), reason=what) from error


class Told:
    """Answers as the log has them, put into words by the thread that writes."""

    __slots__ = ("_answers", "_loaded")

    def __init__(self, loaded: LoadedModel, answers: Sequence[Answer]) -> None:
        self._loaded, self._answers = loaded, answers

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        """Row by row: `label` and `probabilities` by label, or `value`."""
        names = self._loaded.label_names
        for answer in self._answers:
            if names:
                by_label = dict(zip(names, answer.scores, strict=True))
                yield {"label": answer.label, "probabilities": by_label}
            else:
                yield {"value": answer.scores[0]}
