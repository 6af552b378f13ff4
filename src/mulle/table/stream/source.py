"""Read columns one at a time: of a table in memory, or of a file that is too large for that.

A large file is not read as a whole. Parquet gives its columns one by one. A CSV of more than
`MAX_HELD_BYTES` is parsed in chunks, as text, that are copied to temporary Parquet files first, so
that what must fit into memory is a column, not the table.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec
import polars as pl

from mulle.errors import DataError, MulleError, UnknownName
from mulle.table import (
    Column,
    Doubt,
    Kind,
    LeftOut,
    Reading,
    Repair,
    Schema,
    Storage,
    Table,
    read_cells,
    read_with,
)
from mulle.table.images import read_folder
from mulle.table.labels import meaning_for
from mulle.table.read.frames import frame_of
from mulle.table.read.table import read_meaning
from mulle.table.reading import Cells, Layout
from mulle.table.stream import columns as large
from mulle.table.stream.size import is_large
from mulle.table.types.coerce import coerce, coerce_known
from mulle.table.types.coerced import Coerced
from mulle.table.types.options import ReadOptions

MAX_HELD_BYTES = 1 << 30
_EMPTY = {"table-empty", "table-header-only"}
_CELLS = 10_000_000  # of text columns that are looked at together


class ColumnSource(Protocol):
    """Columns of one height, each read and converted to its storage when asked for."""

    name: str
    height: int
    names: list[str]
    repairs: list[Repair]  # of the whole file; those of columns come with the columns
    left_out: tuple[LeftOut, ...]  # as repairs
    doubts: tuple[Doubt, ...]  # as repairs
    failed: Mapping[str, MulleError]  # columns that cannot be read at all
    layout: Layout
    streamed: bool
    texts: frozenset[str]  # columns that hold text in a source that knows of numbers and dates

    def column(self, name: str) -> Coerced:
        """Return one column; its `reason` is empty where its kind is still to be inferred."""
        ...  # pragma: no cover


@contextlib.contextmanager
def open_columns(
    source: Any,
    options: ReadOptions | None = None,
    *,
    target: str | None = None,
    known: Iterable[Column] | None = None,
) -> Iterator[ColumnSource]:
    """Open whatever `mulle.read` reads, a `Table`, a folder of images, or a large file.

    Args:
        source: a path, a frame, a table, rows or columns.
        options: what a person has decided.
        target: a column that is to be predicted; its classes stay as they are written.
        known: columns of another table, by whose notation those of the same name are read; columns
            that were decided about may then be absent.

    Raises:
        MulleError: as `mulle.read`, but for a table without rows or columns, which is a table.
    """
    options = options or ReadOptions()
    columns = None if known is None else {column.name: column for column in known}
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if path.is_dir():
            yield TableSource(read_folder(path))
            return
        if options.leaves_file_to_mulle and path.is_file() and is_large(path):
            with large.open_large_file(path, MAX_HELD_BYTES) as found:
                if found is not None:
                    if columns is not None:
                        options = options.only(found.names)
                    yield LargeSource(str(path), found, options, columns or {})
                    return
    yield _in_memory(source, options, target, columns)


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
        self.left_out, self.doubts = self.table.reading.left_out, self.table.reading.doubts
        self.layout = self.table.reading.layout

    def column(self, name: str) -> Coerced:
        """Return one column."""
        return Coerced(self.table.frame[name], self.table.schema[name])


@dataclass
class LargeSource:
    """A large file, of which one column at a time is in memory."""

    name: str
    file: large.LargeFile
    options: ReadOptions
    known: Mapping[str, Column] = field(default_factory=dict)
    failed: Mapping[str, MulleError] = field(default_factory=dict)
    streamed: bool = True
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def __post_init__(self) -> None:
        self.texts = self.file.texts
        for name in (*self.options.columns, *self.options.drop):
            if name not in self.file.names:
                raise UnknownName("column-unknown", "column", name, self.file.names, self.name)
        self.height, self.layout = self.file.height, self.file.layout
        self.names = [n for n in self.file.names if n not in self.options.drop]
        self.repairs, self.left_out = list(self.file.repairs), self.file.left_out

    def column(self, name: str) -> Coerced:
        """Read one column: by its own cells, or as the columns beside it say where those do."""
        raw = self.file.column(name).alias(name)
        found = frame_of(raw.to_frame(), repair=False)
        frame, made = (found[0], found[1]) if found else (raw.to_frame(), [])
        own = coerce(frame, self.options.only([name]), self.layout.delimiter)[0]
        beside = self._beside.get(name)
        if beside is not None and (own.doubts or own.column.notation != beside.notation):
            followed = coerce_known(frame.to_series().alias(name), beside)
            own = own if followed.left_out else followed
        return replace(own, repairs=(*made, *own.repairs))

    @functools.cached_property
    def _beside(self) -> dict[str, Column]:
        """What text columns become in some rows of all of them, where they speak for each other."""
        names = [name for name in self.names if self.file.is_text(name)]
        if not names:
            return {}
        some = self.file.some(names, max(1000, _CELLS // len(names)))
        coerced = coerce(some, self.options.only(names), self.layout.delimiter)
        sampled = {one.column.name: one for one in coerced}
        return {n: one.column for n, one in sampled.items() if not one.doubts and not one.left_out}


def _in_memory(
    source: Any, options: ReadOptions, target: str | None, known: Mapping[str, Column] | None
) -> TableSource:
    if isinstance(source, Table):
        return TableSource(source)
    try:
        cells = read_cells(source, options)
    except DataError as error:
        if error.code != "column-binary" or not isinstance(source, pl.DataFrame):
            raise
        return _one_by_one(Cells(source, "frame"), options)
    if known is not None:
        options = options.only(cells.frame.columns)
    try:
        if known is None and target in cells.frame.columns:
            table = meaning_for(cells, target, options)
        else:
            table = read_meaning(cells, options, known or {})
        return TableSource(table, texts=_texts(source))
    except DataError as error:
        if error.code not in _EMPTY:
            raise
        return TableSource(_without_rows(cells))


def _without_rows(cells: Cells) -> Table:
    names = cells.frame.columns
    columns = tuple(Column(n, Kind.constant, Storage.string, "all-missing") for n in names)
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    reading = Reading(cells.layout, columns, cells.repairs, cells.left_out)
    return Table(empty, Schema(columns), reading, cells.source)


def _one_by_one(cells: Cells, options: ReadOptions) -> TableSource:
    """Read each column alone, so that unreadable columns do not take the rest with them."""
    columns: list[pl.Series] = []
    schema: list[Column] = []
    repairs: list[Repair] = []
    failed: dict[str, MulleError] = {}
    for name in cells.frame.columns:
        try:
            one = read_with(cells.frame[name].to_frame(), options.only([name]))
        except MulleError as refused:
            failed[name] = refused
            continue
        columns.append(one.frame.to_series().alias(name))
        schema.append(msgspec.structs.replace(one.schema.columns[0], name=name))
        repairs += one.repairs
    reading = Reading(columns=tuple(schema), repairs=tuple(repairs))
    table = Table(pl.DataFrame(columns), Schema(tuple(schema)), reading, "frame")
    return TableSource(table, failed, texts=_texts(cells.frame))


def _texts(source: Any) -> frozenset[str]:
    """Return the columns that hold text in a frame, or in a file that has types."""
    schema: Mapping[str, Any] = {}
    with contextlib.suppress(pl.exceptions.PolarsError, OSError):
        if isinstance(source, (pl.DataFrame, pl.LazyFrame)):
            schema = source.lazy().collect_schema()
        elif isinstance(source, (str, os.PathLike)) and Path(source).suffix == ".parquet":
            schema = pl.read_parquet_schema(Path(source))
    return frozenset(name for name, dtype in schema.items() if dtype == pl.String)
