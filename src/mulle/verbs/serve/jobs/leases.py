"""Who works on which job: a lease that runs out unless it is renewed.

A process that is killed renews nothing, so another one takes its job up where it was. Each change
names the lease that it is made under: who has lost it changes nothing any more.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from mulle.store.database import Database
from mulle.verbs.serve.jobs.book import Book, told_at
from mulle.verbs.serve.jobs.job import Job, Status
from mulle.verbs.serve.jobs.tables import jobs

_OPEN = (Status.queued.value, Status.running.value)


class Leases:
    """The leases of one process.

    Args:
        owner: a name that no other process has.
        home: the state folder; only jobs whose files are there are claimed.
        seconds: of a lease; it is renewed three times as often.
    """

    def __init__(self, database: Database, owner: str, home: str, seconds: float) -> None:
        self._database, self._book, self._home = database, Book(database), home
        self.owner, self.seconds = owner, seconds

    def claim(self, *, small: bool = False) -> Job | None:
        """The oldest job that nobody works on, from now on this process's; None: there is none.

        Args:
            small: whether only small ones are asked for.
        """
        now = time.time()
        here = jobs.c.home == self._home
        free = [jobs.c.status.in_(_OPEN), jobs.c.lease_until < now, here]
        free += [jobs.c.small] if small else []
        query = sa.select(jobs.c.id).where(*free).order_by(jobs.c.id).limit(1)
        with self._database.reading() as connection:  # asks without taking the right to write
            name = connection.scalar(query)
        if name is None:
            return None
        values = {
            "status": Status.running.value,
            "lease": self.owner,
            "lease_until": now + self.seconds,
            "tries": jobs.c.tries + 1,
            "begun": sa.func.coalesce(jobs.c.begun, now),
            "resumed": now,
            "resumed_share": jobs.c.share,
        }
        with self._database.writing() as connection:
            change = sa.update(jobs).where(jobs.c.id == name, *free).values(values)
            if not connection.execute(change).rowcount:
                return None
        return self._book.get(name)

    def renew(self, name: str) -> bool:
        """Keep a job for another while; False if it is no longer this process's."""
        return self._change(name, {"lease_until": time.time() + self.seconds})

    def progress(self, job: Job) -> bool:
        """Note the chunks that are written; False if the job is no longer this process's."""
        values = {
            "chunks": job.chunks, "rows_done": job.rows_done, "rows_total": job.rows_total,
            "share": job.share, "tries": 0, "lease_until": time.time() + self.seconds,
        }  # fmt: skip
        return self._change(job.id, values)

    def end(self, name: str, status: Status, error: dict[str, Any] | None = None) -> bool:
        """Note how a job ended; False if it is no longer this process's."""
        now = time.time()
        values: dict[str, Any] = {
            "status": status.value, "error": error, "ended": now, "lease": "", "lease_until": 0.0,
            "webhook_next": told_at(now),
        }  # fmt: skip
        if status is Status.done:
            values |= {"share": 1.0, "rows_total": jobs.c.rows_done}
        return self._change(name, values)

    def release(self, name: str) -> bool:
        """Give a job back, for another process to go on with at once."""
        values = {"status": Status.queued.value, "lease": "", "lease_until": 0.0, "tries": 0}
        return self._change(name, values)

    def status(self, name: str) -> Status | None:
        """How a job stands; None if it is forgotten."""
        job = self._book.get(name)
        return job.status if job else None

    def _change(self, name: str, values: dict[str, Any]) -> bool:
        mine = jobs.c.id == name, jobs.c.lease == self.owner, jobs.c.status == Status.running.value
        with self._database.writing() as connection:
            return bool(connection.execute(sa.update(jobs).where(*mine).values(values)).rowcount)
