"""The database of jobs: which were accepted, how they stand, and which process works on which.

A process works on a job under a lease that runs out unless it is renewed. A process that is killed
renews nothing, so another one takes its job up where it was. Each change of a running job names its
lease: a process that has lost it changes nothing any more.

The table stands in SQLite in the state folder, or in any database by URL, which servers may share.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from mulle.store.database import Database
from mulle.store.sets import Tables, open_tables
from mulle.verbs.serve.jobs.job import ENDED, Job, Status

FILE = "jobs.db"
WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given-up"  # states of a webhook
_OPEN = (Status.queued.value, Status.running.value)

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("owner", sa.String(128), nullable=False, index=True),
    sa.Column("home", sa.String(32), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("sent", sa.Boolean, nullable=False),
    sa.Column("small", sa.Boolean, nullable=False),
    sa.Column("stamp", sa.String(64), nullable=False),
    sa.Column("form", sa.String(16), nullable=False),
    sa.Column("on_error", sa.String(8), nullable=False),
    sa.Column("layout", sa.JSON, nullable=False),
    sa.Column("model", sa.String(256), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("kept", sa.String(64), nullable=False),
    sa.Column("chunk", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("rows_done", sa.BigInteger, nullable=False),
    sa.Column("rows_total", sa.BigInteger),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("begun", sa.Float),
    sa.Column("ended", sa.Float, index=True),
    sa.Column("resumed", sa.Float),
    sa.Column("resumed_share", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("lease", sa.String(64), nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
    sa.Column("error", sa.JSON),
    sa.Column("key", sa.String(512), unique=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("webhook", sa.Text, nullable=False),
    sa.Column("webhook_state", sa.String(16), nullable=False),
    sa.Column("webhook_tries", sa.Integer, nullable=False),
    sa.Column("webhook_next", sa.Float, index=True),
)

TABLES = Tables("jobs", 1, metadata)


def open_jobs(folder: Path, url: str = "") -> Database:
    """Open the database of jobs; make its table if it is absent.

    Args:
        folder: where the SQLite file stands if no URL is given.
        url: SQLAlchemy URL of another database.

    Raises:
        UsageError: the URL is not one, its driver is absent, or the table is of a newer mulle.
        RunError: the database does not answer, or cannot be written.
    """
    return open_tables(url or folder / FILE, TABLES)


class JobStore:
    """Jobs in a database, as one process sees and changes them.

    Args:
        database: see `open_jobs`.
        process: a name that no other process has.
        home: state folder; only jobs whose files stand there are claimed.
        lease: seconds that a lease lasts.
    """

    def __init__(self, database: Database, process: str, home: str, lease: float) -> None:
        self._database, self._process, self._home = database, process, home
        self.lease = lease

    # what callers ask for

    def add(self, job: Job) -> Job:
        """Accept a job: once this returns, a crash loses it no more.

        Returns:
            The job, or the one that was accepted before under the same idempotency key.

        Raises:
            RunError: the database cannot be written.
        """
        with contextlib.suppress(sa.exc.IntegrityError), self._database.writing() as connection:
            connection.execute(sa.insert(jobs).values(msgspec.to_builtins(job)))
            return job
        return self._first(jobs.c.key == job.key) or job

    def get(self, name: str) -> Job | None:
        """Return a job by its id; None if there is none."""
        return self._first(jobs.c.id == name)

    def page(self, limit: int, before: str = "", owner: str | None = None) -> list[Job]:
        """Return jobs, the newest first.

        Args:
            limit: largest number of jobs.
            before: only jobs older than this id; "" for all.
            owner: only jobs of this owner; None for all.
        """
        query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        if before:
            query = query.where(jobs.c.id < before)
        with self._database.reading() as connection:
            return [_to_job(row) for row in connection.execute(query)]

    def cancel(self, name: str) -> bool:
        """End a job that has not ended; return whether there was one."""
        now = time.time()
        change = sa.update(jobs).where(jobs.c.id == name, jobs.c.status.in_(_OPEN))
        values = {"status": Status.cancelled.value, "ended": now, "webhook_next": _due(now)}
        with self._database.writing() as connection:
            return bool(connection.execute(change.values(values)).rowcount)

    def remove(self, name: str) -> bool:
        """Forget a job that has ended; return whether there was one."""
        gone = sa.delete(jobs).where(jobs.c.id == name, jobs.c.status.in_(ENDED))
        with self._database.writing() as connection:
            return bool(connection.execute(gone).rowcount)

    # what the clean-up asks for

    def ended_before(self, moment: float) -> list[str]:
        """Return the ids of jobs that ended before a moment (seconds since 1970)."""
        query = sa.select(jobs.c.id).where(jobs.c.ended < moment)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def statuses(self) -> dict[str, Status]:
        """Return the status of every job by its id."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(jobs.c.id, jobs.c.status))
            return {row.id: Status(row.status) for row in rows}

    def needed_bundles(self) -> set[str]:
        """Return the names of the kept bundles that jobs still need."""
        query = sa.select(jobs.c.kept).where(jobs.c.status.not_in(ENDED)).distinct()
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    # what the process does that works on a job

    def claim(self, *, small: bool = False) -> Job | None:
        """Lease the oldest job that no process works on; None if there is none.

        Args:
            small: whether to look for small jobs only.
        """
        now = time.time()
        here = jobs.c.home == self._home
        free = [jobs.c.status.in_(_OPEN), jobs.c.lease_until < now, here]
        free += [jobs.c.small] if small else []
        query = sa.select(jobs.c.id).where(*free).order_by(jobs.c.id).limit(1)
        values = {
            "status": Status.running.value,
            "lease": self._process,
            "lease_until": now + self.lease,
            "tries": jobs.c.tries + 1,
            "begun": sa.func.coalesce(jobs.c.begun, now),
            "resumed": now,
            "resumed_share": jobs.c.share,
        }
        return self._take(query, free, values)

    def renew(self, name: str) -> bool:
        """Prolong the lease of a job; return False if this process has lost it."""
        return self._change(name, {"lease_until": time.time() + self.lease})

    def record_progress(self, job: Job) -> bool:
        """Store which chunks are written; return False if this process has lost the job."""
        values = {
            "chunks": job.chunks, "rows_done": job.rows_done, "rows_total": job.rows_total,
            "share": job.share, "tries": 0, "lease_until": time.time() + self.lease,
        }  # fmt: skip
        return self._change(job.id, values)

    def end(self, name: str, status: Status, error: dict[str, Any] | None = None) -> bool:
        """Store how a job ended; return False if this process has lost it."""
        now = time.time()
        values: dict[str, Any] = {
            "status": status.value, "error": error, "ended": now, "lease": "", "lease_until": 0.0,
            "webhook_next": _due(now),
        }  # fmt: skip
        if status is Status.done:
            values |= {"share": 1.0, "rows_total": jobs.c.rows_done}
        return self._change(name, values)

    def release(self, name: str) -> bool:
        """Give a job back, so that another process can go on with it at once."""
        values = {"status": Status.queued.value, "lease": "", "lease_until": 0.0, "tries": 0}
        return self._change(name, values)

    # webhooks

    def claim_webhook(self, seconds: float) -> Job | None:
        """Return a job whose webhook is due; no other process calls it for some seconds."""
        now = time.time()
        due = [jobs.c.webhook_next <= now]
        query = sa.select(jobs.c.id).where(*due).order_by(jobs.c.webhook_next).limit(1)
        values = {"webhook_next": now + seconds, "webhook_tries": jobs.c.webhook_tries + 1}
        return self._take(query, due, values)

    def note_webhook(self, name: str, state: str, following: float | None) -> None:
        """Store the state of a webhook, and when it is called again (None: never)."""
        values = {"webhook_state": state, "webhook_next": following}
        with self._database.writing() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == name).values(values))

    def _take(
        self, query: sa.Select[Any], where: list[sa.ColumnElement[bool]], values: dict[str, Any]
    ) -> Job | None:
        """Change the first job of a query, unless another process was faster."""
        with self._database.reading() as connection:  # looks without taking the right to write
            name = connection.scalar(query)
        if name is None:
            return None
        change = sa.update(jobs).where(jobs.c.id == name, *where).values(values)
        with self._database.writing() as connection:
            if not connection.execute(change).rowcount:
                return None
        return self.get(name)

    def _change(self, name: str, values: dict[str, Any]) -> bool:
        running = jobs.c.status == Status.running.value
        mine = jobs.c.id == name, jobs.c.lease == self._process, running
        with self._database.writing() as connection:
            return bool(connection.execute(sa.update(jobs).where(*mine).values(values)).rowcount)

    def _first(self, which: sa.ColumnElement[bool]) -> Job | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(jobs).where(which)).first()
        return None if row is None else _to_job(row)


def _due(now: float) -> sa.ColumnElement[float | None]:
    """When the webhook of a job that ends now is called: at once, if it has one."""
    return sa.case((jobs.c.webhook_state == WAITING, sa.literal(now)), else_=sa.null())


def _to_job(row: Any) -> Job:
    return msgspec.convert({str(name): value for name, value in row._mapping.items()}, Job)
