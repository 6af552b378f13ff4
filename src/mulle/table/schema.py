"""A table and its schema: what each column is, why, and what was repaired while reading.

Polars types are the storage: numbers and booleans are Float64 with null for missing, dates are
Datetime("us"), everything else is String in NFC. What a graph is fed is made from this in `graph`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.errors import PredictionError, UnknownName
from mulle.table.kinds import Kind, Storage


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change made while reading: listed, counted, undoable.

    Attributes:
        code: what sort of repair (`decoded`, `thousands`, `missing-token`, ...).
        column: the column it was made in, "" for the whole file.
        count: how many values changed.
        values: the evidence: the encoding, an example before and after.
    """

    code: str
    column: str = ""
    count: int = 0
    values: dict[str, Any] = {}


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column: its kind with the reason, and the repairs that new rows need as well.

    Attributes:
        name: as in the data, in NFC.
        kind: what it is.
        storage: how it is stored.
        reason: why it has this kind, a code (`all-unique`, `few-integers`, `given`, ...).
        values: the evidence for the reason.
        repairs: codes of the repairs that are applied to each new value, in order.
        categories: the order of an ordinal column; empty for all others.
    """

    name: str
    kind: Kind
    storage: Storage
    reason: str = ""
    values: dict[str, Any] = {}
    repairs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class Schema(msgspec.Struct, frozen=True):
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [c.name for c in self.columns]

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownName("column-unknown", "column", name, self.names)

    def select(self, names: Iterable[str]) -> Schema:
        """The schema of some columns, in the order given."""
        return Schema(tuple(self[n] for n in names))

    def conform(self, rows: pl.DataFrame) -> Table:
        """New rows in the shape of this schema: the same columns, storage and repairs.

        Raises:
            PredictionError: a column is missing, or holds values it cannot hold.
        """
        missing = [n for n in self.names if n not in rows.columns]
        if missing:
            raise PredictionError(
                "column-missing",
                f"The rows lack {len(missing)} column(s): {', '.join(missing[:5])}.",
                fix=f"Give all of: {', '.join(self.names[:20])}.",
            )
        frame = rows.select(
            pl.col(c.name).cast(c.storage.dtype, strict=False) for c in self.columns
        )
        return Table(frame, self)


@dataclass(frozen=True)
class Table:
    """A Polars frame with its schema, and what was repaired to make it."""

    frame: pl.DataFrame
    schema: Schema
    repairs: tuple[Repair, ...] = ()
    source: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return self.schema.names

    def select(self, names: Iterable[str]) -> Table:
        """Some columns, in the order given."""
        names = list(names)
        return Table(self.frame.select(names), self.schema.select(names), self.repairs, self.source)

    def drop(self, names: Iterable[str]) -> Table:
        """All columns but these."""
        gone = set(names)
        return self.select(n for n in self.names if n not in gone)

    def take(self, rows: np.ndarray[Any, Any]) -> Table:
        """Some rows, by position (int) or mask (bool)."""
        frame = self.frame.filter(rows) if rows.dtype == bool else self.frame[rows]
        return Table(frame, self.schema, self.repairs, self.source)
