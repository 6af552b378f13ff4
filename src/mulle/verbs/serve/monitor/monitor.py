"""The monitor of a server: every version that carries a reference, for as long as it is served.

    answer -> buffer -> counting thread -> buckets -> files that all processes share
                                           GET /drift, the dashboard <- result <-'
                                    of one process: /metrics, alerts <-'

catalogue  watch-train-serve watch-serve-serve watch-alert srv-metrics
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulle.errors import MulleError, RunError
from mulle.files import write_text
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.monitor.buckets import FOLDER, prune
from mulle.verbs.serve.monitor.predictions import Predictions
from mulle.verbs.serve.monitor.traffic import Gauges, TrafficSnapshot
from mulle.verbs.serve.monitor.version import LoggedLabels, MonitorResult, VersionMonitor
from mulle.verbs.serve.redaction import RowRedaction

if TYPE_CHECKING:
    from mulle.verbs.serve.monitor.alerts import ModelAlerts
    from mulle.verbs.serve.service import Service

TICK = 2.0  # seconds between two looks at what is served, and two writings of what was counted
FRESH = 3.0  # seconds for which a result is used again
PRUNE_EVERY = 60.0  # seconds between two removals of old files
Key = tuple[str, str]
log = logging.getLogger("mulle.serve")


class DriftMonitor:
    """The versions that one process monitors.

    Args:
        service: the models that are served, and their settings.

    Attributes:
        predictions: the prediction log; None without one.

    Raises:
        MulleError: the log or the rules of alerts cannot be used.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        self.predictions: Predictions | None = None
        if self._settings.log_predictions:
            self.predictions = Predictions(
                self._settings.log_predictions,
                self._settings.log_settings,
                self._settings.workers,
                RowRedaction(self._settings, service.repository).known,
            )
            service.listeners.append(self.predictions.heard)
        self._labels = LoggedLabels(self.predictions.place) if self.predictions else None
        self._alerts = self._read_alerts()
        self._gauges = Gauges(service.metrics)
        self._owner = secrets.token_hex(6)
        file = self._settings.state_dir / FOLDER / "lease"
        self._lease = Lease(file, self._owner, 4 * TICK)
        self._versions: dict[Key, VersionMonitor] = {}
        self._unfit: dict[Key, LoadedModel] = {}
        self._results: dict[Key, MonitorResult] = {}
        self._comparing: dict[Key, asyncio.Lock] = {}
        self._following = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._counter = threading.Thread(target=self._keep_counting, name="monitor", daemon=True)
        self._warned = ""
        self._follow()  # what is there before the server starts, the collector leaves alone

    def _read_alerts(self) -> ModelAlerts | None:
        if not self._settings.alerts:
            return None
        from mulle.verbs.serve.monitor.alerts import ModelAlerts  # with SQL, which few need

        return ModelAlerts(self._settings)

    async def live(self) -> None:
        """Monitor while the server runs; at its end, keep what was counted and logged."""
        if not (self._settings.monitor_enabled or self.predictions or self._alerts):
            return
        try:
            await self._tick()
            self._counter.start()
            await asyncio.gather(self._keep_ticking(), self._keep_comparing())
        finally:
            await asyncio.to_thread(self._end)

    async def result(self, loaded: LoadedModel) -> MonitorResult:
        """Return the comparison of what a version answered lately.

        Raises:
            HTTPError: the version is not monitored (404).
        """
        key = loaded.name, loaded.version
        async with self._comparing.setdefault(key, asyncio.Lock()):
            if key not in self._versions and self._unfit.get(key) is not loaded:
                await asyncio.to_thread(self._follow)  # the server, or the version, is new
            found, version = self._results.get(key), self._versions.get(key)
            if version is None:
                raise HTTPError(404, "drift-none", name=loaded.name)
            if found is None or time.time() - found.at > FRESH:
                await asyncio.to_thread(version.count)
                found = await asyncio.to_thread(version.compare, self._labels)
                self._results[key] = found
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
            self._gauges.count_logged(self.predictions.log.state)

    def _follow(self) -> None:
        """Monitor what is served now, and share what was counted."""
        if not self._settings.monitor_enabled:
            return
        with self._following:
            served = {(m.name, m.version): m for m in self._service.repository.all()}
            for key in [key for key in self._versions if key not in served]:
                gone = self._versions.pop(key)
                gone.count()
                gone.share()
                self._results.pop(key, None)
            for key, loaded in served.items():
                if loaded.tap is None and self._unfit.get(key) is not loaded:
                    self._begin(key, loaded)
            for version in list(self._versions.values()):
                version.share()
                if version.trouble:
                    self._warn(version.trouble)

    def _begin(self, key: Key, loaded: LoadedModel) -> None:
        """Monitor a version from now on, if its bundle carries a reference."""
        version = self._versions.get(key)
        if version is None:
            state, span = self._settings.state_dir, self._settings.monitor_window
            try:
                version = VersionMonitor(loaded, state, span, self._owner, self._wake)
            except MulleError as error:
                self._unfit[key] = loaded
                self._warn(error)
                return
            if not version.reference.columns:
                self._unfit[key] = loaded
                return
            self._versions[key] = version
        version.loaded, loaded.tap = loaded, version.buffer

    async def _keep_comparing(self) -> None:
        snapshot = TrafficSnapshot(self._service.metrics)
        pruned = 0.0
        while True:
            await asyncio.sleep(self._settings.monitor_every)
            try:
                if self._lease.held:
                    await self._compare_all(snapshot.take())
                    if time.time() - pruned > PRUNE_EVERY:
                        pruned = time.time()
                        span = self._settings.monitor_window
                        await asyncio.to_thread(prune, self._settings.state_dir, pruned - 2 * span)
            except Exception as error:
                self._warn(error)

    async def _compare_all(self, traffic: dict[str, Any]) -> None:
        for key, version in list(self._versions.items()):
            result = await self.result(version.loaded)
            self._gauges.show(result)
            served = self._service.repository[key[0]]
            if self._alerts and key[1] == served.default:
                await asyncio.to_thread(self._alerts.check, version.loaded, result, traffic)
        self._gauges.clear(set(self._versions))

    def _keep_counting(self) -> None:
        """Count in a thread of its own, until the server ends."""
        while not self._stop.is_set():
            self._wake.wait(TICK)
            self._wake.clear()
            for version in list(self._versions.values()):
                try:
                    version.count()
                except Exception as error:
                    self._warn(error)

    def _end(self) -> None:
        self._stop.set()
        self._wake.set()
        for version in list(self._versions.values()):
            version.count()
            version.share()
        self._lease.release()
        if self.predictions:
            stuck = self.predictions.log.state.paused  # a full disk is not waited for
            self.predictions.log.close(1.0 if stuck else 10.0)

    def _warn(self, error: Exception | str) -> None:
        """Log what is wrong once, not every few seconds; answers do not depend on it."""
        what = error if isinstance(error, str) else getattr(error, "what", "") or repr(error)
        if what != self._warned:
            self._warned = what
            log.warning("monitor: %s", what)


