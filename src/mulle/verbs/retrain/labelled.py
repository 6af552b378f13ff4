"""Labelled rows of one table, in the champion's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from mulle.arrays import Array
from mulle.bundle import Manifest
from mulle.errors import UnknownName
from mulle.table import Column, Reading, ReadOptions, Schema, Table, read, read_labelled
from mulle.table.labelled import UNLABELLED


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
    reading: Reading


def labelled(
    source: Any, manifest: Manifest, roles: Mapping[str, str], options: ReadOptions
) -> Labelled:
    """Read a table and keep its rows that have a label.

    A column with a role is read by the notation that it had in training, where it had one.

    Raises:
        PredictionError: a column of the champion is missing, or holds what it cannot hold.
        UnknownName: the target or a column with a role is missing.
        DataError: no row has a label, or one has a label that the champion does not know.
    """
    schema, target = manifest.schema, manifest.target
    found = read_labelled(source, schema, target, options, manifest.layout)
    sent, rows = found.sent.frame, found.rows
    names = [name for name in dict.fromkeys(roles.values()) if name not in schema.names]
    known = {column.name: column for column in manifest.roles}
    extras = [_extra(sent, name, known.get(name), found.table.source) for name in names]
    frame = found.table.frame.with_columns(
        *(extra.column(name)[rows].alias(name) for name, extra in zip(names, extras, strict=True)),
        _stored(found.y, manifest),
    )
    used = {*schema.known, *names, target.name}
    return Labelled(
        frame,
        found.y,
        sum(out.count for out in found.table.reading.left_out if out.code == UNLABELLED),
        tuple(extra.schema.columns[0] for extra in extras),
        {name: sent[name][rows] for name in sent.columns if name not in used},
        found.table.reading,
    )


def _extra(sent: pl.DataFrame, name: str, known: Column | None, where: str) -> Table:
    """Return a column with a role as a table of its own."""
    if name not in sent.columns:
        raise UnknownName("column-unknown", "column", name, sent.columns, where)
    cells = sent[name].to_frame()
    return read(cells) if known is None else Schema((known,)).validate(cells)


def columns_of(manifest: Manifest, extras: Iterable[Column]) -> tuple[Column, ...]:
    """Return the champion's columns, those with a role, and its target in its notation."""
    return (*manifest.schema.columns, *extras, manifest.target.column)


def _stored(y: Array, manifest: Manifest) -> pl.Series:
    """The target as it is stored in a table: numbers, or the labels' text."""
    target, dtype = manifest.target, manifest.target.column.storage.dtype
    values = pl.Series(target.name, y) if target.is_regression else target.decode(y)
    return values.cast(dtype).alias(target.name)
