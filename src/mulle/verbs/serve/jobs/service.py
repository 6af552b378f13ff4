"""Jobs as the protocols see them: submit, look up, cancel, remove.

Nothing is opened before it is needed: a server that is sent no job has no thread, no database and
no SQL library in memory. A process that finds a database of jobs begins to work on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import threading
from functools import cached_property
from typing import TYPE_CHECKING

from prometheus_client import Counter

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.http.limits import JobLimits
from mulle.verbs.serve.jobs.files import JobFiles
from mulle.verbs.serve.jobs.job import Job, Status

if TYPE_CHECKING:
    from mulle.store.database import Database
    from mulle.verbs.serve.jobs.bundles import KeptBundles
    from mulle.verbs.serve.jobs.store import JobStore
    from mulle.verbs.serve.jobs.worker import Worker
    from mulle.verbs.serve.metrics import Metrics
    from mulle.verbs.serve.models import ModelRepository
    from mulle.verbs.serve.settings import Settings

_LOOK = 2.0  # seconds between two looks for a database that another process began


class JobService:
    """The jobs of a server, as one of its processes sees them.

    Args:
        settings: those of the server.
        repository: the models that answer.
        metrics: counters of the process, which two are added to.

    Attributes:
        settings: those of the server.
        files: folders of the jobs.
    """

    def __init__(self, settings: Settings, repository: ModelRepository, metrics: Metrics) -> None:
        self.settings, self._repository = settings, repository
        self.files = JobFiles(settings.state_dir)
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        own = metrics.registry
        self._ended = Counter("jobs_ended", "Jobs that ended.", ["status"], registry=own)
        self._rows = Counter("job_rows", "Rows that jobs answered.", ["model"], registry=own)

    @cached_property
    def bundles(self) -> KeptBundles:
        """Bundles that are kept for jobs."""
        from mulle.verbs.serve.jobs.bundles import KeptBundles

        return KeptBundles(self.settings.state_dir, self._repository)

    def connect(self) -> JobStore:
        """Return the store of jobs, with a worker at work on it; call this in a thread.

        Raises:
            HTTPError: the database cannot be opened (503).
        """
        try:
            with self._lock:
                store = self._store
                if self._worker is None:
                    self._worker = self._start_worker(store)
        except (MulleError, OSError) as error:
            reason = error.code if isinstance(error, MulleError) else str(error.strerror)
            raise HTTPError(503, "jobs-closed", reason=reason) from error
        return store

    def exists(self) -> bool:
        """Return whether there is a database of jobs."""
        return bool(self.settings.database) or (self.settings.state_dir / "jobs.db").exists()

    def cancel_or_remove(self, job: Job) -> tuple[Job, bool]:
        """Cancel a job, or forget one that has ended; return it and whether it was cancelled.

        Raises:
            HTTPError: the database cannot be opened (503).
        """
        store = self.connect()
        cancelled = store.cancel(job.id)
        if not cancelled:
            store.remove(job.id)
        self.files.remove(job.id)  # a worker notices at the end of a chunk
        self.wake()
        return store.get(job.id) or job, cancelled

    def wake(self) -> None:
        """Let the worker look for a new job at once."""
        if self._worker:
            self._worker.wake()

    async def run(self) -> None:
        """Work on jobs for as long as the server runs."""
        try:
            while True:
                if self._worker is None and await asyncio.to_thread(self.exists):
                    await asyncio.to_thread(self._try_to_open)
                await asyncio.sleep(_LOOK)
        finally:
            if self._worker:
                await asyncio.to_thread(self._worker.stop, self.settings.drain_timeout)

    @cached_property
    def _store(self) -> JobStore:
        from mulle.verbs.serve.jobs.store import JobStore

        process = f"{os.getpid()}-{secrets.token_hex(8)}"
        return JobStore(self._database, process, self.files.home(), self.settings.jobs_lease)

    @cached_property
    def _database(self) -> Database:
        from mulle.verbs.serve.jobs.store import open_jobs

        return open_jobs(self.settings.state_dir, self.settings.database)

    def _try_to_open(self) -> None:
        with contextlib.suppress(HTTPError):  # /jobs answers with it; predictions go on
            self.connect()

    def _start_worker(self, store: JobStore) -> Worker:
        from mulle.verbs.serve.jobs.files import clean_up
        from mulle.verbs.serve.jobs.runner import Runner
        from mulle.verbs.serve.jobs.webhooks import Webhooks
        from mulle.verbs.serve.jobs.worker import Worker

        stop, settings = threading.Event(), self.settings
        limits, hides = JobLimits.of(settings), settings.log_settings.redaction.hides
        runner = Runner(
            store, self.files, self.bundles, settings.data_dir, stop, self._count, limits, hides
        )
        webhooks = Webhooks(store, private=settings.allow_private_webhooks)

        def clean() -> None:
            clean_up(store, self.files, self.bundles, settings.jobs_keep_days)

        return Worker(store, runner, webhooks, clean, stop)

    def _count(self, job: Job, status: Status | None, rows: int) -> None:
        if status:
            self._ended.labels(status.value).inc()
        self._rows.labels(job.model).inc(rows)
