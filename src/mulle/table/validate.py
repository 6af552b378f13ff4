"""New rows in the shape of known columns; what does not fit is named by row, column and value."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from mulle.errors import PredictionError
from mulle.table.read.frames import frame_of
from mulle.table.read.names import tidy_names
from mulle.table.types import store
from mulle.table.types.column import Column, Repair
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.pixels import image_unreadable
from mulle.table.types.store_many import store_many

MIN_ROWS_TO_SHARE = 1_000  # rows from which on it pays to look whether texts repeat
MAX_COLUMNS_MATCHED = 8  # missing columns for which near names are looked for


def validate_frame(
    rows: pl.DataFrame,
    columns: Sequence[Column],
    *,
    first: int = 0,
    refused: dict[int, PredictionError] | None = None,
    stored: bool = False,
) -> tuple[pl.DataFrame, list[Repair]]:
    """Bring a frame to the columns asked for, in their storage, and list the repairs.

    Args:
        first: rows of a file before these, for the row number that an error names.
        refused: where given, takes for each row (by position) the first of its values that cannot
            be read, which is then missing; nothing is raised for it.
        stored: whether numbers in the frame were read before, and are in no unit any more.

    Raises:
        PredictionError: a column is missing, or a value cannot be read.
    """
    frame = _columns_of(rows, columns)
    cells = [_cells_of(column, frame, stored=stored) for column in columns]
    together = store_many([given for given, _ in cells], [wanted for _, wanted in cells])
    read: list[pl.Series] = []
    repairs: list[Repair] = []
    for at, (column, (given, wanted)) in enumerate(zip(columns, cells, strict=True)):
        if at in together:
            read.append(together[at])
            continue
        values, unread, made = _store_distinct(given, wanted)
        if unread.any():
            if refused is None:
                row = int(unread.arg_max() or 0)
                raise value_unreadable(first + row + 1, column, given[row])
            for row in unread.arg_true():
                wrong = value_unreadable(first + row + 1, column, given[row])
                refused.setdefault(row, wrong)
        read.append(values)
        repairs += made
    return pl.DataFrame(read), repairs


def _store_distinct(
    given: pl.Series, column: Column
) -> tuple[pl.Series, pl.Series, Sequence[Repair]]:
    """Read cells as `store` does, and equal texts once: dates and odd numbers repeat."""
    if given.dtype != pl.String or len(given) < MIN_ROWS_TO_SHARE:
        return store(given, column)
    texts = given.drop_nulls().unique()
    if not 0 < len(texts) <= len(given) // 4:
        return store(given, column)
    values, unread, made = store(texts.alias(given.name), column)
    if made:  # repairs are counted by rows
        return store(given, column)
    codes = given.cast(pl.Enum(texts)).to_physical()
    return values.gather(codes), unread.gather(codes).fill_null(value=False), made


def _columns_of(rows: pl.DataFrame, columns: Sequence[Column]) -> dict[str, pl.Series]:
    """Return the columns of rows by name; refuse rows that lack one that is asked for."""
    found = frame_of(rows, repair=False)
    asked = [column.name for column in asked_columns(columns)]
    frame = _renamed(found[0] if found else rows, {*asked, *(c.name for c in columns)})
    if not frame.width:
        frame = pl.DataFrame(schema=dict.fromkeys(asked, pl.String))
    by_name = {values.name: values for values in frame.get_columns()}
    computed = {c.source for c in columns if _stands_computed(c, by_name)}
    missing = [name for name in asked if name not in by_name and name not in computed]
    if missing:
        raise columns_missing(missing, by_name, {*asked})
    return by_name


def asked_columns(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that rows must have: a derived column asks for its source instead."""
    names = {column.name for column in columns}
    asked = {}
    for column in columns:
        name = column.source or column.name
        if not column.source or name not in names:
            asked[name] = _as_source(column) if column.source else column
    return [*asked.values()]


def _as_source(column: Column) -> Column:
    """Return the column that a derived one is made from, where the schema itself has none."""
    notation = msgspec.structs.replace(column.notation, form="limit")
    return Column(column.source, Kind.continuous, Storage.number, notation=notation)


def _stands_computed(column: Column, frame: Mapping[str, pl.Series]) -> bool:
    """Tell whether a derived column stands in a frame already, computed from the same cells."""
    found = frame.get(column.name) if column.source else None
    return found is not None and found.dtype.is_numeric()


def _cells_of(
    column: Column, frame: Mapping[str, pl.Series], *, stored: bool
) -> tuple[pl.Series, Column]:
    """Return the cells that a column is read from, and what they are to be read as."""
    if _stands_computed(column, frame):
        return frame[column.name], Column(column.name, column.kind, column.storage)
    given = frame[column.source or column.name]
    return given, column.as_stored if stored and given.dtype.is_numeric() else column


def columns_missing(
    missing: Sequence[str], given: Collection[str], wanted: Collection[str]
) -> PredictionError:
    """Return the error for rows that lack columns; names that are nearly right are pointed out."""
    given = [name[:100] for name in itertools.islice(given, 200)]  # callers may send any number
    free = {name.casefold(): name for name in given if name not in wanted}
    renames = []
    for name in missing[:MAX_COLUMNS_MATCHED]:
        for close in difflib.get_close_matches(name.casefold(), free, n=1, cutoff=0.7):
            renames.append(f"{free.pop(close)} → {name}")
    about: dict[str, Any] = {"columns": list(missing), "given": given}
    if renames:
        return PredictionError("column-misnamed", renames=renames, **about)
    return PredictionError("column-missing", **about)


def _renamed(frame: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
    """Match names that differ from the wanted ones only in Unicode form or blanks."""
    if wanted <= set(frame.columns):
        return frame
    tidy, _ = tidy_names(frame.columns)
    fits = {
        given: name
        for given, name in zip(frame.columns, tidy, strict=True)
        if name in wanted and name not in frame.columns
    }
    return frame.rename(fits)


def value_unreadable(row: int, column: Column, value: Any) -> PredictionError:
    """Return the error for a value that a column cannot hold."""
    if column.notation.form == "pixels":
        return image_unreadable(row, column.name, value)
    comma = column.storage is Storage.number and column.notation.decimal == ","
    return PredictionError(
        "value-unreadable",
        row=row,
        column=column.source or column.name,
        expected="number-comma" if comma else column.storage.value,
        received=str(value)[:200],
    )
