"""Resolvers: the rows of a query go through the service, in the server's own loop, like all rows.

A query of many rows is worked on in a thread, so that others are answered meanwhile; its rows are
handed back to the loop, where they are batched, routed and counted like any others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from mulle.bundle import Contribution, Explanation
from mulle.verbs.serve.http import Request
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.protocols.graphql.limits import MAX_ROWS
from mulle.verbs.serve.service import Service

Row = Mapping[str, Any]
_T = TypeVar("_T")


class QueryContext:
    """The context of one query while it is answered.

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
        self._until = time.monotonic() + service.work.seconds

    async def predictions(self, model: str, rows: list[Row], version: str) -> list[dict[str, Any]]:
        """Return a prediction for each row, as the schema's `Prediction`.

        Raises:
            PredictionError: a value cannot be read.
            HTTPError: too many rows (413), or no such version (404).
        """
        self._rows += len(rows)
        self.service.limits.check_rows(self._rows, MAX_ROWS)
        loaded = self.service.model(self.request, model, version)
        whys = _Whys(self, loaded, rows)
        answers = await self.run_in_loop(self._answers(loaded, rows))
        return [_describe_prediction(loaded, a, whys, at) for at, a in enumerate(answers)]

    async def _answers(self, loaded: LoadedModel, rows: list[Row]) -> list[Answer]:
        if len(rows) == 1:
            return [await self.service.predict_row(self.request, loaded, rows[0])]
        return loaded.to_answers(*await self.service.predict_rows(self.request, loaded, rows))

    def explain(self, rows: int) -> None:
        """Count rows to explain.

        Raises:
            HTTPError: there are too many of them (413).
        """
        self._explained += rows
        self.service.limits.check_explained(self._explained)

    def check_time(self) -> None:
        """End a query that has taken too long; a thread cannot be ended from outside.

        Raises:
            HTTPError: it has (503).
        """
        if time.monotonic() > self._until:
            raise self.service.work.error()

    def run_in_loop(self, work: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        """Run work in the server's loop, from whichever thread."""
        if asyncio.get_running_loop() is self._loop:
            return work
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


class _Whys:
    """The explanations of all rows of one field, computed together when the first is needed."""

    def __init__(self, context: QueryContext, loaded: LoadedModel, rows: list[Row]) -> None:
        self._context, self._loaded, self._rows = context, loaded, rows
        self._work: asyncio.Future[list[Explanation]] | None = None

    async def parts(self, at: int, top: int | None) -> list[dict[str, Any]]:
        if self._work is None:
            self._context.explain(len(self._rows))
            loaded, rows = self._loaded, self._rows
            work = self._context.service.explain_rows(loaded, rows)
            self._work = asyncio.ensure_future(self._context.run_in_loop(work))
        whys = await self._work
        self._context.check_time()
        named = self._context.columns.get(self._loaded.name, {})
        parts = whys[at].contributions if top is None else whys[at].contributions[: max(top, 0)]
        return [_describe_part(part, named) for part in parts]


def predict(model: str) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Return the resolver of a model's predictions."""

    async def resolve(
        _root: Any, info: Any, rows: list[Row], version: str | None = None
    ) -> list[dict[str, Any]]:
        context: QueryContext = info.context
        return await context.predictions(model, rows, version or "")

    return resolve


async def why(prediction: Mapping[str, Any], _info: Any, top: int | None = None) -> Any:
    """Resolve `why`."""
    whys, at = prediction["why"]
    return await whys.parts(at, top)


def _describe_prediction(
    loaded: LoadedModel, answer: Answer, whys: _Whys, at: int
) -> dict[str, Any]:
    described: dict[str, Any] = {"model": loaded.name, "version": loaded.version, "why": (whys, at)}
    if not loaded.labels:
        return described | {"value": answer.scores[0]}
    pairs = zip(loaded.label_names, answer.scores, strict=True)
    return described | {
        "label": loaded.label_names[loaded.labels.index(answer.label)],  # type: ignore[arg-type]
        "probabilities": [{"label": label, "probability": p} for label, p in pairs],
    }


def _describe_part(part: Contribution, named: dict[str, str]) -> dict[str, Any]:
    return {
        "column": part.column,
        "field": named.get(part.column),
        "value": part.value,
        "usual": part.usual,
        "change": part.change,
    }
