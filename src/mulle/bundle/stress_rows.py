"""Rows that no table holds, to try a graph with: missing, unseen, extreme, at thresholds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulle.arrays import Array
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.table import Column, Storage

ROWS = 1_000
_CHANGED = 0.3  # share of the cells of a generated row that are not those of a real one
_EXTREME = np.array([0.0, -0.0, 1.0, -1.0, 1e-40, 1e30, -1e30, 1e39, -1e39, 1e300, -1e300, 2.0**53])
_STRINGS = ["", " ", "\u2603 unseen", "None", "nan", "물레", "x" * 2_000, "a\nb", "😀"]
_DAY = 86_400_000_000
_DATES = np.array([-719_162 * _DAY, -1, 0, 2_932_896 * _DAY])  # the years 1 and 9999, and 1970


def stress_rows(
    columns: tuple[Column, ...],
    real: Mapping[str, Array],
    split_points: Mapping[str, Array],
    rng: np.random.Generator,
    rows: int = ROWS,
    *,
    extreme: bool = True,
) -> dict[str, Array]:
    """Return real rows with some cells replaced by what is hard.

    Args:
        columns: the columns of the graph.
        real: some real rows, at least one, [N, 1] a column.
        split_points: thresholds of trees by column; values one float either side are tried.
        rows: how many.
        extreme: whether numbers of any size are among them. Of a network that was not made for
            them, sums in float32 then depend on their order; else they reach one span beyond what
            was seen.
    """
    n = len(next(iter(real.values())))
    picked = rng.integers(0, n, rows)
    result = {}
    for column in columns:
        values = real[column.name][picked].copy()
        change = rng.random(rows) < _CHANGED
        sorts = _hard(column, values, split_points.get(column.name, np.zeros(0)), extreme=extreme)
        values[change, 0] = _draw(sorts, int(change.sum()), rng)
        result[column.name] = values
    return result


def _draw(sorts: list[Array], count: int, rng: np.random.Generator) -> Array:
    """Draw values; each sort is as likely as the others, however many it has."""
    drawn = np.stack([sort[rng.integers(0, len(sort), count)] for sort in sorts if len(sort)])
    return drawn[rng.integers(0, len(drawn), count), np.arange(count)]


def _hard(column: Column, values: Array, points: Array, *, extreme: bool) -> list[Array]:
    """Return hard values of a column by sort: missing, strange, close to where a tree splits."""
    if column.storage is Storage.string:
        return [np.array(_STRINGS, dtype=object), np.array([MISSING_STRING], dtype=object)]
    if column.storage is Storage.date:
        return [_DATES, np.array([MISSING_DATE])]
    seen = values[~np.isnan(values)]
    large = _EXTREME if extreme else _beyond(seen)
    return [np.array([np.nan]), large, _neighbours(points), _neighbours(seen[:200])]


def _beyond(seen: Array) -> Array:
    """Return the ends of what was seen, and one span beyond either."""
    if not len(seen):
        return np.zeros(1)
    low, high = float(seen.min()), float(seen.max())
    return np.array([0.0, low, high, 2 * low - high, 2 * high - low])


def _neighbours(points: Array) -> Array:
    """Return each point, and one float either side of it, in float64 and in float32."""
    with np.errstate(over="ignore"):
        single = points.astype(np.float32)
    sides = [np.nextafter(single, np.float32(side)) for side in (-np.inf, np.inf)]
    double = [np.nextafter(points, side) for side in (-np.inf, np.inf)]
    near = np.concatenate([points, single, *sides, *double]).astype(np.float64)
    return near[np.isfinite(near)]
