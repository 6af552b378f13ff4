"""The book of jobs: what was accepted, how it stands; workers change it through `leases`."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import sqlalchemy as sa

from mulle.store.database import Database
from mulle.verbs.serve.jobs.job import ENDED, Job, Status
from mulle.verbs.serve.jobs.tables import jobs

_WAITING = "waiting"


class Book:
    """Jobs in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, job: Job) -> Job:
        """Take a job in; it is accepted once this returns.

        Returns:
            The job, or the one that was accepted before under the same key.

        Raises:
            RunError: the database cannot be written.
        """
        with contextlib.suppress(sa.exc.IntegrityError), self.database.writing() as connection:
            connection.execute(sa.insert(jobs).values(msgspec.to_builtins(job)))
            return job
        return self.by_key(job.key or "") or job

    def by_key(self, key: str) -> Job | None:
        """The job that was accepted under an idempotency key."""
        return self._one(jobs.c.key == key) if key else None

    def get(self, name: str) -> Job | None:
        """A job by its id."""
        return self._one(jobs.c.id == name)

    def page(self, limit: int, before: str = "", owner: str | None = None) -> list[Job]:
        """Jobs, the newest first.

        Args:
            limit: how many.
            before: only those older than this id.
            owner: only this one's; None: everybody's.
        """
        query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        if before:
            query = query.where(jobs.c.id < before)
        with self.database.reading() as connection:
            return [_job(row) for row in connection.execute(query)]

    def cancel(self, name: str, now: float) -> bool:
        """End a job that has not ended; whether it was still to be ended."""
        open_ = jobs.c.status.in_([Status.queued, Status.running])
        change = sa.update(jobs).where(jobs.c.id == name, open_)
        values = {"status": Status.cancelled.value, "ended": now, "webhook_next": told_at(now)}
        with self.database.writing() as connection:
            return bool(connection.execute(change.values(values)).rowcount)

    def remove(self, name: str) -> bool:
        """Forget a job that has ended; whether there was one."""
        gone = sa.delete(jobs).where(jobs.c.id == name, jobs.c.status.in_(ENDED))
        with self.database.writing() as connection:
            return bool(connection.execute(gone).rowcount)

    def ended_before(self, moment: float) -> list[str]:
        """Jobs that ended before a moment."""
        query = sa.select(jobs.c.id).where(jobs.c.ended < moment)
        with self.database.reading() as connection:
            return list(connection.scalars(query))

    def statuses(self) -> dict[str, Status]:
        """The status of every job, by id."""
        with self.database.reading() as connection:
            found = connection.execute(sa.select(jobs.c.id, jobs.c.status))
            return {row.id: Status(row.status) for row in found}

    def bundles(self) -> set[str]:
        """The names of the kept bundles that jobs still need."""
        query = sa.select(jobs.c.kept).where(jobs.c.status.not_in(ENDED)).distinct()
        with self.database.reading() as connection:
            return set(connection.scalars(query))

    def _one(self, which: sa.ColumnElement[bool]) -> Job | None:
        with self.database.reading() as connection:
            row = connection.execute(sa.select(jobs).where(which)).first()
        return None if row is None else _job(row)


def told_at(now: float) -> sa.ColumnElement[float | None]:
    """When whoever waits for a job's end is first told of it: at once, if there is anyone."""
    return sa.case((jobs.c.webhook_state == _WAITING, sa.literal(now)), else_=sa.null())


def _job(row: Any) -> Job:
    return msgspec.convert({str(name): value for name, value in row._mapping.items()}, Job)
