"""Where jobs are handed in and asked for: all that the protocols know of them.

Nothing is opened before it is needed: a server that is sent no job has no thread, no database and
no SQL library in memory. A process that finds a book of jobs begins to work on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import Counter

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.jobs.files import Files
from mulle.verbs.serve.jobs.job import Job, Status
from mulle.verbs.serve.jobs.said import brief

if TYPE_CHECKING:
    from mulle.store.database import Database
    from mulle.verbs.serve.jobs.book import Book
    from mulle.verbs.serve.jobs.bundles import Bundles
    from mulle.verbs.serve.jobs.worker import Worker
    from mulle.verbs.serve.service import Service

_LOOK = 2.0  # seconds between two looks for a book that another process began


class Desk:
    """The jobs of a server, as one of its processes sees them.

    Attributes:
        files: the jobs' folders.
    """

    def __init__(self, service: Service) -> None:
        self.settings, self._repository = service.settings, service.repository
        self.files = Files(self.settings.state_dir)
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        own = service.metrics.registry
        self._ended = Counter("jobs_ended", "Jobs that ended.", ["status"], registry=own)
        self._rows = Counter("job_rows", "Rows that jobs answered.", ["model"], registry=own)

    @cached_property
    def bundles(self) -> Bundles:
        """The bundles kept for jobs."""
        from mulle.verbs.serve.jobs.bundles import Bundles

        return Bundles(self.settings.state_dir, self._repository)

    def book(self) -> Book:
        """The book of jobs, with somebody at work on it; call it from a thread.

        Raises:
            HTTPError: it cannot be opened (503).
        """
        from mulle.verbs.serve.jobs.book import Book

        try:
            with self._lock:
                database = self._database
                if self._worker is None:
                    self._worker = self._hire(database)
        except (MulleError, OSError) as error:
            raise HTTPError(503, "jobs-closed", reason=getattr(error, "code", "disk")) from error
        return Book(database)

    def remove(self, job: Job) -> tuple[Job, bool]:
        """Cancel a job, or forget one that has ended; the job, and whether it was cancelled.

        Raises:
            HTTPError: the book cannot be opened (503).
        """
        book = self.book()
        cancelled = book.cancel(job.id, time.time())
        if not cancelled:
            book.remove(job.id)
        self.files.remove(job.id)  # who works on it notices at the end of a chunk
        self.wake()
        return book.get(job.id) or job, cancelled

    def wake(self) -> None:
        """There is a new job."""
        if self._worker:
            self._worker.wake()

    async def live(self) -> None:
        """Work on jobs for as long as the server runs."""
        try:
            while True:
                if self._worker is None and await asyncio.to_thread(self.exists):
                    await asyncio.to_thread(self._try_to_open)
                await asyncio.sleep(_LOOK)
        finally:
            if self._worker:
                await asyncio.to_thread(self._worker.end, self.settings.drain_timeout)

    @cached_property
    def _database(self) -> Database:
        from mulle.verbs.serve.jobs.tables import open_jobs

        return open_jobs(self.settings.state_dir, self.settings.database)

    def exists(self) -> bool:
        """Whether there is a book of jobs."""
        return bool(self.settings.database) or (self.settings.state_dir / "jobs.db").exists()

    def _try_to_open(self) -> None:
        with contextlib.suppress(HTTPError):  # who asks for jobs is told; all others are served
            self.book()

    def _hire(self, database: Database) -> Worker:
        from mulle.verbs.serve.jobs.book import Book
        from mulle.verbs.serve.jobs.calls import Calls
        from mulle.verbs.serve.jobs.leases import Leases
        from mulle.verbs.serve.jobs.running import Runner
        from mulle.verbs.serve.jobs.sweep import sweep
        from mulle.verbs.serve.jobs.worker import Worker

        stop, book = threading.Event(), Book(database)
        owner = f"{os.getpid()}-{secrets.token_hex(8)}"
        leases = Leases(database, owner, self.files.home(), self.settings.job_lease)
        data: Path | None = self.settings.data_dir
        runner = Runner(leases, self.files, self.bundles, data, stop, self._counted)
        calls = Calls(database, brief, private=self.settings.allow_private_webhooks)
        keep = self.settings.keep_jobs
        return Worker(
            leases, runner, calls, lambda: sweep(book, self.files, self.bundles, keep), stop
        )

    def _counted(self, job: Job, status: Status | None, rows: int) -> None:
        if status:
            self._ended.labels(status.value).inc()
        self._rows.labels(job.model).inc(rows)
