"""Read columns one at a time: of a table in memory, or of a file that is too large for that.

A large file is not read as a whole. Parquet gives its columns one by one. A CSV is parsed in
chunks, its plain numbers as numbers at once; above `MAX_HELD_BYTES` the chunks are copied to
temporary Parquet files first, so that what must fit into memory is a column, not the table.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec
import polars as pl

from mulle.errors import DataError, MulleError, UnknownName
from mulle.table import Column, Kind, Repair, Schema, Storage, Table, read
from mulle.table.images import read_folder
from mulle.table.read.frames import frame_of
from mulle.table.read.sources import load
from mulle.table.stream import columns as large
from mulle.table.stream.size import is_large
from mulle.table.types.coerce import Coerced, coerce

MAX_HELD_BYTES = 1 << 30
_EMPTY = {"table-empty", "table-header-only"}
_SAMPLE = 20_000  # rows that decide what a long text column is stored as


class ColumnSource(Protocol):
    """Columns of one height, each read and converted to its storage when asked for."""

    name: str
    height: int
    names: list[str]
    repairs: list[Repair]  # of the whole file; those of columns come with the columns
    failed: Mapping[str, MulleError]  # columns that cannot be read at all
    streamed: bool
    texts: frozenset[str]  # columns that hold text in a source that knows of numbers and dates

    def column(self, name: str) -> Coerced:
        """Return one column; its `reason` is empty where its kind is still to be inferred."""
        ...  # pragma: no cover


@contextlib.contextmanager
def open_columns(
    source: Any, *, kinds: Mapping[str, str] | None = None, lenient: bool = False, **how: Any
) -> Iterator[ColumnSource]:
    """Open whatever `mulle.read` reads, a `Table`, a folder of images, or a large file.

    Args:
        source: a path, a frame, a table, rows or columns.
        kinds: kinds that the caller decides, by column name.
        lenient: whether columns in `kinds` and `drop` may be absent.
        how: further arguments of `mulle.read`.

    Raises:
        MulleError: as `mulle.read`, but for a table without rows or columns, which is a table.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if path.is_dir():
            yield TableSource(read_folder(path))
            return
        if {*how} <= {"drop"} and path.is_file() and is_large(path):
            with large.open_large_file(path, MAX_HELD_BYTES) as found:
                if found is not None:
                    choices = _Choices.of(kinds, how, found.names if lenient else None)
                    yield LargeSource(str(path), found, choices)
                    return
    yield _in_memory(source, dict(kinds or {}), how, lenient=lenient)


@dataclass(frozen=True)
class _Choices:
    """What the caller decided about columns."""

    kinds: Mapping[str, Kind]
    drop: frozenset[str]

    @classmethod
    def of(
        cls, kinds: Mapping[str, str] | None, how: Mapping[str, Any], known: list[str] | None
    ) -> _Choices:
        """Check the caller's choices; names that are not in `known` are dropped if it is given."""
        for kind in (kinds or {}).values():
            if kind not in {*Kind}:
                raise UnknownName("kind-unknown", "kind", str(kind), [k.value for k in Kind])
        names = {*(kinds or {}), *how.get("drop", ())} if known is None else {*known}
        return cls(
            {n: Kind(k) for n, k in (kinds or {}).items() if n in names},
            frozenset(n for n in how.get("drop", ()) if n in names),
        )


@dataclass
class TableSource:
    """A table that is in memory."""

    table: Table
    failed: Mapping[str, MulleError] = field(default_factory=dict)
    streamed: bool = False
    texts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.name, self.height, self.names = self.table.source, self.table.height, self.table.names
        self.repairs = list(self.table.repairs)

    def column(self, name: str) -> Coerced:
        """Return one column."""
        return Coerced(self.table.frame[name], self.table.schema[name])


@dataclass
class LargeSource:
    """A large file, of which one column at a time is in memory."""

    name: str
    file: large.LargeFile
    choices: _Choices
    failed: Mapping[str, MulleError] = field(default_factory=dict)
    streamed: bool = True

    def __post_init__(self) -> None:
        self.texts = self.file.texts
        for name in (*self.choices.kinds, *self.choices.drop):
            if name not in self.file.names:
                raise UnknownName("column-unknown", "column", name, self.file.names, self.name)
        self.height = self.file.height
        self.names = [n for n in self.file.names if n not in self.choices.drop]
        self.repairs = list(self.file.repairs)

    def column(self, name: str) -> Coerced:
        """Read one column."""
        raw = self.file.column(name).alias(name)
        kind = self.choices.kinds.get(name)
        return (
            coerce_one(raw)
            if kind is None
            else coerce(raw.to_frame(), {name: kind}, repair=True)[0]
        )


