"""A column of numbers: one sort gives counts, quantiles, histogram, box and outliers, all exact.

Quantiles are linear between neighbours (Hyndman & Fan 1996, type 7), as NumPy's default.

catalogue  eda-univariate eda-outlier-iqr plot-hist plot-box stat-mean stat-median stat-std
           stat-variance stat-quartile stat-deviation
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile import Moments
from mulle.verbs.explore.columns.bins import bins_of
from mulle.verbs.explore.summaries import (
    BooleanSummary,
    Box,
    Level,
    NumberSummary,
    Quantile,
    Spread,
)
from mulle.verbs.explore.to_json import levels, number

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
TOP, OUTLIERS = 10, 20
FENCE = 1.5


@dataclass(frozen=True)
class Ordered:
    """The values of a column in ascending order, with where each different one begins."""

    x: Array
    starts: Array

    @classmethod
    def of(cls, values: pl.Series) -> Ordered:
        """Sort float64 values; null and NaN are left out."""
        x = values.drop_nulls().drop_nans().sort().to_numpy()
        return cls(x, np.flatnonzero(np.concatenate(([len(x) > 0], x[1:] != x[:-1]))))

    @property
    def finite(self) -> Array:
        """Return the finite values."""
        low, high = np.searchsorted(self.x, -np.inf, "right"), np.searchsorted(self.x, np.inf)
        found: Array = self.x[low:high]
        return found

    def top(self, count: int) -> list[Level]:
        """Return the most frequent values, if any comes twice; the smaller first among equals."""
        times = np.diff(self.starts, append=len(self.x))
        if not len(times) or times.max() < 2:
            return []
        some = np.argsort(-times, kind="stable")[:count]
        return levels(self.x[self.starts[some]].tolist(), times[some], len(self.x))


def number_summary(
    common: dict[str, Any], values: pl.Series, ordered: Ordered, edges: list[float] | None = None
) -> NumberSummary:
    """Return the summary of a column of numbers.

    Args:
        common: the fields of `ColumnSummary`.
        values: n of them, in the order of the rows.
        ordered: the same in ascending order.
        edges: of the histogram, where it is to be laid over another.
    """
    x, finite = ordered.x, ordered.finite
    whole = bool(len(finite)) and bool((finite == np.floor(finite)).all())
    above = int(np.searchsorted(finite, 0.0, "right"))
    rising, falling = directions(values.drop_nulls().to_numpy())
    return NumberSummary(
        **common,
        spread=spread_of(finite),
        histogram=bins_of(finite, whole=whole, edges=edges),
        box=box_of(finite),
        zeros=int(np.searchsorted(x, 0.0, "right") - np.searchsorted(x, 0.0)),
        negative=int(np.searchsorted(x, 0.0)),
        infinite=len(x) - len(finite),
        above_zero=float(finite[above]) if above < len(finite) else None,
        whole=whole,
        rising=rising,
        falling=falling,
        top=ordered.top(TOP),
    )


def boolean_summary(common: dict[str, Any], ordered: Ordered) -> BooleanSummary:
    """Return the summary of a column of 1 and 0."""
    true = int((ordered.x == 1).sum())
    return BooleanSummary(**common, true=true, false=len(ordered.x) - true)


def quantiles(x: Array, shares: Any = SHARES) -> list[Quantile]:
    """Return quantiles of finite values (n,) in ascending order, linear between neighbours."""
    if not len(x):
        return []
    place = np.asarray(shares) * (len(x) - 1)
    low = np.floor(place).astype(np.int64)
    part = place - low
    upper = x[np.minimum(low + 1, len(x) - 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.where(part > 0, x[low] * (1 - part) + upper * part, x[low])
    found = np.clip(found, x[low], upper)  # rounding must not lead out of the two
    return [Quantile(float(q), float(v)) for q, v in zip(shares, found, strict=True)]


def spread_of(x: Array, shares: Any = SHARES) -> Spread:
    """Return moments and quantiles of finite values (n,) in ascending order."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        m = Moments.of(x)
        if not len(x):
            return Spread()
        return Spread(
            number(m.mean), number(m.std), number(m.skew), number(m.kurtosis),
            float(x[0]), float(x[-1]), quantiles(x, shares),
        )  # fmt: skip


def box_of(x: Array) -> Box | None:
    """Return a box plot of finite values (n,) in ascending order.

    Source: Tukey 1977, "Exploratory Data Analysis", section 2D.

    >>> box = box_of(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    >>> box.low_whisker, box.high_whisker, box.above, box.shown
    (1.0, 4.0, 1, [100.0])
    """
    if not len(x):
        return None
    first, median, third = (q.value for q in quantiles(x, (0.25, 0.5, 0.75)))
    with np.errstate(over="ignore"):
        reach = FENCE * np.float64(third - first)
        low, high = float(np.float64(first) - reach), float(np.float64(third) + reach)
    low, high = max(low, -sys.float_info.max), min(high, sys.float_info.max)
    inner = x[np.searchsorted(x, low) : np.searchsorted(x, high, "right")]
    below, above = int(np.searchsorted(x, low)), len(x) - int(np.searchsorted(x, high, "right"))
    far = np.concatenate([x[: min(below, OUTLIERS)], x[len(x) - min(above, OUTLIERS) :]])
    with np.errstate(over="ignore"):
        order = np.argsort(-np.abs(far - median), kind="stable")[:OUTLIERS]
    whiskers = (float(inner[0]), float(inner[-1])) if len(inner) else (first, third)
    # interpolated quartiles may lie beyond the last value inside the fences
    whiskers = min(whiskers[0], first), max(whiskers[1], third)
    return Box(whiskers[0], first, median, third, whiskers[1], low, high, below, above,
               far[order].tolist())  # fmt: skip


def directions(x: Array) -> tuple[bool, bool]:
    """Return whether values (n,) never fall, and whether they never rise; constants do neither."""
    if len(x) < 3:
        return False, False
    if x[0] == x[-1]:
        return False, False
    return bool((x[1:] >= x[:-1]).all()), bool((x[1:] <= x[:-1]).all())
