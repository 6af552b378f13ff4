"""Histogram bins that a reader would have chosen: round edges, as many as the data can fill.

width   2 * IQR / n^(1/3), made round (1, 2, 2.5 or 5 times a power of ten); at least 8 and at most
        40 bins; whole numbers that span at most 40 have one bin each
range   the values no farther beyond the 1st and the 99th percentile than these are from each other:
        what is left out is counted apart, so that a few extremes do not flatten the picture

source  Freedman & Diaconis 1981, "On the histogram as a density estimator: L2 theory"
catalogue  plot-hist
"""

from __future__ import annotations

import math

import numpy as np

from mulle.arrays import Array
from mulle.verbs.explore.summaries import Bins

MIN_BINS, MAX_BINS = 8, 40


def bins_of(x: Array, *, whole: bool = False, edges: list[float] | None = None) -> Bins:
    """Return bins of finite values (n,) in ascending order.

    Args:
        x: the values.
        whole: whether they are whole numbers.
        edges: to be used instead, where the bins are to be laid over others.

    >>> bins_of(np.array([1.0, 2.0, 2.0, 4.0]), whole=True)
    Bins(edges=[0.5, 1.5, 2.5, 3.5, 4.5], counts=[1, 2, 0, 1], below=0, above=0)
    """
    if not len(x):
        return Bins()
    if not edges:
        edges = _whole(x) if whole else []
        edges = edges or _round(x)
    at = np.searchsorted(x, edges, side="left")
    at[-1] = np.searchsorted(x, edges[-1], side="right")
    return Bins([float(e) for e in edges], np.diff(at).tolist(), int(at[0]), len(x) - int(at[-1]))


def _range(x: Array) -> tuple[float, float]:
    last = len(x) - 1
    low, high = float(x[0]), float(x[last])
    near, far = float(x[last // 100]), float(x[last - last // 100])
    if math.isfinite(far - near) and far > near:
        reach = far - near
        low = float(x[np.searchsorted(x, near - reach)])
        high = float(x[np.searchsorted(x, far + reach, "right") - 1])
    return low, high


def _whole(x: Array) -> list[float]:
    low, high = _range(x)
    if high - low >= MAX_BINS:
        return []
    return [low - 0.5 + k for k in range(int(high - low) + 2)]


def _round(x: Array) -> list[float]:
    low, high = _range(x)
    span = high - low
    if not math.isfinite(span):
        return [float(e) for e in np.linspace(low / 2, high / 2, MAX_BINS // 2 + 1) * 2]
    if span <= abs(low) * 1e-12:  # so narrow that edges would coincide
        return [low - (abs(low) * 1e-9 or 0.5), high + (abs(high) * 1e-9 or 0.5)]
    n = len(x)
    width = 2 * float(x[(3 * (n - 1)) // 4] - x[(n - 1) // 4]) / n ** (1 / 3)
    count = min(
        MAX_BINS, max(MIN_BINS, math.ceil(min(span / width, MAX_BINS)) if width > 0 else 20)
    )
    step = _step(span / count)
    first, last = math.floor(low / step), math.ceil(high / step)
    if step == 0 or last - first > 3 * MAX_BINS or abs(first) > 1e15:
        return [float(e) for e in np.linspace(low, high, count + 1)]
    edges = [float(f"{k * step:.12g}") for k in range(first, last + 1)]
    spans = edges[0] <= low and high <= edges[-1] and math.isfinite(edges[-1] - edges[0])
    if not spans or len({*edges}) < len(edges):
        return [float(e) for e in np.linspace(low, high, count + 1)]
    return edges


def _step(width: float) -> float:
    """Return the round width nearest above a tenth of its size."""
    power = 10.0 ** math.floor(math.log10(width)) if width > 0 else 0.0
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= width * 0.999), 10 * power)
