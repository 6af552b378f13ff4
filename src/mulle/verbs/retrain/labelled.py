"""Labelled rows of one table, in the champion's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from mulle.arrays import Array
from mulle.bundle import Manifest
from mulle.errors import DataError
from mulle.table import Column, Kind, Table, read
from mulle.table.sources import load
from mulle.verbs.fit.task import Task, codes_like


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


def labelled(source: Any, manifest: Manifest, task: Task, roles: Mapping[str, str]) -> Labelled:
    """Read a table and keep its rows that have a label.

    Raises:
        PredictionError: a column of the champion is missing, or holds what it cannot hold.
        UnknownName: the target or a column with a role is missing.
        DataError: no row has a label, or one has a label that the champion does not know.
    """
    table = source if isinstance(source, Table) else read(source)
    raw = table.frame if isinstance(source, Table) else load(source)[0]
    known = manifest.schema.names
    extras = [name for name in dict.fromkeys(roles.values()) if name not in known]
    y, rows = codes_like(task, table)
    if not len(rows):
        raise DataError("target-unknown-everywhere", where=table.source, target=task.target)
    frame = manifest.schema.conform(raw).frame.with_columns(
        *(table.column(name).alias(name) for name in extras)
    )[rows]
    target = pl.Series(task.target, _stored(y, manifest))
    columns = tuple(table.schema[name] for name in extras)
    used = {*known, *extras, task.target}
    rest = {name: table.frame[name][rows] for name in table.names if name not in used}
    return Labelled(frame.with_columns(target), y, table.height - len(rows), columns, rest)


def columns_of(manifest: Manifest, extras: Iterable[Column]) -> tuple[Column, ...]:
    """The champion's columns, the columns with a role, and the target as the champion knows it."""
    kind, first = Kind.continuous, manifest.labels[0] if manifest.labels else 0.0
    if manifest.labels:
        kind = Kind.nominal if isinstance(first, str) else Kind.discrete
    if isinstance(first, bool):
        kind = Kind.boolean
    target = Column(manifest.target, kind, kind.storage, "given")
    return (*manifest.schema.columns, *extras, target)


def _stored(y: Array, manifest: Manifest) -> list[Any]:
    """The target as it is stored in a table: numbers, or the labels' text."""
    if not manifest.labels:
        return list(y.tolist())
    texts = isinstance(manifest.labels[0], str)
    labels = [str(v) if texts else float(v) for v in manifest.labels]
    return [labels[code] for code in y.tolist()]
