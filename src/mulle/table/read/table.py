"""Read a table from a file or a frame: find its cells, what they mean, and what each column is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec
import polars as pl

from mulle.errors import DataError, UnknownName
from mulle.table.read.folder import folder_frame
from mulle.table.read.reading_file import (
    check_decision,
    check_decisions,
    decisions_of,
    load_reading,
)
from mulle.table.read.sources import load
from mulle.table.reading import Cells, Reading
from mulle.table.schema import Schema, Table
from mulle.table.types.coerce import coerce, coerce_known, derive
from mulle.table.types.column import Column
from mulle.table.types.infer import infer
from mulle.table.types.kinds import Kind
from mulle.table.types.options import ColumnOptions, ReadOptions

_OF_COLUMNS = {"kinds", "order", "keep", "fold_case"}


def read(
    source: Any,
    *,
    reading: Reading | ReadOptions | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip: int | None = None,
    header: int | None = None,
    sheet: str | int | None = None,
    decimal: Literal[".", ","] | Mapping[str, Literal[".", ","]] | None = None,
    dates: Literal["ymd", "dmy", "mdy"] | Mapping[str, Literal["ymd", "dmy", "mdy"]] | None = None,
    missing: Iterable[str] | Mapping[str, Iterable[str]] = (),
    not_missing: Iterable[str] | Mapping[str, Iterable[str]] = (),
    kinds: Mapping[str, str | Kind] | None = None,
    order: Mapping[str, Sequence[str]] | None = None,
    keep: Iterable[str] = (),
    fold_case: Iterable[str] = (),
    drop: Iterable[str] = (),
    keep_rows: bool = False,
    repair: bool = True,
) -> Table:
    """Read a table of n rows, with everything that was changed to read it.

    Args:
        source: a path (CSV, TSV, Parquet, Arrow, JSON, NDJSON, Excel; recognised by content), a
            folder of images, a Polars, pandas or Arrow frame, a list of dicts, or a dict of lists.
        reading: decisions made before: a `Reading`, or the TOML file that `mulle read -o` writes.
        encoding: of a text file; found out if None, as the four that follow.
        delimiter: the character between cells.
        skip: rows above the header.
        header: rows of the header; 0 where there is none.
        sheet: of an Excel file, by name or position from 0; the first with a table if None.
        decimal: the mark before the fraction of numbers that can be read both ways; for some
            columns alone as {column: mark}, as the three that follow.
        dates: the order of day, month and year in dates that can be read in several ways.
        missing: words that mean missing, beyond the usual ones.
        not_missing: usual words for missing (NA, none, -) that do not mean it here.
        kinds: kinds that you decide, by column name.
        order: the categories of ordinal columns, the lowest first.
        keep: columns that are used although they look like identifiers or constants.
        fold_case: columns of text in which upper and lower case are one.
        drop: columns to leave out.
        keep_rows: whether blank rows, totals and notes stay in the table.
        repair: False leaves text, numbers and dates as they were written; only plain numbers and
            ISO dates are then read as such.

    Raises:
        MissingFile: there is no such file.
        DataError: the file is damaged, empty, or not a table.
        UnknownName: a column, kind, encoding or sheet that does not exist.
        UsageError: `source` is no table.

    >>> table = read({"price": ["1,200원", "3만원"], "city": [" 서울", "부산"]})
    >>> table.frame.rows()
    [(1200.0, '서울'), (30000.0, '부산')]
    >>> [repair.code for repair in table.repairs]
    ['currency', 'korean-units', 'thousands', 'whitespace']
    """
    options = read_options(
        reading,
        encoding=encoding,
        delimiter=delimiter,
        skip=skip,
        header=header,
        sheet=sheet,
        decimal=decimal,
        dates=dates,
        missing=_words(missing),
        not_missing=_words(not_missing),
        kinds=kinds or {},
        order=order or {},
        keep=tuple(keep),
        fold_case=tuple(fold_case),
        drop=tuple(drop),
        keep_rows=keep_rows,
        repair=repair,
    )
    return read_with(source, options)


def read_with(source: Any, options: ReadOptions) -> Table:
    """Read a table as a person has decided.

    Raises:
        MulleError: as `read`.
    """
    if isinstance(source, (str, os.PathLike)) and folder_frame(Path(source)).width:
        from mulle.table.images import read_folder

        return read_folder(Path(source))
    return read_meaning(read_cells(source, options), options)


def read_cells(source: Any, options: ReadOptions | None = None) -> Cells:
    """Read a table's layout and leave its cells as they were written, for a known notation.

    Args:
        source: as in `read`.
        options: what a person has decided; of these, what is about the file.

    Raises:
        MulleError: as `read`.
    """
    return load(source, options or ReadOptions())


def read_meaning(
    cells: Cells, options: ReadOptions, known: Mapping[str, Column] = MappingProxyType({})
) -> Table:
    """Find what the cells of a table mean.

    Args:
        cells: of the table.
        options: what a person has decided.
        known: columns whose notation is that of another table, by name.

    Raises:
        DataError: there are no rows or columns, or a column cannot be of the kind given.
        UnknownName: a column that does not exist.
    """
    frame = _without(cells.frame, options, cells.source)
    _check_rows(frame, cells.source, options.skip)
    # By position, not by name: "*" is a name as well.
    unknown = [column for column in frame.iter_columns() if column.name not in known]
    found = iter(coerce(pl.DataFrame(unknown), options, cells.layout.delimiter))
    coerced = [
        coerce_known(column, known[column.name]) if column.name in known else next(found)
        for column in frame.iter_columns()
    ]
    coerced += derive(frame, coerced)
    columns = tuple(infer(coerced, options))
    reading = Reading(
        layout=cells.layout,
        columns=columns,
        repairs=(*cells.repairs, *(made for column in coerced for made in column.repairs)),
        left_out=(*cells.left_out, *(out for column in coerced for out in column.left_out)),
        doubts=(*cells.doubts, *(doubt for column in coerced for doubt in column.doubts)),
    )
    stored = pl.DataFrame([column.values for column in coerced])
    return Table(stored, Schema(columns), reading, cells.source)


def read_options(reading: Any, **choices: Any) -> ReadOptions:
    """Return decisions made before, changed by those made now.

    Args:
        reading: see `read`.
        choices: of `read`; None, False and empty ones leave what was decided before.

    Raises:
        UnknownName: a kind that does not exist, or a key of a reading.
        UsageError: the file of a reading is none, or a decision is out of range.
    """
    before = _given(reading)
    columns = _columns_of(before, choices)
    repair = choices.pop("repair", True) and before.repair
    now = {}
    for name, value in choices.items():
        if name in _OF_COLUMNS or value in (None, ()) or isinstance(value, Mapping):
            continue
        if name == "keep_rows" and not value:
            continue
        check_decision(name, value)
        now[name] = value
    return msgspec.structs.replace(before, **now, columns=columns, repair=repair)


def _given(reading: Any) -> ReadOptions:
    if reading is None:
        return ReadOptions()
    if isinstance(reading, ReadOptions):
        return reading
    if isinstance(reading, Reading):
        return decisions_of(reading)
    if isinstance(reading, Mapping):
        return check_decisions(reading)
    return load_reading(reading)


def _columns_of(before: ReadOptions, choices: Mapping[str, Any]) -> dict[str, ColumnOptions]:
    columns = dict(before.columns)

    def change(name: str, **values: Any) -> None:
        columns[name] = msgspec.structs.replace(columns.get(name, ColumnOptions()), **values)

    for name, kind in choices.get("kinds", {}).items():
        if kind not in {*Kind}:
            raise UnknownName("kind-unknown", "kind", str(kind), [k.value for k in Kind])
        change(name, kind=Kind(kind))
        columns[name] = columns[name].for_its_kind()
    for key, name, value in _by_column(choices, "decimal", "dates"):
        check_decision(key, value)
        change(name, **{key: value})
    for key, name, words in _by_column(choices, "missing", "not_missing"):
        had = getattr(columns.get(name, ColumnOptions()), key)
        change(name, **{key: (*had, *words)})
    for name, order in choices.get("order", {}).items():
        change(name, kind=Kind.ordinal, order=tuple(order))
    for key in ("keep", "fold_case"):
        for name in choices.get(key, ()):
            change(name, **{key: True})
    return columns


def _words(given: Any) -> Any:
    """Return words for missing, of all columns or by column, as tuples; one word is one."""
    if isinstance(given, Mapping):
        return {name: _words(words) for name, words in given.items()}
    return (given,) if isinstance(given, str) else tuple(given)


def _by_column(choices: Mapping[str, Any], *keys: str) -> Iterable[tuple[str, str, Any]]:
    """Yield the decisions that are about single columns: key, name of the column, value."""
    for key in keys:
        choice = choices.get(key)
        if isinstance(choice, Mapping):
            yield from ((key, name, value) for name, value in choice.items())


def _without(frame: pl.DataFrame, options: ReadOptions, source: str) -> pl.DataFrame:
    for name in (*options.drop, *options.columns):
        if name not in frame.columns:
            raise UnknownName("column-unknown", "column", name, frame.columns, source)
    return frame.drop(options.drop)


def _check_rows(frame: pl.DataFrame, source: str, skip: int | None) -> None:
    if frame.width == 0 and skip:
        raise DataError("rows-skipped", where=source, skip=skip)
    if frame.width == 0:
        raise DataError("table-empty", where=source)
    if frame.height == 0:
        raise DataError("table-header-only", where=source, columns=frame.columns)
