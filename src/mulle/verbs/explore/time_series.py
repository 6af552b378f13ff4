"""Numbers over time: means in stretches of equal length, and two ways to smooth them.

The axis is the date column with the most different values. It is drawn for the target and the
numbers that go with it most, by Spearman's correlation; the rows may come in any order.

catalogue  stat-ewma stat-moving-avg
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulle.arrays import Array
from mulle.stats.series import ewma, moving_average
from mulle.table import Kind
from mulle.verbs.explore.relation_data import Series
from mulle.verbs.explore.relations.encoded import EncodedColumn
from mulle.verbs.explore.relations.numbers import spearman
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.summaries import DateSummary
from mulle.verbs.explore.to_json import number

MAX_POINTS, MAX_SERIES, MIN_DATES = 120, 6, 30
WINDOW, BETA = 7, 0.9


def make_series(scan: Scan, columns: Mapping[str, EncodedColumn], target: str = "") -> list[Series]:
    """Return the series of a table; none where it has no date or no number.

    Args:
        scan: of the table.
        columns: coded sampled columns.
        target: drawn first.
    """
    dates = [c for c in scan.summaries if isinstance(c, DateSummary) and c.name in columns]
    axis = max(dates, key=lambda c: c.distinct, default=None)
    if axis is None or axis.distinct < MIN_DATES:
        return []
    when = columns[axis.name].x
    some = [c for c in columns.values() if c.column.kind in {Kind.continuous, Kind.discrete}]
    if when is None or not some:
        return []
    block = np.stack([when, *(c.x for c in some if c.x is not None)], axis=1)
    with np.errstate(invalid="ignore"):
        strength = np.nan_to_num(np.abs(spearman(block)[0, 1:]))
    order = sorted(range(len(some)), key=lambda k: (some[k].name != target, -strength[k]))
    return [_series(axis.name, some[k].name, when, block[:, k + 1]) for k in order[:MAX_SERIES]]


def _series(date: str, name: str, when: Array, x: Array) -> Series:
    present = ~np.isnan(when) & ~np.isnan(x)
    when, x = when[present], x[present]
    if not len(when):
        return Series(date, name, [], [], [], [], [], WINDOW, BETA)
    edges = np.linspace(when.min(), when.max(), MAX_POINTS + 1)
    place = np.clip(np.searchsorted(edges, when, "right") - 1, 0, MAX_POINTS - 1)
    rows = np.bincount(place, minlength=MAX_POINTS)
    kept = rows > 0
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.bincount(place, x, MAX_POINTS)[kept] / rows[kept]
    middle = ((edges[1:] + edges[:-1]) / 2)[kept]
    return Series(
        date, name, middle.tolist(), rows[kept].tolist(), [number(v) for v in mean],
        [number(v) for v in moving_average(mean, WINDOW)], [number(v) for v in ewma(mean, BETA)],
        WINDOW, BETA,
    )  # fmt: skip