class Lease:
    """The right of one of several processes to set the metrics and to send alerts.

    A file holds the name of the process that has the right, which writes it again at each tick. A
    process that finds the file old writes its own name, and has the right if that is still there at
    the next tick; so no process waits and no lock is left behind. For a tick two processes may have
    the right, when one was held up: what they do bears that.

    Args:
        path: the file.
        owner: name of this process that no other process has.
        seconds: age at which the file is old; several ticks.

    Attributes:
        held: whether this process has the right.
    """

    def __init__(self, path: Path, owner: str, seconds: float) -> None:
        self._path, self._owner, self._seconds = path, owner, seconds
        self.held = False

    def tick(self) -> None:
        """Renew the lease, or try to get an old one; called every few seconds."""
        holder, age = self._read()
        self.held = holder == self._owner
        if self.held or age > self._seconds:
            try:
                write_text(self._path, self._owner)
            except RunError:  # where nothing can be written, nothing can be shared
                self.held = True

    def release(self) -> None:
        """Let another process have the right at once."""
        if self.held and self._read()[0] == self._owner:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.held = False

    def _read(self) -> tuple[str, float]:
        try:
            age = time.time() - self._path.stat().st_mtime
            return self._path.read_text(encoding="utf-8"), age
        except (OSError, UnicodeDecodeError):
            return "", float("inf")
