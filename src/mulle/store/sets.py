"""Sets of tables beside the index: SQLite by path, other databases by URL.

Jobs, routing, the prediction log and alerts each have a set; several may share one database, and
each has a version of its own in the table `meta`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import sqlalchemy as sa

from mulle.errors import MulleError, UsageError
from mulle.store.database import Database, open_url
from mulle.store.tables import meta

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Tables(msgspec.Struct, frozen=True):
    """A named set of tables with a version.

    Attributes:
        name: of the set, which is the key of its version.
        version: the one that this program writes.
        metadata: the tables.
        migrations: version reached -> what brings the tables there from the version before.
    """

    name: str
    version: int
    metadata: sa.MetaData
    migrations: Mapping[int, Callable[[sa.Connection], None]] = {}


def open_tables(place: str | Path, tables: Tables) -> Database:
    """Open the database at a path or URL, its tables made or brought to this version.

    A damaged SQLite file is put aside under another name and begun anew.

    Raises:
        UsageError: the URL is not one, its driver is absent, or a newer mulle wrote the tables.
        RunError: the database does not answer, or cannot be written.
    """
    path = sqlite_path(place)
    if path is None:
        return _open_and_migrate(str(place), tables)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _open_and_migrate(f"sqlite:///{path}", tables)
    except (MulleError, sa.exc.DatabaseError) as error:
        if not is_damaged(error):
            raise
        put_aside(path)
        return _open_and_migrate(f"sqlite:///{path}", tables)


def sqlite_path(place: str | Path) -> Path | None:
    """Return the file of a SQLite database; None for another database.

    Raises:
        UsageError: the path has a `?`, which a URL takes for its end.
    """
    text = str(place)
    if "://" in text and not text.startswith("sqlite:///"):
        return None
    path = text.removeprefix("sqlite:///")
    if "?" in path:
        raise UsageError("database-path", path=path)
    return Path(path)


def is_damaged(error: BaseException | None) -> bool:
    """Return whether an error, or a cause of it, is SQLite's report of a damaged file."""
    while error is not None:
        code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
        if code & 0xFF in _DAMAGED:
            return True
        error = error.__cause__
    return False


def put_aside(path: Path) -> Path:
    """Rename a damaged file, so that its content can still be rescued."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns() // 1000}")
    path.replace(aside)
    for ending in ("-wal", "-shm"):
        if (beside := path.with_name(path.name + ending)).exists():
            beside.replace(aside.with_name(aside.name + ending))
    return aside


def _open_and_migrate(url: str, tables: Tables) -> Database:
    database = open_url(url)
    with database.writing() as connection:
        _migrate(connection, tables)
    return database


def _migrate(connection: sa.Connection, tables: Tables) -> None:
    """Make the tables, or bring them to this version.

    Raises:
        UsageError: a newer mulle wrote them.
    """
    key = f"{tables.name}-schema"
    tables.metadata.create_all(connection)
    found = int(connection.scalar(sa.select(meta.c.value).where(meta.c.key == key)) or 0)
    if found > tables.version:
        raise UsageError(
            "tables-newer", tables=tables.name, version=found, supported=tables.version
        )
    if found == tables.version:
        return
    for step in range(found + 1, tables.version + 1):
        if found and step in tables.migrations:
            tables.migrations[step](connection)
    connection.execute(sa.delete(meta).where(meta.c.key == key))
    connection.execute(sa.insert(meta).values(key=key, value=str(tables.version)))
