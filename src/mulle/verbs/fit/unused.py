"""What a run does not use of its table, and what it doubts, each once, with what brings it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.metrics import Alone, alone_scores
from mulle.table import Column, Doubt, Kind, LeftOut, Schema, Storage, Table, Target

MAX_SCORED = 1_000  # columns that are scored alone
MAX_ROWS_NAMED = 5
MAX_SPELLINGS = 5
#: repairs that make cells missing, and the codes that they are told under
_CELLS = {"missing-token": "cells-words", "infinite": "cells-infinite"}
_TOLD = {"missing-word"}
#: what a key must tell beyond chance to be learned from, as a share of all there is to tell
_TELLS, _CHANCE = 0.2, 2.0
_CODES = {
    Kind.id: "column-id",
    Kind.constant: "column-constant",
}


def rows_left_out(table: Table, target: Target, rows: Array) -> list[LeftOut]:
    """Return the rows that have no target.

    Args:
        table: all rows.
        target: what is predicted.
        rows: positions of those that have one.
    """
    missing = np.setdiff1d(np.arange(table.height), rows, assume_unique=True)
    if not len(missing):
        return []
    moved = any(out.code != "cells-missing" and not out.column for out in table.reading.left_out)
    first = () if moved else tuple(int(row) + 1 for row in missing[:MAX_ROWS_NAMED])
    return [LeftOut("target-missing", target.name, len(missing), first)]


def cells_left_out(table: Table, target: Target) -> list[LeftOut]:
    """Return the cells of all features that became missing, apart from those listed already."""
    known = {out.column for out in table.reading.left_out if out.code in _TOLD} | {target.name}
    found = []
    for repair, code in _CELLS.items():
        made = [r for r in table.repairs if r.code == repair and r.column not in known]
        if made:
            columns = [r.column for r in made]
            count = sum(r.count for r in made)
            found.append(LeftOut(code, count=count, values={"columns": columns}))
    return found


def unused_columns(table: Table) -> list[Column]:
    """Return the columns that are no features by their kind: identifiers, constants."""
    return [column for column in table.schema.columns if column.kind in _CODES]


def scores_of(
    table: Table, columns: list[Column], y: Array, target: Target, seed: int
) -> dict[str, Alone]:
    """Return what unused columns alone tell about the target, in the rows that have one."""
    looked_at = [c for c in columns if c.kind is Kind.id][:MAX_SCORED]
    views = {c.name: _as_numbers(table.column(c.name)) for c in looked_at}
    return alone_scores(views, y, target.task, seed)


def keep_telling(table: Table, scores: Mapping[str, Alone]) -> tuple[Table, list[Doubt]]:
    """Keep keys that tell about the target: numbers that are all different, but no run of them.

    A run (1, 2, 3, ...) tells the order of the file, which new rows do not share.
    """
    columns, doubts = [], []
    for column in table.schema.columns:
        alone = scores.get(column.name)
        if alone and _is_measured(table, column) and _tells(alone, table.height):
            column = msgspec.structs.replace(column, kind=Kind.continuous, reason="tells")
            values = {"score": alone.score, "baseline": alone.baseline, "metric": alone.metric}
            doubts.append(Doubt("id-kept", column.name, values=values))
        columns.append(column)
    reading = msgspec.structs.replace(table.reading, columns=tuple(columns))
    return Table(table.frame, Schema(tuple(columns)), reading, table.source, table.notes), doubts


def columns_left_out(columns: list[Column], scores: Mapping[str, Alone]) -> list[LeftOut]:
    """Return columns that are not learned from, each with what it alone reaches."""
    return [
        LeftOut(
            _CODES[column.kind],
            column.name,
            values={"reason": column.reason, **_score_values(scores.get(column.name))},
        )
        for column in columns
    ]


def target_doubts(table: Table, target: Target, *, given: bool) -> list[Doubt]:
    """Return what is in doubt about a target: whether it counts, and labels that look alike.

    Args:
        table: the rows that have one.
        target: as it was found.
        given: whether a person has named the task.
    """
    values = table.column(target.name)
    if target.is_regression:
        if given or target.column.kind is not Kind.discrete:
            return []
        return [Doubt("target-counts", target.name, values.n_unique())]
    if target.column.storage is not Storage.string:
        return []
    return _spellings(values, target.name)


def _spellings(values: pl.Series, name: str) -> list[Doubt]:
    """Return the labels that differ in nothing but case and blanks, with their rows."""
    counts = values.alias("label").drop_nulls().value_counts(sort=True)
    form = pl.col("label").str.to_lowercase().str.replace_all(r"[\s_-]+", "")
    groups = (
        counts.group_by(form.alias("form"), maintain_order=True)
        .agg("label", "count")
        .filter(pl.col("label").list.len() > 1)
    )
    if not groups.height:
        return []
    rows = int(groups["count"].list.sum().sum())
    shown = {
        label: count
        for labels, times in zip(groups["label"], groups["count"], strict=True)
        for label, count in zip(labels, times, strict=True)
    }
    distinct = groups["label"].list.len().sum() - groups.height
    values_of = {"spellings": shown, "classes": counts.height, "merged": counts.height - distinct}
    return [Doubt("spellings", name, rows, values_of)]


def _is_measured(table: Table, column: Column) -> bool:
    if column.kind is not Kind.id or column.storage is not Storage.number:
        return False
    if column.reason != "all-unique":
        return False
    values = table.column(column.name)
    low, high = values.min(), values.max()
    run = isinstance(low, float) and isinstance(high, float) and high - low + 1 <= 1.2 * len(values)
    return not run


def _tells(alone: Alone, rows: int) -> bool:
    gain = (alone.score - alone.baseline) / (1 - alone.baseline)
    return bool(gain > _TELLS + _CHANCE / np.sqrt(rows))


def _as_numbers(values: pl.Series) -> Array:
    """Return the values of a key as numbers: texts by their place in the alphabet."""
    if values.dtype == pl.String:
        values = values.rank("dense")
    return values.cast(pl.Float64).to_numpy()


def _score_values(alone: Alone | None) -> dict[str, Any]:
    if alone is None:
        return {"score": None, "baseline": None, "metric": ""}
    return {"score": alone.score, "baseline": alone.baseline, "metric": alone.metric}
