"""All rows of a large table as features on the disk, written in one pass and mapped from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.budget import Stop, check
from mulle.errors import DataError, PredictionError
from mulle.graph import arrays
from mulle.steps import Preparation
from mulle.table import Column, Kind, Schema, Storage, Table, Target
from mulle.table.stream.sample import read_all_rows
from mulle.verbs.fit.large.table import LargeTable, watched
from mulle.verbs.fit.pipeline import Scaling

_CELLS_AT_ONCE = 4 << 20  # that are prepared at once
_MOST_KNOWN = 10_000  # categories of a column that are looked up
_MOST_ROWS_NAMED = 5
_MOST_NAMED = 3


@dataclass
class Seen:
    """What the pass over all rows found that the sample did not have.

    Attributes:
        rows: that were read.
        unlabelled: rows without a target; `first` are the numbers of the first of them.
        strange: labels that the sample did not have, with their rows.
        unread: cells that cannot be read as those of the sample: by column, how many and examples.
        late: likewise, cells that hold a category which the sample did not have.
    """

    rows: int = 0
    unlabelled: int = 0
    first: list[int] = field(default_factory=list)
    strange: dict[str, int] = field(default_factory=dict)
    unread: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    late: dict[str, tuple[int, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """How rows become features and a target.

    Attributes:
        schema: the columns to learn from.
        target: what is predicted.
        preparation: that has learned from the sample.
        scaling: of a target of values.
        weight: the column of what a row counts; None where there is none.
        known: the categories of the sample, by column.
    """

    schema: Schema
    target: Target
    preparation: Preparation
    scaling: Scaling
    weight: Column | None
    known: Mapping[str, pl.Series]

    @property
    def features(self) -> int:
        """How many features there are."""
        return len(self.preparation.feature_names_)


@dataclass(frozen=True)
class Mapped:
    """Rows on the disk.

    Attributes:
        x: features [N, F], float32.
        y: class codes or scaled values [N], float32.
        weight: what each row counts [N]; None where all count alike.
        seen: what the pass found.
    """

    x: Array
    y: Array
    weight: Array | None
    seen: Seen


def bytes_on_disk(rows: float, recipe: Recipe) -> int:
    """Return what so many rows take on the disk."""
    return int(rows * np.float32().nbytes * (recipe.features + 1 + (recipe.weight is not None)))


def categories_of(table: Table) -> dict[str, pl.Series]:
    """Return the categories that a sample has, of the columns that have not too many."""
    found = {}
    for column in table.schema.columns:
        if column.storage is Storage.string and column.kind is not Kind.text:
            values = table.column(column.name).drop_nulls().unique()
            if len(values) <= _MOST_KNOWN:
                found[column.name] = values
    return found


def write_matrices(
    large: LargeTable,
    recipe: Recipe,
    folder: Path,
    *,
    without: Array,
    share: float,
    seed: int,
    stop: Stop,
) -> Mapped:
    """Read all rows once, and write those that are learned from.

    Args:
        large: the table.
        recipe: how rows become features.
        folder: of the files.
        without: positions of rows that are not learned from, sorted.
        share: of the other rows that are drawn.
        seed: of the draw.
        stop: asked between parts.

    Raises:
        TimeUp: `stop` came true.
        DataError: the files are not what they were, or damaged.
        OSError: the disk is full.
    """
    rng, seen = np.random.default_rng(seed), Seen()
    names = ["x", "y"] if recipe.weight is None else ["x", "y", "weight"]
    files = {name: (folder / name).open("wb") for name in names}
    rows = 0
    try:
        with watched(large.files, large.marks):
            for part in _parts(large, recipe):
                check(stop)
                wanted = _wanted(part, seen.rows, without, share, rng)
                rows += _write(part, wanted, recipe, files, seen)
    finally:
        for file in files.values():
            file.close()
    if not rows:
        raise DataError("table-without-rows", where=str(large.files[0]))
    shapes = {"x": (rows, recipe.features), "y": (rows,), "weight": (rows,)}
    mapped = {n: np.memmap(folder / n, np.float32, "r", shape=shapes[n]) for n in names}
    return Mapped(mapped["x"], mapped["y"], mapped.get("weight"), seen)


def _parts(large: LargeTable, recipe: Recipe) -> Iterator[pl.DataFrame]:
    """Yield all rows in parts that are small enough to be prepared at once."""
    width = max(recipe.features, len(recipe.schema.columns))
    size = max(1, _CELLS_AT_ONCE // width)
    for chunk in read_all_rows(large.files, large.options):
        for begin in range(0, chunk.height, size):
            yield chunk.slice(begin, size)


def _wanted(
    part: pl.DataFrame, before: int, without: Array, share: float, rng: np.random.Generator
) -> Array:
    """Return which rows of a part are to be learned from, boolean."""
    wanted = np.ones(part.height, bool) if share >= 1 else rng.random(part.height) < share
    first, last = np.searchsorted(without, [before, before + part.height])
    wanted[without[first:last] - before] = False
    return wanted


def _write(
    part: pl.DataFrame,
    wanted: Array,
    recipe: Recipe,
    files: Mapping[str, BinaryIO],
    seen: Seen,
) -> int:
    """Write those rows of a part that are wanted and have a label; return how many."""
    target = recipe.target
    encoded = target.encode(target.column_in(part), unknown="missing")
    labelled = np.zeros(part.height, bool)
    labelled[encoded.rows] = True
    _note_labels(encoded.unknown, target.column_in(part), labelled, seen)
    seen.rows += part.height
    at = np.flatnonzero(wanted & labelled)
    if not len(at):
        return 0
    chosen = part[at]
    table, weight = _conformed(chosen, recipe, seen)
    x = recipe.preparation.transform(arrays(table))
    y = encoded.y[at] if not target.is_regression else recipe.scaling.apply(encoded.y[at])
    _append(files["x"], np.asarray(x if isinstance(x, np.ndarray) else x.toarray()))
    _append(files["y"], y)
    if weight is not None:
        _append(files["weight"], weight)
    return len(at)


def _append(file: BinaryIO, values: Array) -> None:
    file.write(np.ascontiguousarray(values, dtype=np.float32).data)


def _note_labels(unknown: Mapping[str, int], cells: pl.Series, labelled: Array, seen: Seen) -> None:
    """Count rows without a label, and labels that the sample did not have."""
    for label, count in unknown.items():
        seen.strange[label] = seen.strange.get(label, 0) + count
    if labelled.all():
        return
    missing = np.flatnonzero(~labelled)
    if unknown:  # these are named by their label
        held = cells.is_in(list(unknown)) if cells.dtype == pl.String else cells.is_not_null()
        missing = missing[~held.fill_null(value=False).to_numpy()[missing]]
    seen.unlabelled += len(missing)
    few = missing[: _MOST_ROWS_NAMED - len(seen.first)]
    seen.first += [seen.rows + int(row) + 1 for row in few]


def _conformed(rows: pl.DataFrame, recipe: Recipe, seen: Seen) -> tuple[Table, Array | None]:
    """Return rows in the notation of the sample, and what each counts."""
    refused: dict[int, PredictionError] = {}
    table = recipe.schema.validate(rows, refused=refused)
    for error in refused.values():
        _count(seen.unread, error.values["column"], 1, [error.values["received"]])
    for name, known in recipe.known.items():
        values = table.column(name)
        late = values.filter(~values.is_in(known.implode()))
        if len(late):
            _count(seen.late, name, len(late), late.unique().head(_MOST_NAMED).to_list())
    if recipe.weight is None:
        return table, None
    weights = Schema((recipe.weight,)).validate(rows).frame.to_series()
    weight = weights.cast(pl.Float64).to_numpy()
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise DataError("weight-invalid", column=recipe.weight.name)
    return table, weight


def _count(
    counts: dict[str, tuple[int, list[str]]], column: str, more: int, examples: list[str]
) -> None:
    count, named = counts.get(column, (0, []))
    named = list(dict.fromkeys([*named, *examples]))[:_MOST_NAMED]
    counts[column] = count + more, named
