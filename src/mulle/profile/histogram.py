"""Counts between fixed edges, so that two profiles can be laid over each other.

The edges are of equal width between the 1st and the 99th percentile of the values seen first; the
two outer bins are open, so that a few extreme values cannot flatten the picture.
"""

from __future__ import annotations

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.profile.sketch import Quantiles

BINS = 30


class Histogram(msgspec.Struct, frozen=True):
    """A histogram: counts[k] values lie in [edges[k-1], edges[k]); outer bins are open.

    >>> Histogram.of(np.array([0.0, 1.0, 1.0, 5.0]), edges=[0.5, 2.0])
    Histogram(edges=[0.5, 2.0], counts=[1, 2, 1])
    """

    edges: list[float]
    counts: list[int]

    @classmethod
    def of(cls, x: Array, edges: list[float] | None = None) -> Histogram:
        """Return the histogram of finite values (n,) in ascending order."""
        edges = _edges(x) if edges is None else edges
        below = np.searchsorted(x, edges, side="left")
        return cls(edges, np.diff(below, prepend=0, append=len(x)).tolist())

    def merge(self, other: Histogram, quantiles: Quantiles) -> Histogram:
        """Return the histogram of both, between the edges of the first that has any.

        Args:
            other: with other edges it is counted anew from `quantiles`, within their error.
            quantiles: of the values in `other`.
        """
        if not self.edges:
            return other
        counts = other.counts
        if other.edges != self.edges:
            just_below = np.nextafter(self.edges, -np.inf)
            below = np.rint(quantiles.cdf(just_below) * quantiles.count) if quantiles.count else 0
            below = np.broadcast_to(below, len(self.edges)).astype(np.int64)
            counts = np.diff(below, prepend=0, append=quantiles.count).tolist()
        return Histogram(self.edges, [a + b for a, b in zip(self.counts, counts, strict=True)])


def _edges(x: Array) -> list[float]:
    """Return BINS - 1 edges, fewer where values repeat too much for that many."""
    if not len(x):
        return []
    low, high = x[len(x) // 100], x[len(x) - 1 - len(x) // 100]
    if low == high:
        low, high = x[0], x[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.unique(np.linspace(low, high, BINS - 1))
    found: list[float] = edges[np.isfinite(edges)].tolist()
    return found
