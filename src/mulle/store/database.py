"""The connection to the index: SQLite beside the runs, or any database by URL.

A local index that is damaged is put aside and made again; one that cannot be written is kept in
memory for as long as the program runs. Many programs may write at once: SQLite keeps a write-ahead
log, and a writer waits for its turn from the first statement on.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from mulle.errors import RunError, UsageError
from mulle.i18n import Lang, Messages, current_language
from mulle.store.tables import metadata, migrate

WAIT_S = 30  # for other writers
_UNWRITABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Notice(msgspec.Struct, frozen=True):
    """Something that was put right, or left out, without asking.

    Attributes:
        code: what it was; its sentence stands in `i18n` under `notice.CODE`.
        values: the blanks of the sentence.
        where: the file or run it is about.
    """

    code: str
    values: dict[str, str] = {}
    where: str = ""

    @property
    def what(self) -> str:
        """One sentence on what happened, in the person's language."""
        return self.render(current_language())

    def render(self, lang: Lang) -> str:
        """Return the sentence on what happened, in `lang`."""
        return Messages(lang)(f"notice.{self.code}", **self.values)


class Database:
    """A database whose tables exist, with one way to read and one way to write."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(mulle_writes=True)
        with self._writer.begin() as connection:
            migrate(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a connection that sees one state of the index."""
        with self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a connection whose changes are all kept, or none; other writers wait.

        Raises:
            RunError: others were writing for longer than WAIT_S, or the disk is full.
        """
        try:
            with self._writer.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            raise _refusal(error, self.engine.url) from error


def open_local(path: Path) -> tuple[Database, list[Notice]]:
    """Open the SQLite index at `path`; make it if it is absent or damaged.

    Raises:
        UsageError: a newer mulle wrote it.
        RunError: others were writing for longer than WAIT_S.
    """
    notices: list[Notice] = []
    for _ in range(2):
        try:
            return _open_checked(path), notices
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            if _sqlite_code(error) in _BUSY:
                raise _refusal(error, path) from error
            if _sqlite_code(error) in _UNWRITABLE:
                break
            notices.append(_put_aside(path))
        except OSError:
            break
    notice = Notice("store-in-memory", {"file": path.name}, str(path))
    return Database(_sqlite("sqlite://")), [notice]


def open_url(url: str) -> Database:
    """Open the index in a database of its own, by SQLAlchemy URL.

    Raises:
        UsageError: the URL is not one, or its driver is not installed.
        RunError: the database does not answer.
    """
    try:
        engine = _sqlite(url) if url.startswith("sqlite") else sa.create_engine(url)
    except sa.exc.ArgumentError as error:
        raise UsageError("store-url") from error
    except ImportError as error:
        raise UsageError("store-driver", library=error.name) from error
    try:
        return Database(engine)
    except sa.exc.DBAPIError as error:
        raise RunError(
            "store-unreachable",
            where=engine.url.render_as_string(hide_password=True),
            error=error.orig,
        ) from error


def _open_checked(path: Path) -> Database:
    """Open the database of a file, and check that it is whole and has our columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(_sqlite(sa.URL.create("sqlite", database=str(path))))
    with database.reading() as connection:
        answer = connection.exec_driver_sql("PRAGMA quick_check").scalar()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)
        for table in metadata.tables.values():
            connection.execute(sa.select(table).limit(1)).all()
    return database


def _put_aside(path: Path) -> Notice:
    """Give a damaged database another name, so that a new one can take its place."""
    aside = path.with_name(path.name + ".damaged")
    path.replace(aside)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return Notice("store-rebuilt", {"file": path.name, "kept": aside.name}, str(path))


def _sqlite(url: str | sa.URL) -> sa.Engine:
    """Return an engine that opens the file anew each time, so that no handle outlives its use."""
    in_memory = not sa.make_url(url).database
    pool = sa.pool.StaticPool if in_memory else sa.pool.NullPool
    engine = sa.create_engine(url, poolclass=pool)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing: `_begin` below does
        connection.execute(f"PRAGMA busy_timeout = {WAIT_S * 1000}")
        # Refused while another program is in the file, which then sets it itself.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("mulle_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _refusal(error: Exception, place: sa.URL | Path) -> RunError:
    """Return the refusal for a change of the index that failed; no run is touched by it."""
    if _sqlite_code(error) in _BUSY:
        return RunError("store-busy", where=str(place), seconds=WAIT_S)
    return RunError("store-failed", where=str(place), error=getattr(error, "orig", error))


def _sqlite_code(error: Exception) -> int:
    """Return SQLite's primary result code; 0 where there is none."""
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
