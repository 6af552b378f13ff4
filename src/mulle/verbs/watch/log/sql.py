"""A log in SQL: one table of predictions, one of labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mulle.store.database import Database
from mulle.store.sets import Tables, is_damaged, open_tables, sqlite_path
from mulle.times import DAY
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.settings import Retention
from mulle.verbs.watch.log.sink import Found, Query

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

    def prune(self, retention: Retention, now: int) -> int:
        """See `Sink`; the room in the file is used again by what comes."""
        removed = 0
        with self._database.writing() as connection:
            if retention.days is not None:
                old = predictions.c.at < now - int(retention.days * DAY)
                removed += connection.execute(sa.delete(predictions).where(old)).rowcount
            keep = _rows_to_keep(connection, retention)
            if keep is not None:
                newest = sa.select(predictions.c.seq).order_by(
                    predictions.c.at.desc(), predictions.c.seq.desc()
                )
                gone = predictions.c.seq.in_(newest.offset(keep).limit(_NO_LIMIT))
                removed += connection.execute(sa.delete(predictions).where(gone)).rowcount
            if removed:
                connection.execute(_orphans())
        return removed

    def _insert(self, table: sa.Table) -> Any:
        """Return an insert that can handle rows that exist."""
        engine = self._database.engine
        return (postgresql if engine.name == "postgresql" else sqlite).insert(table)


_NO_LIMIT = 2**62  # SQLite takes an offset only with a limit


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


def _orphans() -> sa.Delete:
    """Delete labels older than all predictions left; a label may come before its prediction."""
    oldest = sa.select(sa.func.min(predictions.c.at)).scalar_subquery()
    known = sa.select(predictions.c.id).where(predictions.c.id == labels.c.id).exists()
    return sa.delete(labels).where(labels.c.at < oldest, ~known)


def _known(connection: sa.Connection, ids: Sequence[str]) -> int:
    column = sa.func.count(sa.distinct(predictions.c.id))
    return connection.scalar(sa.select(column).where(predictions.c.id.in_(ids))) or 0


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[begin : begin + MAX_IDS] for begin in range(0, len(ids), MAX_IDS))
