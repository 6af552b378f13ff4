"""Quantiles of a stream of numbers, in a few kilobytes that can be merged: a KLL sketch.

A value of weight 2^h stands for 2^h values around it. Whenever a level is full it is sorted and
every second value, starting at the first or the second by the toss of a coin, is passed on with
twice the weight. Each such step moves a rank by at most 2^h, up or down alike, so after steps at
levels h the rank of x is off by more than t with probability <= 2 exp(-t^2 / (2 sum 4^h))
(Hoeffding). That sum is carried along: the stated error is that of the steps really made. It
supposes independent coins; parts that are copies of one another toss alike, and then the error of
the whole is that of one part.

Why not Apache DataSketches, whose KLL it follows: its reader crashes the process on damaged bytes,
which a file from elsewhere may hold, and its coins cannot be seeded. Ours are seeded by the values.

source  Karnin, Lang & Liberty 2016, arXiv:1603.05346, section 2
catalogue  stat-median stat-quartile stat-cdf
"""

from __future__ import annotations

import math
import zlib

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array
from mulle.errors import DataError

K, SHRINK, NARROWEST = 256, 2 / 3, 8  # capacity of the top level, of each below it, at least


class Quantiles(msgspec.Struct, frozen=True):
    """A mergeable summary of finite float64 values.

    Attributes:
        values: those that were kept, ascending (m,).
        weights: how many each stands for, powers of two (m,).
        variance: sum of 4^h over the steps made; 0 while every value is kept.

    >>> sketch = Quantiles.of(np.arange(101.0))
    >>> sketch.quantile([0.25, 0.5]), sketch.cdf([49.0, 100.0])
    (array([25., 50.]), array([0.4950495, 1.       ]))
    """

    values: list[float]
    weights: list[int]
    variance: float = 0.0

    def __post_init__(self) -> None:
        whole = all(w > 0 and w & (w - 1) == 0 for w in self.weights)
        if not whole or len(self.values) != len(self.weights):
            raise DataError("sketch-invalid")

    def __repr__(self) -> str:
        return f"Quantiles(count={self.count}, kept={len(self.values)})"

    @classmethod
    def of(cls, x: Array) -> Quantiles:
        """Return the sketch of finite values (n,)."""
        return _compacted([np.asarray(x, np.float64)], 0.0)

    def update(self, x: Array) -> Quantiles:
        """Return the sketch of these and further finite values (n,)."""
        return self.merge(Quantiles.of(x))

    def merge(self, other: Quantiles) -> Quantiles:
        """Return the sketch of both."""
        a, b = self._levels(), other._levels()
        height = max(len(a), len(b))
        none = [np.empty(0)] * height
        pairs = zip((a + none)[:height], (b + none)[:height], strict=True)
        return _compacted([np.concatenate(p) for p in pairs], self.variance + other.variance)

    @property
    def count(self) -> int:
        """Number of values."""
        return sum(self.weights)

    @property
    def rank_error(self) -> float:
        """Error of a rank, as a share of all values, 99 times in 100; 0 if exact."""
        return math.sqrt(2 * math.log(2 / 0.01) * self.variance) / max(self.count, 1)

    def quantile(self, q: ArrayLike) -> Array:
        """Return the smallest values (m,) that at least a share q of all values do not exceed."""
        share = np.atleast_1d(np.asarray(q, np.float64))
        if not self.values:
            return np.full(len(share), np.nan)
        upto = np.cumsum(self.weights)
        # a rank that is whole but for rounding is that rank
        place = np.searchsorted(upto, share * upto[-1] * (1 - 1e-12))
        found: Array = np.asarray(self.values)[np.minimum(place, len(upto) - 1)]
        return found

    def cdf(self, x: ArrayLike) -> Array:
        """Return the share of values <= x, for each x of (m,)."""
        x = np.atleast_1d(np.asarray(x, np.float64))
        if not self.values:
            return np.full(len(x), np.nan)
        upto = np.concatenate(([0], np.cumsum(self.weights)))
        share: Array = upto[np.searchsorted(self.values, x, side="right")] / upto[-1]
        return share

    def _levels(self) -> list[Array]:
        """Return the values by weight: of weight 1, 2, 4, ..."""
        values, weights = np.asarray(self.values), np.asarray(self.weights)
        height = max(self.weights, default=1).bit_length()
        return [values[weights == 1 << h] for h in range(height)]


def _compacted(levels: list[Array], variance: float) -> Quantiles:
    coins = np.random.default_rng(zlib.crc32(b"".join(x.tobytes() for x in levels)))
    while sum(map(len, levels)) > sum(_capacities(len(levels))):
        h = next(k for k, c in enumerate(_capacities(len(levels))) if len(levels[k]) > c)
        if h + 1 == len(levels):
            levels.append(np.empty(0))
        x = _ascending(levels[h])
        paired = len(x) // 2 * 2  # the odd one out stays
        passed = x[:paired][coins.integers(2) :: 2]
        levels[h], levels[h + 1] = x[paired:], np.concatenate([levels[h + 1], passed])
        variance += 4.0**h
    values = np.concatenate(levels)
    weights = np.repeat([1 << h for h in range(len(levels))], [len(x) for x in levels])
    order = np.argsort(values, kind="stable")
    return Quantiles(values[order].tolist(), weights[order].tolist(), variance)


def _ascending(x: Array) -> Array:
    """Return values in ascending order; looking whether they are sorted is cheap."""
    return x if bool((x[1:] >= x[:-1]).all()) else np.sort(x)


def _capacities(height: int) -> list[int]:
    """Return how many values each level may hold, from the lowest up."""
    return [max(math.ceil(K * SHRINK ** (height - 1 - h)), NARROWEST) for h in range(height)]
