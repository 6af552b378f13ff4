"""The watch inside a server: every version that carries a reference, for as long as it serves.

    answer -> tap -> counting thread -> pieces -> files that all processes share
                                          GET /drift, the dashboard <- verdict <-'
                                     the one process: /metrics, alerts <-'

catalogue  watch-train-serve watch-serve-serve watch-alert srv-metrics
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.watching.figures import Figures
from mulle.verbs.serve.watching.folder import prune
from mulle.verbs.serve.watching.gauges import Gauges
from mulle.verbs.serve.watching.judge import Judged, judge
from mulle.verbs.serve.watching.lease import Lease
from mulle.verbs.serve.watching.predictions import Predictions
from mulle.verbs.serve.watching.truth import Truth
from mulle.verbs.serve.watching.watched import Watched

if TYPE_CHECKING:
    from mulle.verbs.serve.service import Service
    from mulle.verbs.serve.watching.alarms import Alarms

TICK = 2.0  # seconds between two looks at what is served, and two writings of what was counted
FRESH = 3.0  # seconds for which a verdict is not made again
Key = tuple[str, str]
log = logging.getLogger("mulle.verbs.serve.watching")


class Watching:
    """What one process watches.

    Args:
        service: whose models they are.

    Attributes:
        predictions: the log; None without one.

    Raises:
        MulleError: the log or the rules of alerts cannot be used.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        self.predictions: Predictions | None = None
        if self._settings.log_predictions:
            self.predictions = Predictions(
                self._settings.log_predictions, self._settings.log_settings
            )
            service.listeners.append(self.predictions.heard)
        self._truth = Truth(self.predictions.place) if self.predictions else None
        self._alarms = self._read_alarms()
        self._gauges = Gauges(service.metrics)
        self._owner = secrets.token_hex(6)
        file = self._settings.state_dir / "watch" / "lease"
        self._lease = Lease(file, self._owner, 4 * TICK)
        self._watched: dict[Key, Watched] = {}
        self._unfit: dict[Key, LoadedModel] = {}
        self._judged: dict[Key, Judged] = {}
        self._judging: dict[Key, asyncio.Lock] = {}
        self._following = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._counter = threading.Thread(target=self._count_on, name="watch", daemon=True)
        self._warned = ""
        self._follow()  # what is there before the server starts, the collector leaves alone

    def _read_alarms(self) -> Alarms | None:
        if not self._settings.alerts:
            return None
        from mulle.verbs.serve.watching.alarms import Alarms  # with SQL, which few servers need

        return Alarms(self._settings)

    async def live(self) -> None:
        """Watch for as long as the server runs; at its end, keep what was counted and logged."""
        if not (self._settings.watch or self.predictions or self._alarms):
            return
        try:
            await self._tick()
            self._counter.start()
            await asyncio.gather(self._keep_ticking(), self._keep_judging())
        finally:
            await asyncio.to_thread(self._end)

    async def judged(self, loaded: LoadedModel) -> Judged:
        """The verdict on what a version answered lately.

        Raises:
            HTTPError: it is not watched (404).
        """
        key = loaded.name, loaded.version
        async with self._judging.setdefault(key, asyncio.Lock()):
            if key not in self._watched and self._unfit.get(key) is not loaded:
                await asyncio.to_thread(self._follow)  # the server, or the version, is new
            found, watched = self._judged.get(key), self._watched.get(key)
            if watched is None:
                raise HTTPError(404, "drift-none", name=loaded.name)
            if found is None or time.time() - found.at > FRESH:
                await asyncio.to_thread(watched.count)
                found = await asyncio.to_thread(judge, watched, self._truth)
                self._judged[key] = found
            return found

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                await self._tick()
            except Exception as error:
                self._warn(error)

    async def _tick(self) -> None:
        await asyncio.to_thread(self._follow)
        await asyncio.to_thread(self._lease.tick)
        if self.predictions:
            self._gauges.log(self.predictions.log.state)

    def _follow(self) -> None:
        """Watch what is served now, and share what was counted."""
        if not self._settings.watch:
            return
        with self._following:
            served = {(h.name, h.version): h for h in self._service.repository.all()}
            for key in [key for key in self._watched if key not in served]:
                gone = self._watched.pop(key)
                gone.count()
                gone.share()
                self._judged.pop(key, None)
            for key, loaded in served.items():
                if loaded.tap is None and self._unfit.get(key) is not loaded:
                    self._begin(key, loaded)
            for watched in list(self._watched.values()):
                watched.share()
                if watched.trouble:
                    self._warn(watched.trouble)

    def _begin(self, key: Key, loaded: LoadedModel) -> None:
        """Watch a version from now on, if its bundle says what it learned from."""
        watched = self._watched.get(key)
        if watched is None:
            state, span = self._settings.state_dir, self._settings.watch_window
            try:
                watched = Watched(loaded, state, span, self._owner, self._wake)
            except MulleError as error:
                self._unfit[key] = loaded
                self._warn(error)
                return
            if not watched.reference.columns:
                self._unfit[key] = loaded
                return
            self._watched[key] = watched
        watched.loaded, loaded.tap = loaded, watched.tap

    async def _keep_judging(self) -> None:
        figures = Figures(self._service.metrics)
        pruned = 0.0
        while True:
            await asyncio.sleep(self._settings.watch_every)
            try:
                if self._lease.held:
                    await self._judge_all(figures.taken())
                    if time.time() - pruned > 60:
                        pruned = time.time()
                        span = self._settings.watch_window
                        await asyncio.to_thread(prune, self._settings.state_dir, pruned - 2 * span)
            except Exception as error:
                self._warn(error)

    async def _judge_all(self, figures: dict[str, Any]) -> None:
        for key, watched in list(self._watched.items()):
            judged = await self.judged(watched.loaded)
            self._gauges.show(judged)
            served = self._service.repository[key[0]]
            if self._alarms and key[1] == served.default:
                await asyncio.to_thread(self._alarms.check, watched.loaded, judged, figures)
        self._gauges.forget(set(self._watched))

    def _count_on(self) -> None:
        """The counting thread."""
        while not self._stop.is_set():
            self._wake.wait(TICK)
            self._wake.clear()
            for watched in list(self._watched.values()):
                try:
                    watched.count()
                except Exception as error:
                    self._warn(error)

    def _end(self) -> None:
        self._stop.set()
        self._wake.set()
        for watched in list(self._watched.values()):
            watched.count()
            watched.share()
        self._lease.release()
        if self.predictions:
            stuck = self.predictions.log.state.paused  # a full disk is not waited for
            self.predictions.log.close(1.0 if stuck else 10.0)

    def _warn(self, error: Exception | str) -> None:
        """Say what is wrong once, not every few seconds; answers do not depend on it."""
        what = error if isinstance(error, str) else getattr(error, "what", "") or repr(error)
        if what != self._warned:
            self._warned = what
            log.warning("watching: %s", what)
