"""A table and its schema: what each column is, why, and what was repaired while reading.

Polars types are the storage: numbers and booleans are Float64 with null for missing, dates are
Datetime("us"), everything else is String in NFC. What a graph is fed is made from this in `graph`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.errors import PredictionError, UnknownName
from mulle.table.cell_readers import Cell
from mulle.table.read.frames import few_rows
from mulle.table.read.rows import rows_of
from mulle.table.reading import AS_IT_IS, Reading
from mulle.table.row import RowReader
from mulle.table.types.column import Column, Repair
from mulle.table.types.options import ReadOptions
from mulle.table.validate import asked_columns, validate_frame

__all__ = ["Column", "Repair", "Schema", "Table"]

MAX_SHOWN = 10  # columns of a printed table
MAX_FEW_ROWS = 200  # of a frame: in more, whole columns are read sooner than cells


class Schema(msgspec.Struct, frozen=True, dict=True):
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [c.name for c in self.columns]

    @cached_property
    def asked(self) -> tuple[Column, ...]:
        """The columns that a row must have: the sources of derived columns instead of those."""
        return tuple(asked_columns(self.columns))

    @property
    def known(self) -> list[str]:
        """Names that the columns of rows may have: of the schema, and of those it asks for."""
        return list(dict.fromkeys(c.name for c in (*self.asked, *self.columns)))

    def __getitem__(self, name: str) -> Column:
        found = self._by_name.get(name)
        if found is None:
            raise UnknownName("column-unknown", "column", name, self.names)
        return found

    def select(self, names: Iterable[str]) -> Schema:
        """The schema of some columns, in the order given."""
        return Schema(tuple(self[n] for n in names))

    def validate(
        self,
        rows: pl.DataFrame | Table,
        *,
        first: int = 0,
        refused: dict[int, PredictionError] | None = None,
    ) -> Table:
        """Bring new rows into the shape of this schema: its columns, storage and repairs.

        Columns the schema does not know are left out; categories never seen pass.

        Args:
            rows: cells as they were written, or a table that was read before.
            first, refused: see `validate_frame`.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        known = isinstance(rows, Table)
        frame, repairs = validate_frame(
            rows.frame if isinstance(rows, Table) else rows,
            self.columns, first=first, refused=refused, stored=known,
        )  # fmt: skip
        reading = Reading(columns=self.columns, repairs=tuple(repairs))
        return Table(frame, self, reading)

    def validate_rows(self, rows: Any, options: ReadOptions | None = None) -> Table:
        """Bring rows in any form that people send into the shape of this schema.

        Args:
            rows: one dict, a list of dicts, a dict of lists, JSON text (any of these, or
                {"columns": [...], "data": [...]}), CSV text, a path, or a frame of any library.
            options: what a person has decided about the layout of a file.

        Returns:
            All rows below the header; those that the layout leaves out hold nothing.

        Raises:
            PredictionError: the rows are not a table, lack a column, or hold a value that cannot
                be read.
        """
        return self.validate(rows_of(rows, self.asked, options or ReadOptions()).frame)

    def row(self, values: Mapping[str, Any]) -> dict[str, Cell]:
        """Read one row as plain Python values: as `validate`, without building a frame.

        Returns:
            By column: float, int (microseconds since 1970 in UTC), str, or None for missing.

        Raises:
            PredictionError: as `validate`.
        """
        return self._reader(values)

    def cells(self, rows: Any) -> dict[str, list[Cell]] | None:
        """Read a list of rows, or a few as a dict of lists or a frame, without building a frame.

        Returns:
            As `row`, with a list [N] for each column; None for all else, which `validate_rows`
            reads.

        Raises:
            PredictionError: as `validate`.
        """
        if isinstance(rows, list | tuple):
            if not rows or not all(isinstance(row, Mapping) for row in rows):
                return None
            return self._reader.many(rows)
        if isinstance(rows, Mapping):
            return self._reader.columns(rows) if self._are_few_columns(rows) else None
        few = few_rows(rows, MAX_FEW_ROWS)
        return None if few is None else self._reader.columns(few)

    def _are_few_columns(self, rows: Mapping[str, Any]) -> bool:
        """Tell whether a dict holds short lists of one length for all columns asked for."""
        if not all(isinstance(values, list | tuple) for values in rows.values()):
            return False
        lengths = {len(values) for values in rows.values()}
        known = all(column.name in rows for column in self.asked)
        return known and len(lengths) == 1 and 0 < lengths.pop() <= MAX_FEW_ROWS

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(self.columns)


@dataclass(frozen=True)
class Table:
    """A Polars frame with its schema, and what was repaired to make it."""

    frame: pl.DataFrame
    schema: Schema
    reading: Reading = AS_IT_IS
    source: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the size, and a line for each of the first columns."""
        columns = self.schema.columns
        lines = [f"Table of {self.height:,} rows and {len(columns):,} columns"]
        if self.source:
            lines[0] += f", {self.source}"
        lines += [f"  {c.name}: {c.kind}, {c.storage}" for c in columns[:MAX_SHOWN]]
        if len(columns) > MAX_SHOWN:
            lines.append(f"  and {len(columns) - MAX_SHOWN:,} more")
        return "\n".join(lines)

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What was changed to read it."""
        return self.reading.repairs

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return self.schema.names

    def column(self, name: str) -> pl.Series:
        """Return the values of a column, as a series without a name.

        Polars takes a name between ^ and $ for a pattern, in the methods of a series too.

        Raises:
            UnknownName: there is no such column.
        """
        return self.frame[self.schema[name].name].alias("")

    def select(self, names: Iterable[str]) -> Table:
        """Some columns, in the order given."""
        names = list(names)
        schema = self.schema.select(names)
        # By position, not by expression: "*" is a name as well.
        frame = pl.DataFrame([self.frame[name] for name in names])
        return Table(frame, schema, self.reading, self.source)

    def drop(self, names: Iterable[str]) -> Table:
        """All columns but these."""
        gone = set(names)
        return self.select(n for n in self.names if n not in gone)

    def take(self, rows: np.ndarray[Any, Any]) -> Table:
        """Some rows, by position (int) or mask (bool)."""
        frame = self.frame.filter(rows) if rows.dtype == bool else self.frame[rows]
        return Table(frame, self.schema, self.reading, self.source)
