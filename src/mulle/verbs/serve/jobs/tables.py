"""The table of jobs: SQLite in the state folder, or any database by URL, which servers share."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from mulle.store.database import Database
from mulle.store.sets import Tables, open_tables

FILE = "jobs.db"

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
    """The database of the jobs, its table made if absent.

    Args:
        folder: where the SQLite file stands if no URL is given.
        url: of another database.

    Raises:
        UsageError: the URL is not one, its driver is absent, or a newer mulle made the table.
        RunError: the database does not answer, or cannot be written.
    """
    return open_tables(url or folder / FILE, TABLES)
