"""Who is to be told of a job's end, and when it is tried again; a restart forgets none of it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from mulle.store.database import Database
from mulle.verbs.serve.jobs.book import Book
from mulle.verbs.serve.jobs.job import Job
from mulle.verbs.serve.jobs.tables import jobs
from mulle.verbs.serve.jobs.webhook import SECRET, TIMEOUT, NotTold, call

PAUSES = (1.0, 4.0, 16.0, 60.0, 300.0, 1800.0, 7200.0)  # seconds before the second try, and so on
log = logging.getLogger("mulle.serve")


class Calls:
    """The calls that are due.

    Args:
        told: what a job's end is told as.
        private: see `call`.
    """

    def __init__(
        self, database: Database, told: Callable[[Job], dict[str, object]], *, private: bool
    ) -> None:
        self._database, self._book = database, Book(database)
        self._told, self._private = told, private

    def send_due(self) -> bool:
        """Make one call that is due; whether there was one."""
        job = self._claim()
        if job is None:
            return False
        try:
            body = msgspec.json.encode(self._told(job))
            secret = os.environ.get(SECRET, "")
            call(job.webhook, body, job.id, secret=secret, private=self._private)
        except NotTold as error:
            log.warning("webhook of job %s: %s", job.id, error)
            self._again(job)
        else:
            self._note(job.id, {"webhook_state": "told", "webhook_next": None})
        return True

    def _claim(self) -> Job | None:
        """A job whose end is to be told; nobody else tells it for as long as a call may last."""
        now = time.time()
        due = jobs.c.webhook_next <= now
        query = sa.select(jobs.c.id).where(due).order_by(jobs.c.webhook_next).limit(1)
        with self._database.reading() as connection:
            name = connection.scalar(query)
        if name is None:
            return None
        values = {"webhook_next": now + 3 * TIMEOUT, "webhook_tries": jobs.c.webhook_tries + 1}
        with self._database.writing() as connection:
            change = sa.update(jobs).where(jobs.c.id == name, due).values(values)
            if not connection.execute(change).rowcount:
                return None
        return self._book.get(name)

    def _again(self, job: Job) -> None:
        if job.webhook_tries > len(PAUSES):
            self._note(job.id, {"webhook_state": "given-up", "webhook_next": None})
            return
        pause = PAUSES[job.webhook_tries - 1]
        self._note(job.id, {"webhook_next": time.time() + pause})

    def _note(self, name: str, values: dict[str, object]) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == name).values(values))
