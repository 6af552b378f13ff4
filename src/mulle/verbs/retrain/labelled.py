"""Labelled rows of one table, in the champion's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from mulle.arrays import Array
from mulle.bundle import Manifest
from mulle.errors import DataError
from mulle.table import Column, Table, read, read_cells


@dataclass(frozen=True)
class Labelled:
    """Labelled rows of one table: features, target, columns with a role; the target as numbers.

    `rest` are the columns that no model reads.
    """

    frame: pl.DataFrame
    y: Array
    unlabelled: int
    extras: tuple[Column, ...]
    rest: dict[str, pl.Series]


def labelled(source: Any, manifest: Manifest, roles: Mapping[str, str]) -> Labelled:
    """Read a table and keep its rows that have a label.

    Raises:
        PredictionError: a column of the champion is missing, or holds what it cannot hold.
        UnknownName: the target or a column with a role is missing.
        DataError: no row has a label, or one has a label that the champion does not know.
    """
    table = source if isinstance(source, Table) else read(source)
    raw = table.frame if isinstance(source, Table) else read_cells(source).frame
    known = manifest.schema.names
    extras = [name for name in dict.fromkeys(roles.values()) if name not in known]
    target = manifest.target
    encoded = target.encode(target.column_in(raw), where=table.source)
    y, rows = encoded.y[encoded.rows], encoded.rows
    if not len(rows):
        raise DataError("target-missing", where=table.source, column=target.name)
    frame = manifest.schema.validate(raw).frame.with_columns(
        *(table.column(name).alias(name) for name in extras)
    )[rows]
    columns = tuple(table.schema[name] for name in extras)
    used = {*known, *extras, target.name}
    rest = {name: table.frame[name][rows] for name in table.names if name not in used}
    return Labelled(
        frame.with_columns(_stored(y, manifest)), y, table.height - len(rows), columns, rest
    )


def columns_of(manifest: Manifest, extras: Iterable[Column]) -> tuple[Column, ...]:
    """Return the champion's columns, those with a role, and its target in its notation."""
    return (*manifest.schema.columns, *extras, manifest.target.column)


def _stored(y: Array, manifest: Manifest) -> pl.Series:
    """The target as it is stored in a table: numbers, or the labels' text."""
    target, dtype = manifest.target, manifest.target.column.storage.dtype
    values = pl.Series(target.name, y) if target.is_regression else target.decode(y)
    return values.cast(dtype).alias(target.name)
