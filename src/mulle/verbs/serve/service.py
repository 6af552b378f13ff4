"""What all protocols share: which model answers, how rows reach it, and who hears of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mulle.arrays import Array
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.jobs import Desk
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.models import Answer, LoadedModel, ModelRepository
from mulle.verbs.serve.monitor import DriftMonitor
from mulle.verbs.serve.routing import Router
from mulle.verbs.serve.settings import Settings

# Who is told of answers: the model, the rows as sent, and an answer for each.
Listener = Callable[[Request, LoadedModel, Sequence[Any], Sequence[Answer]], None]
# Who chooses the version for a request that names none; None leaves it to the repository.
Chooser = Callable[[Request, str], str | None]


class Service:
    """One process's models and counters.

    Attributes:
        settings: as the operator gave them.
        repository: the models.
        metrics: the counters.
        choosers: asked in turn for the version of a request that names none.
        listeners: told of every answer, after it was made.
        jobs: what is answered in the background.
        router: the rules by which versions are chosen.
        monitor: compares what is served with the training rows.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.repository = ModelRepository(settings.models, settings.registry)
        self.choosers: list[Chooser] = []
        self.listeners: list[Listener] = []
        self.jobs = Desk(self)
        self.router = Router(self)
        self.monitor = DriftMonitor(self)
        self._observe(self.repository.all())

    def model(self, request: Request, name: str = "", version: str = "") -> LoadedModel:
        """The model that answers this request.

        Raises:
            HTTPError: there is no such model or version (404).
        """
        loaded = None if version else self._chosen(request, name)
        loaded = loaded or self.repository.get_model(name, version)
        request.state["loaded"] = loaded
        return loaded

    def _chosen(self, request: Request, name: str) -> LoadedModel | None:
        """What a rule chooses; None without one, or where its choice has just been taken down."""
        try:
            chosen = next((v for choose in self.choosers if (v := choose(request, name))), "")
            return self.repository.get_model(name, chosen) if chosen else None
        except HTTPError:
            return None

    async def predict_row(
        self, request: Request, loaded: LoadedModel, row: Mapping[str, Any]
    ) -> Answer:
        """Answer one row.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        _check_width(loaded, row)
        try:
            answer = await loaded.predict_row(row)
        except Exception:
            self.metrics.predicted(loaded.name, loaded.version, 1, ok=False)
            raise
        self.metrics.predicted(loaded.name, loaded.version, 1)
        for listen in self.listeners:
            listen(request, loaded, (row,), (answer,))
        return answer

    async def predict_rows(
        self, request: Request, loaded: LoadedModel, rows: Any
    ) -> tuple[Array, Array | None]:
        """Answer many rows: probabilities [N, C] and codes [N], or values [N] and None.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            HTTPError: too many rows (413), or they took too long (503).
        """
        limit = self.settings.max_rows
        if len(rows) > limit:
            raise HTTPError(413, "rows-many", rows=len(rows), limit=limit)
        _check_rows(loaded, rows)
        try:
            async with asyncio.timeout(self.settings.work_timeout):
                scores, codes = await loaded.predict_rows(rows)
        except TimeoutError:
            self.metrics.predicted(loaded.name, loaded.version, 0, ok=False)
            seconds = self.settings.work_timeout
            raise HTTPError(503, "work-slow", ((b"retry-after", b"1"),), seconds=seconds) from None
        except Exception:
            self.metrics.predicted(loaded.name, loaded.version, 0, ok=False)
            raise
        self.metrics.predicted(loaded.name, loaded.version, len(scores))
        if self.listeners:
            answers = loaded.to_answers(scores, codes)
            for listen in self.listeners:
                listen(request, loaded, rows, answers)
        return scores, codes

    async def keep_counts(self) -> None:
        """Hand the counts over once a second, for as long as the server runs."""
        while True:
            await asyncio.sleep(1.0)
            self.metrics.hand_over()

    async def keep_fresh(self) -> None:
        """Look for replaced bundles and moved aliases, for as long as the server runs."""
        while self.settings.reload_seconds:
            await asyncio.sleep(self.settings.reload_seconds)
            seen = len(self.repository.failures)
            changes = await asyncio.to_thread(self.repository.refresh)
            self._observe(changes.loaded)
            if len(changes.failures) > seen:
                self.metrics.reload_failures.inc(len(changes.failures) - seen)

    def _observe(self, models: Sequence[LoadedModel]) -> None:
        for loaded in models:
            loaded.batcher.observe = self.metrics.batches(loaded.name).observe
        if models:
            self.metrics.shelved(self.repository)


def _check_width(loaded: LoadedModel, row: Mapping[str, Any]) -> None:
    """Names that nobody asked for are ignored, but not any number of them."""
    if len(row) > loaded.max_columns:
        raise HTTPError(422, "row-wide", columns=len(row), limit=loaded.max_columns)


def _check_rows(loaded: LoadedModel, rows: Any) -> None:
    """Each row has all columns, as a lone one must; in a table of all a gap would be a null."""
    names = loaded.names
    for row in rows if isinstance(rows, list) else ():
        _check_width(loaded, row)
        if not names <= row.keys():
            loaded.read_row(row)
