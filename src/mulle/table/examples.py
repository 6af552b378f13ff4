"""Cells of a column before and after they were read, for people to compare."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from mulle.table.reading import Cells
from mulle.table.schema import Table
from mulle.table.types.column import Column
from mulle.table.types.kinds import Storage
from mulle.table.types.numbers import number_text

SAMPLE = 10_000  # rows that are looked at
EXAMPLES = 3


class Example(NamedTuple):
    """A cell as it was written, and what it became: None where it is missing."""

    before: str
    after: str | None


def examples_of(cells: Cells, table: Table, column: Column, most: int = EXAMPLES) -> list[Example]:
    """Return cells of a column, those first that reading changed, with one that became missing.

    Args:
        cells: as they were written.
        table: what became of them, row by row.
        column: one of the table.
        most: how many.
    """
    name = column.source or column.name
    if name not in cells.frame.columns or cells.frame.height != table.height:
        return []
    before = cells.frame[name].head(SAMPLE)
    if before.dtype == pl.Binary or before.dtype.is_nested():
        return []
    after = _written(table.column(column.name).head(SAMPLE), column.storage)
    pair = pl.DataFrame([before.cast(pl.String).alias("before"), after.alias("after")])
    seen = pair.filter(pl.col("before").is_not_null()).unique(maintain_order=True)
    lost = pl.col("after").is_null()
    number = (pl.col(side).cast(pl.Float64, strict=False) for side in ("before", "after"))
    alike = next(number) == next(number)  # "2.30" is 2.3 to everybody
    changed = (pl.col("before") != pl.col("after")) & ~alike.fill_null(value=False)
    changed = changed.fill_null(value=False)
    chosen = [
        *seen.filter(changed).head(most - 1).rows(),
        *seen.filter(lost).head(1).rows(),
    ]
    chosen += [row for row in seen.head(2 * most).rows() if row not in chosen]
    return [Example(*row) for row in chosen[:most]]


def _written(values: pl.Series, storage: Storage) -> pl.Series:
    """Return values as text: whole numbers without fraction, dates without midnight."""
    if storage is Storage.number:
        return number_text(values)
    if storage is Storage.date:
        return values.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return values.cast(pl.String)
