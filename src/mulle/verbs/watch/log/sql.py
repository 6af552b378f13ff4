"""A log in SQL: one table of predictions, one of labels."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mulle.errors import RunError
from mulle.store.database import Database
from mulle.store.sets import Tables, is_damaged, open_tables, sqlite_path
from mulle.times import DAY
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.settings import Retention
from mulle.verbs.watch.log.sink import Found, Query
from mulle.verbs.watch.log.vacuum import (
    copy_without_free_pages,
    free_bytes,
    free_pages,
    is_shrinkable,
    make_shrinkable,
)

MAX_IDS = 500  # ids in one query, below every database's limit of parameters

metadata = sa.MetaData()

predictions = sa.Table(
    "predictions",
    metadata,
    # SQLite counts up by itself only in a column that is exactly INTEGER.
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    # A batch that is written again because the answer to its commit was lost adds nothing.
    sa.UniqueConstraint("id", "model", "version"),
    sa.Index("predictions_at", "at", "seq"),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

TABLES = Tables("log", 1, metadata)
_COLUMNS = [predictions.c[name] for name in Record._fields]
_SCHEMA = {"seq": pl.Int64, **{n: pl.Int64 if n == "at" else pl.String for n in Record._fields},
           "label": pl.String}  # fmt: skip


class SqlSink:
    """A log in a database.

    Args:
        place: the path of a SQLite file, made if absent, or a SQLAlchemy URL.

    Raises:
        UsageError, RunError: see `open_tables`.
    """

    def __init__(self, place: str | Path) -> None:
        self._place = place
        self._path = sqlite_path(place)
        self._opened: Database | None = None
        _ = self._database

    @property
    def _database(self) -> Database:
        """The database; opened again if its file was taken away."""
        if self._opened is None or (self._path and not self._path.exists()):
            if self._path and not self._path.exists():
                make_shrinkable(self._path)
            self._opened = open_tables(self._place, TABLES)
        return self._opened

    def append(self, records: Sequence[Record]) -> None:
        """See `Sink`."""
        try:
            insert = self._insert(predictions).on_conflict_do_nothing()
            # Handed to the driver as it is: that takes half the time of going through `execute`.
            made = insert.compile(self._database.engine, column_keys=Record._fields)
            rows: Any = records if made.positional else [r._asdict() for r in records]
            with self._database.writing() as connection:
                connection.exec_driver_sql(str(made), list(rows))
        except Exception as error:
            # Whatever it is, the next try begins with a look at the file and its tables.
            self._opened = None
            if self._path and is_damaged(error):
                open_tables(self._place, TABLES)
            raise

    def label(self, given: Sequence[tuple[str, str]], at: int) -> int:
        """See `Sink`."""
        insert = self._insert(labels)
        insert = insert.on_conflict_do_update(
            index_elements=["id"],
            set_={"label": insert.excluded.label, "at": insert.excluded.at},
        )
        last = dict(given)
        with self._database.writing() as connection:
            if last:
                rows = [{"id": id, "label": label, "at": at} for id, label in last.items()]
                connection.execute(insert, rows)
            return sum(_known(connection, chunk) for chunk in _chunks(list(last)))

    def find(self, ids: Sequence[str]) -> list[Found]:
        """See `Sink`."""
        joined = predictions.join(labels, predictions.c.id == labels.c.id, isouter=True)
        columns = [predictions.c[name] for name in ("id", "model", "version")]
        query = sa.select(*columns, labels.c.label).select_from(joined).order_by(predictions.c.at)
        with self._database.reading() as connection:
            rows = [
                row
                for chunk in _chunks(ids)
                for row in connection.execute(query.where(predictions.c.id.in_(chunk)))
            ]
        return [Found(row.id, row.model, row.version, row.label) for row in rows]

    def scan(self, query: Query, size: int) -> Iterator[pl.DataFrame]:
        """See `Sink`; each part is read by itself, so that nobody waits for a slow reader."""
        last: tuple[int, int] | None = None
        while True:
            with self._database.reading() as connection:
                found = connection.execute(_page(query, last).limit(size)).all()
            if not found:
                return
            last = found[-1].at, found[-1].seq
            yield pl.DataFrame([tuple(r) for r in found], schema=_SCHEMA, orient="row").drop("seq")
            if len(found) < size:
                return

    def prune(self, retention: Retention, now: int) -> Iterator[int]:
        """See `Sink`; of another database than SQLite, its own vacuum gives the disk back.

        Raises:
            RunError: the rows are gone, but a file of an earlier version cannot shrink in steps.
        """
        with self._database.reading() as connection:
            last = _last_to_remove(connection, retention, now)
        if last is not None:
            yield from _rested(self._steps(lambda connection: _remove(connection, last)))
            for _ in _rested(self._steps(_remove_orphans)):
                yield 0
        if self._path:
            for _ in _rested(free_pages(self._path)):
                yield 0
            if not is_shrinkable(self._path) and (free := free_bytes(self._path)):
                raise RunError(
                    "log-keeps-room", where=str(self._path), megabytes=round(free / 1e6, 1)
                )

    def compact(self, now: int) -> Iterator[int]:
        """See `Sink`; a database has no small files."""
        return iter(())

    def release(self) -> None:
        """See `Sink`; a SQLite file of an earlier version is copied once, and then shrinks."""
        if self._path and not is_shrinkable(self._path):
            with contextlib.suppress(sqlite3.OperationalError):  # others are in it: `prune` says so
                copy_without_free_pages(self._path)

    def _steps(self, work: Callable[[sa.Connection], int]) -> Iterator[int]:
        """Do some work in small transactions until nothing is left of it."""
        done = 1
        while done:
            with self._database.writing() as connection:
                done = work(connection)
            if done:
                yield done

    def _insert(self, table: sa.Table) -> Any:
        """Return an insert that can handle rows that exist."""
        engine = self._database.engine
        return (postgresql if engine.name == "postgresql" else sqlite).insert(table)


STEP_ROWS = 1_000  # rows that one transaction removes, as many as one writes
_LONGEST_REST_S = 0.1


def _rested(steps: Iterator[int]) -> Iterator[int]:
    """Take steps, and rest after each for as long as it took: others who write get their turn."""
    while True:
        begun = time.perf_counter()
        if not (done := next(steps, 0)):
            return
        yield done
        time.sleep(min(time.perf_counter() - begun, _LONGEST_REST_S))


def _page(query: Query, last: tuple[int, int] | None) -> sa.Select[Any]:
    """Select the records after the last one read, in order of time."""
    at, seq = predictions.c.at, predictions.c.seq
    joined = predictions.join(labels, predictions.c.id == labels.c.id, isouter=not query.labelled)
    found = sa.select(seq, *_COLUMNS, labels.c.label).select_from(joined).order_by(at, seq)
    if query.model:
        found = found.where(predictions.c.model == query.model)
    if query.version:
        found = found.where(predictions.c.version == query.version)
    if query.since is not None:
        found = found.where(at >= query.since)
    if query.until is not None:
        found = found.where(at < query.until)
    if last is not None:
        found = found.where(sa.tuple_(at, seq) > sa.tuple_(*last))
    return found


def _last_to_remove(
    connection: sa.Connection, retention: Retention, now: int
) -> tuple[int, int] | None:
    """Return time and number of the newest record that need not be kept; None if all must be."""
    at, seq = predictions.c.at, predictions.c.seq
    newest_first = sa.select(at, seq).order_by(at.desc(), seq.desc()).limit(1)
    found = []
    if retention.days is not None:
        old = at < now - int(retention.days * DAY)
        found.append(connection.execute(newest_first.where(old)).first())
    keep = _rows_to_keep(connection, retention)
    if keep is not None:
        found.append(connection.execute(newest_first.offset(keep)).first())
    return max(((row.at, row.seq) for row in found if row is not None), default=None)


def _remove(connection: sa.Connection, last: tuple[int, int]) -> int:
    """Remove the oldest records up to one, some at a time; return how many went."""
    at, seq = predictions.c.at, predictions.c.seq
    upto = sa.tuple_(at, seq) <= sa.tuple_(*last)
    oldest = sa.select(seq).where(upto).order_by(at, seq).limit(STEP_ROWS)
    return connection.execute(sa.delete(predictions).where(seq.in_(oldest))).rowcount


def _remove_orphans(connection: sa.Connection) -> int:
    """Remove labels older than all predictions left; a label may come before its prediction."""
    oldest = sa.select(sa.func.min(predictions.c.at)).scalar_subquery()
    known = sa.select(predictions.c.id).where(predictions.c.id == labels.c.id).exists()
    gone = sa.select(labels.c.id).where(labels.c.at < oldest, ~known).limit(STEP_ROWS)
    return connection.execute(sa.delete(labels).where(labels.c.id.in_(gone))).rowcount


def _rows_to_keep(connection: sa.Connection, retention: Retention) -> int | None:
    """Return the smallest number of rows that a limit leaves; None without one."""
    limits = [] if retention.rows is None else [retention.rows]
    if retention.bytes is not None:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(predictions)) or 0
        limits.append(int(rows * min(1.0, retention.bytes / max(_bytes(connection), 1))))
    return min(limits, default=None)


def _bytes(connection: sa.Connection) -> int:
    """Return the bytes of the log on disk, less the free ones in the file."""
    if connection.dialect.name == "postgresql":
        size = sa.func.pg_total_relation_size(predictions.name)
        return int(connection.scalar(sa.select(size)) or 0)
    pages, free, size_of_page = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size_of_page


def _known(connection: sa.Connection, ids: Sequence[str]) -> int:
    column = sa.func.count(sa.distinct(predictions.c.id))
    return connection.scalar(sa.select(column).where(predictions.c.id.in_(ids))) or 0


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[begin : begin + MAX_IDS] for begin in range(0, len(ids), MAX_IDS))
