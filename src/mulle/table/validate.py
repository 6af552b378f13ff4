"""New rows in the shape of known columns; what does not fit is named by row, column and value."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from mulle.errors import PredictionError
from mulle.table.read.frames import frame_of
from mulle.table.read.names import tidy_names
from mulle.table.types import store
from mulle.table.types.column import Column, Repair

MAX_COLUMNS_MATCHED = 8  # missing columns for which near names are looked for


def validate_frame(
    rows: pl.DataFrame,
    columns: Sequence[Column],
    *,
    first: int = 0,
    refused: dict[int, PredictionError] | None = None,
) -> tuple[pl.DataFrame, list[Repair]]:
    """Bring a frame to the columns asked for, in their storage, and list the repairs.

    Args:
        first: rows of a file before these, for the row number that an error names.
        refused: where given, takes for each row (by position) the first of its values that cannot
            be read, which is then missing; nothing is raised for it.

    Raises:
        PredictionError: a column is missing, or a value cannot be read.
    """
    found = frame_of(rows, repair=False)
    frame = _renamed(found[0] if found else rows, {c.name for c in columns})
    if not frame.width:
        frame = pl.DataFrame(schema={c.name: pl.String for c in columns})
    missing = [c.name for c in columns if c.name not in frame.columns]
    if missing:
        raise columns_missing(missing, frame.columns, {c.name for c in columns})
    stored, repairs = [], []
    for column in columns:
        values, unread, made = store(frame[column.name], column)
        if unread.any():
            given = frame[column.name]
            if refused is None:
                row = int(unread.arg_max() or 0)
                raise _unreadable(first + row + 1, column, given[row])
            for row in unread.arg_true():
                wrong = _unreadable(first + row + 1, column, given[row])
                refused.setdefault(row, wrong)
        stored.append(values)
        repairs += made
    return pl.DataFrame(stored), repairs


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


def _unreadable(row: int, column: Column, value: Any) -> PredictionError:
    return PredictionError(
        "value-unreadable",
        row=row,
        column=column.name,
        expected=column.storage.value,
        received=str(value)[:200],
    )
