"""The data plane that all protocols share: the model of a request, the rows it answers, the count.

`app.build_service` makes it and hands it the jobs, the router and the monitor, which know it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mulle.arrays import Array
from mulle.bundle import Explanation
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.http.limits import ROW_BYTES, Limits, WorkLimiter, off_loop
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.models import Answer, LoadedModel, ModelRepository, ReloadLog
from mulle.verbs.serve.settings import Settings

if TYPE_CHECKING:
    from mulle.verbs.serve.jobs import JobService
    from mulle.verbs.serve.monitor import DriftMonitor
    from mulle.verbs.serve.routing import Router

# Called with every answer: the model, the rows as sent, and an answer for each.
Listener = Callable[[Request, LoadedModel, Sequence[Any], Sequence[Answer]], None]
# Chooses the version for a request that names none; None leaves it to the repository.
Chooser = Callable[[Request, str], str | None]


class Service:
    """The models of one process, and what happens to a request for them.

    Args:
        settings: those of the server.
        repository: the models.
        metrics: the counters.

    Attributes:
        settings: those of the server.
        limits: what one request may send.
        work: how long the work on one request may take.
        repository: the models.
        metrics: the counters.
        choosers: choose the version of a request that names none; the first answer counts.
        listeners: called with every answer.
        jobs: rows that are answered in the background.
        router: chooses versions by policies.
        monitor: compares the rows that are served with the training rows.
    """

    jobs: JobService
    router: Router
    monitor: DriftMonitor

    def __init__(self, settings: Settings, repository: ModelRepository, metrics: Metrics) -> None:
        self.settings, self.repository, self.metrics = settings, repository, metrics
        self.limits, self.work = Limits.of(settings), WorkLimiter(settings.work_timeout)
        self.choosers: list[Chooser] = []
        self.listeners: list[Listener] = []
        self._count_batches(repository.all())

    def model(self, request: Request, name: str = "", version: str = "") -> LoadedModel:
        """Return the model that answers a request.

        Args:
            request: the request, in whose state the model is noted.
            name: name of the model; "" for the first.
            version: version or alias; "" leaves it to policies, then to the default.

        Raises:
            HTTPError: there is no such model or version (404).
        """
        loaded = None if version else self._choose(request, name)
        loaded = loaded or self.repository.get_model(name, version)
        request.state["loaded"] = loaded
        return loaded

    def _choose(self, request: Request, name: str) -> LoadedModel | None:
        """Ask the choosers; None without a choice, or where it has just been taken down."""
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
            HTTPError: the row has far too many columns (422).
        """
        try:
            answer = await loaded.predict_row(row)
        except (Exception, asyncio.CancelledError):
            self.metrics.predicted(loaded.name, loaded.version, 1, ok=False)
            raise
        self.metrics.predicted(loaded.name, loaded.version, 1)
        for listen in self.listeners:
            listen(request, loaded, (row,), (answer,))
        return answer

    async def predict_rows(
        self, request: Request, loaded: LoadedModel, rows: Any
    ) -> tuple[Array, Array | None]:
        """Answer many rows.

        Returns:
            Probabilities [N, C] and codes of the labels [N], or values [N] and None.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            HTTPError: there are too many rows (413), they have too many columns (422), or they take
                too long (503).
        """
        self.limits.check_rows(len(rows))
        try:
            scores, codes = await loaded.predict_rows(rows, time.monotonic() + self.work.seconds)
        except TimeoutError:
            self.metrics.predicted(loaded.name, loaded.version, 0, ok=False)
            raise self.work.error() from None
        except (Exception, asyncio.CancelledError):
            self.metrics.predicted(loaded.name, loaded.version, 0, ok=False)
            raise
        self.metrics.predicted(loaded.name, loaded.version, len(scores))
        if self.listeners:
            size = len(scores) * ROW_BYTES
            answers = await off_loop(size, loaded.to_answers, scores, codes)
            for listen in self.listeners:
                listen(request, loaded, rows, answers)
        return scores, codes

    async def explain_rows(self, loaded: LoadedModel, rows: Any) -> list[Explanation]:
        """Return for each row how its answer moves as each column takes its usual value.

        The model runs once for each column, and stops where that takes too long.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            HTTPError: there are too many rows (413), or they take too long (503).
        """
        self.limits.check_explained(len(rows))
        try:
            return await loaded.explain_rows(rows, time.monotonic() + self.work.seconds)
        except TimeoutError:
            raise self.work.error() from None

    async def keep_counts(self) -> None:
        """Hand the counts to Prometheus once a second, for as long as the server runs."""
        while True:
            await asyncio.sleep(1.0)
            self.metrics.hand_over()

    async def keep_fresh(self) -> None:
        """Look for replaced bundles and moved aliases, for as long as the server runs."""
        reload_log = ReloadLog(self.metrics, self.settings.lang)
        reload_log.note([], self.repository.failures)
        while self.settings.reload_seconds:
            await asyncio.sleep(self.settings.reload_seconds)
            try:
                changes = await asyncio.to_thread(self.repository.refresh)
            except Exception as error:  # reloading goes on, whatever happened to one look
                reload_log.note_fault(error)
                continue
            self._count_batches(changes.loaded)
            reload_log.note(changes.swaps, changes.failures)

    def _count_batches(self, models: Sequence[LoadedModel]) -> None:
        for loaded in models:
            loaded.batcher.observe = self.metrics.batches(loaded.name).observe
        if models:
            self.metrics.set_versions(self.repository.all())
