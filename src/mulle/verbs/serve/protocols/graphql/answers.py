"""Resolvers: rows of a query go where all rows go, through the service, in the server's own loop.

A query of many rows is worked on in a thread, so that others are answered meanwhile; its rows are
handed back to the loop, where they are batched, routed and counted like any others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from mulle.bundle import Contribution, Explanation
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.protocols.graphql.limits import ROWS, WHY
from mulle.verbs.serve.service import Service

Row = Mapping[str, Any]
_T = TypeVar("_T")


class Asking:
    """One query while it is answered.

    Args:
        service: answers rows.
        request: the query came with it.
        columns: by model and column, what the schema calls it.
    """

    def __init__(
        self, service: Service, request: Request, columns: dict[str, dict[str, str]]
    ) -> None:
        self.service, self.request, self.columns = service, request, columns
        self._loop = asyncio.get_running_loop()
        self._rows = self._explained = 0

    async def predictions(self, model: str, rows: list[Row], version: str) -> list[dict[str, Any]]:
        """An answer for each row, each as the schema's `Prediction`.

        Raises:
            PredictionError: a value cannot be read.
            HTTPError: too many rows (413), or no such version (404).
        """
        self._rows += len(rows)
        limit = min(ROWS, self.service.settings.max_rows)
        if self._rows > limit:
            raise HTTPError(413, "rows-many", rows=self._rows, limit=limit)
        loaded = self.service.model(self.request, model, version)
        whys = _Whys(self, loaded, rows)
        answers = await self.in_loop(self._answers(loaded, rows))
        return [_prediction(loaded, a, whys, at) for at, a in enumerate(answers)]

    async def _answers(self, loaded: LoadedModel, rows: list[Row]) -> list[Answer]:
        if len(rows) == 1:
            return [await self.service.predict_row(self.request, loaded, rows[0])]
        return loaded.to_answers(*await self.service.predict_rows(self.request, loaded, rows))

    def explain(self, rows: int) -> None:
        """Take note of rows to explain.

        Raises:
            HTTPError: there are too many of them (413).
        """
        self._explained += rows
        if self._explained > WHY:
            raise HTTPError(413, "rows-many", rows=self._explained, limit=WHY)

    def in_loop(self, work: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        """Do it in the server's loop, wherever the query is worked on."""
        if asyncio.get_running_loop() is self._loop:
            return work
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


class _Whys:
    """The parts of all rows of one field, computed together as soon as one is asked for."""

    def __init__(self, asking: Asking, loaded: LoadedModel, rows: list[Row]) -> None:
        self._asking, self._loaded, self._rows = asking, loaded, rows
        self._work: asyncio.Future[list[Explanation]] | None = None

    async def parts(self, at: int, top: int | None) -> list[dict[str, Any]]:
        if self._work is None:
            self._asking.explain(len(self._rows))
            loaded, rows = self._loaded, self._rows
            self._work = asyncio.ensure_future(self._asking.in_loop(loaded.explain(rows)))
        whys = await self._work
        named = self._asking.columns.get(self._loaded.name, {})
        parts = whys[at].contributions if top is None else whys[at].contributions[: max(top, 0)]
        return [_part(part, named) for part in parts]


def predict(model: str) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """The resolver of a model's predictions."""

    async def resolve(
        _root: Any, info: Any, rows: list[Row], version: str | None = None
    ) -> list[dict[str, Any]]:
        asking: Asking = info.context
        return await asking.predictions(model, rows, version or "")

    return resolve


async def why(prediction: Mapping[str, Any], _info: Any, top: int | None = None) -> Any:
    """The resolver of `why`."""
    whys, at = prediction["why"]
    return await whys.parts(at, top)


def _prediction(loaded: LoadedModel, answer: Answer, whys: _Whys, at: int) -> dict[str, Any]:
    said: dict[str, Any] = {"model": loaded.name, "version": loaded.version, "why": (whys, at)}
    if not loaded.labels:
        return said | {"value": answer.scores[0]}
    pairs = zip(loaded.label_names, answer.scores, strict=True)
    return said | {
        "label": loaded.label_names[loaded.labels.index(answer.label)],  # type: ignore[arg-type]
        "probabilities": [{"label": label, "probability": p} for label, p in pairs],
    }


def _part(part: Contribution, named: dict[str, str]) -> dict[str, Any]:
    return {
        "column": part.column,
        "field": named.get(part.column),
        "value": part.value,
        "usual": part.usual,
        "change": part.change,
    }
