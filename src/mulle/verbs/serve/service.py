"""What all protocols share: which model answers, how rows reach it, and who hears of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mulle.arrays import Array
from mulle.verbs.serve.http import Refused, Request
from mulle.verbs.serve.jobs import Desk
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.models import Answer, Hosted, Shelf
from mulle.verbs.serve.routing import Router
from mulle.verbs.serve.settings import Settings
from mulle.verbs.serve.watching import Watching

# Who is told of answers: the model, the rows as sent, and an answer for each.
Listener = Callable[[Request, Hosted, Sequence[Any], Sequence[Answer]], None]
# Who chooses the version for a request that names none; None leaves it to the shelf.
Chooser = Callable[[Request, str], str | None]


class Service:
    """One process's models and counters.

    Attributes:
        settings: as the operator gave them.
        shelf: the models.
        metrics: the counters.
        choosers: asked in turn for the version of a request that names none.
        listeners: told of every answer, after it was made.
        jobs: what is answered in the background.
        router: the rules by which versions are chosen.
        watching: what is served, compared with what was learned from.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.shelf = Shelf(settings.models, settings.registry)
        self.choosers: list[Chooser] = []
        self.listeners: list[Listener] = []
        self.jobs = Desk(self)
        self.router = Router(self)
        self.watching = Watching(self)
        self._observe(self.shelf.all())

    def hosted(self, request: Request, name: str = "", version: str = "") -> Hosted:
        """The model that answers this request.

        Raises:
            Refused: there is no such model or version (404).
        """
        hosted = None if version else self._chosen(request, name)
        hosted = hosted or self.shelf.pick(name, version)
        request.state["hosted"] = hosted
        return hosted

    def _chosen(self, request: Request, name: str) -> Hosted | None:
        """What a rule chooses; None without one, or where its choice has just been taken down."""
        try:
            chosen = next((v for choose in self.choosers if (v := choose(request, name))), "")
            return self.shelf.pick(name, chosen) if chosen else None
        except Refused:
            return None

    async def one(self, request: Request, hosted: Hosted, row: Mapping[str, Any]) -> Answer:
        """Answer one row.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        _check_width(hosted, row)
        try:
            answer = await hosted.one(row)
        except Exception:
            self.metrics.predicted(hosted.name, hosted.version, 1, ok=False)
            raise
        self.metrics.predicted(hosted.name, hosted.version, 1)
        for listen in self.listeners:
            listen(request, hosted, (row,), (answer,))
        return answer

    async def many(self, request: Request, hosted: Hosted, rows: Any) -> tuple[Array, Array | None]:
        """Answer many rows: probabilities [N, C] and codes [N], or values [N] and None.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            Refused: too many rows (413), or they took too long (503).
        """
        limit = self.settings.max_rows
        if len(rows) > limit:
            raise Refused(413, "rows-many", rows=len(rows), limit=limit)
        _check_rows(hosted, rows)
        try:
            async with asyncio.timeout(self.settings.work_timeout):
                scores, codes = await hosted.many(rows)
        except TimeoutError:
            self.metrics.predicted(hosted.name, hosted.version, 0, ok=False)
            seconds = self.settings.work_timeout
            raise Refused(503, "work-slow", ((b"retry-after", b"1"),), seconds=seconds) from None
        except Exception:
            self.metrics.predicted(hosted.name, hosted.version, 0, ok=False)
            raise
        self.metrics.predicted(hosted.name, hosted.version, len(scores))
        if self.listeners:
            answers = hosted.answers(scores, codes)
            for listen in self.listeners:
                listen(request, hosted, rows, answers)
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
            seen = len(self.shelf.failures)
            changes = await asyncio.to_thread(self.shelf.refresh)
            self._observe(changes.loaded)
            if len(changes.failures) > seen:
                self.metrics.reload_failures.inc(len(changes.failures) - seen)

    def _observe(self, loaded: Sequence[Hosted]) -> None:
        for hosted in loaded:
            hosted.batcher.observe = self.metrics.batches(hosted.name).observe
        if loaded:
            self.metrics.shelved(self.shelf)


def _check_width(hosted: Hosted, row: Mapping[str, Any]) -> None:
    """Names that nobody asked for are ignored, but not any number of them."""
    if len(row) > hosted.most_columns:
        raise Refused(422, "row-wide", columns=len(row), limit=hosted.most_columns)


def _check_rows(hosted: Hosted, rows: Any) -> None:
    """Each row has all columns, as a lone one must; in a table of all a gap would be a null."""
    names = hosted.names
    for row in rows if isinstance(rows, list) else ():
        _check_width(hosted, row)
        if not names <= row.keys():
            hosted.read(row)