def coerce_one(raw: pl.Series) -> Coerced:
    """Return a column in its storage; long text that needs no repair is taken as it is.

    What a text column is stored as is decided on a sample of its rows; whether a repair changes
    anything is choices of its different values only.
    """
    found = frame_of(raw.to_frame(), repair=False)
    frame = found[0] if found else raw.to_frame()
    values, made = frame.to_series().alias(raw.name), list(found[1]) if found else []
    if values.dtype == pl.String and len(values) > _SAMPLE:
        some = coerce(values.gather_every(len(values) // _SAMPLE).to_frame(), {}, repair=True)[0]
        quick = _quick(values, some)
        if quick is not None:
            return Coerced(quick, some.column)
    coerced = coerce(values.to_frame(), {}, repair=True)[0]
    return Coerced(coerced.values, coerced.column, (*made, *coerced.repairs))


def _quick(values: pl.Series, some: Coerced) -> pl.Series | None:
    """Return a long text column in its storage where nothing in it takes repairing."""
    column = some.column
    if some.repairs or column.reason:
        return None
    if column.storage is Storage.date:
        return large.iso_dates(values, some.values)
    plain = column.storage is Storage.string and column.kind is Kind.nominal
    return values if plain and not large.needs_repair(values) else None


def _in_memory(
    source: Any, kinds: dict[str, str], how: dict[str, Any], *, lenient: bool
) -> TableSource:
    if isinstance(source, Table):
        return TableSource(source)
    try:
        return TableSource(read(source, kinds=kinds, **how), texts=_texts(source))
    except UnknownName as error:
        gone = lenient and error.code == "column-unknown"
        fewer = {n: k for n, k in kinds.items() if n != error.name}
        drop = [n for n in how.get("drop", ()) if n != error.name]
        if not gone or (len(fewer) == len(kinds) and len(drop) == len(how.get("drop", ()))):
            raise
        return _in_memory(source, fewer, {**how, "drop": drop}, lenient=True)
    except DataError as error:
        if error.code in _EMPTY:
            return TableSource(_without_rows(source, how))
        frame = _as_frame(source) if error.code == "column-binary" else None
        if frame is None:
            raise
        return _one_by_one(frame, kinds, how)


def _without_rows(source: Any, how: dict[str, Any]) -> Table:
    how = {key: how[key] for key in ("encoding", "sheet") if key in how}
    frame, repairs, name = load(source, **how)
    columns = tuple(Column(n, Kind.constant, Storage.string, "all-missing") for n in frame.columns)
    empty = pl.DataFrame(schema=dict.fromkeys(frame.columns, pl.String))
    return Table(empty, Schema(columns), tuple(repairs), name)


def _one_by_one(
    frame: pl.DataFrame, kinds: Mapping[str, str], how: Mapping[str, Any]
) -> TableSource:
    """Read each column alone, so that unreadable columns do not take the rest with them."""
    columns: list[pl.Series] = []
    schema: list[Column] = []
    repairs: list[Repair] = []
    failed: dict[str, MulleError] = {}
    for name in frame.columns:
        given = {name: kinds[name]} if name in kinds else {}
        try:
            one = read(frame[name].to_frame(), kinds=given, repair=how.get("repair", True))
        except MulleError as refused:
            failed[name] = refused
            continue
        columns.append(one.frame.to_series().alias(name))
        schema.append(msgspec.structs.replace(one.schema.columns[0], name=name))
        repairs += one.repairs
    table = Table(pl.DataFrame(columns), Schema(tuple(schema)), tuple(repairs), "frame")
    return TableSource(table, failed, texts=_texts(frame))


def _texts(source: Any) -> frozenset[str]:
    """Return the columns that hold text in a frame, or in a file that has types."""
    schema: Mapping[str, Any] = {}
    with contextlib.suppress(pl.exceptions.PolarsError, OSError):
        if isinstance(source, (pl.DataFrame, pl.LazyFrame)):
            schema = source.lazy().collect_schema()
        elif isinstance(source, (str, os.PathLike)) and Path(source).suffix == ".parquet":
            schema = pl.read_parquet_schema(Path(source))
    return frozenset(name for name, dtype in schema.items() if dtype == pl.String)


def _as_frame(source: Any) -> pl.DataFrame | None:
    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if isinstance(source, pl.DataFrame):
        return source
    if isinstance(source, (str, os.PathLike)) and Path(source).suffix == ".parquet":
        return pl.read_parquet(Path(source))
    return None
