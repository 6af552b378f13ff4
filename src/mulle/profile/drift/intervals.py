"""Intervals of a measured effect, from the numbers of rows alone.

With s = sqrt(1/n + 1/m) for samples of n and m rows, and a chance a of being wrong:

ks                P(D(sample, sample') > c s) <= a with c = sqrt(ln(2 / a) / 2), whatever the
                  distribution; near the ends, where samples hardly differ, each edge has a
                  narrower interval of its own: that of its share of rows, at a / edges
total_variation   samples of one distribution lie X s apart, X = 1/2 sum |Z| of normal Z with the
                  covariances of the shares; X has mean and mean square of c chi_v for one pair of
                  c and v, and so their quantiles (v = 1 of two categories, where it is exact)
shares            q - p by the intervals of Wilson for each, put together by Newcombe's method 10

A lower bound is what is left of the measured distance after all that two samples of one
distribution may lie apart (the triangle inequality). An upper bound supposes nothing of the other
edges or categories: at the one place where the true distance is largest, the measured one falls
short of it by more than z s / 2 with the chance of a normal z only.

source  Massart 1990, "The tight constant in the DKW inequality"; Newcombe 1998, Statistics in
        Medicine 17, 873-890; Wilson & Hilferty 1931 for quantiles of chi-squared
catalogue  watch-alert stat-ci
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array

HIDING = 0.05  # chance that a larger move hides than the upper bound of a check
_STEEPEST = 0.5  # s, the deviation of a share of one half: no share has a larger one


@dataclass(frozen=True)
class Noise:
    """Two samples of one distribution lie `typical` s apart, and hardly ever more than `most` s."""

    typical: float
    most: float

    def interval(self, score: float, n: int, m: int, error: float = 0.0) -> tuple[float, float]:
        """Return the interval of the true distance; `error` is that of the counts themselves.

        >>> low, high = Noise(0.4, 2.0).interval(0.1, 10_000, 10_000)
        >>> round(low, 4), round(high, 4)
        (0.0717, 0.1116)
        """
        s = spread(n, m)
        low, high = score - self.most * s - error, score + hidden() * s + error
        return max(0.0, low), min(1.0, high)

    def rows_needed(self, wanted: float, n: int) -> int | None:
        """Return the current rows of which no more than `wanted` could hide; None if none do."""
        s = wanted / (self.typical + hidden())
        left = s * s - 1 / n if n and s > 0 else 0.0
        return math.ceil(1 / left) if left > 1e-9 else None


def hidden() -> float:
    """Return the distance in s by which a measured effect may fall short of the true one."""
    return _STEEPEST * exceeded(HIDING)


@lru_cache(maxsize=256)
def exceeded(chance: float) -> float:
    """Return the value that a standard normal variable exceeds with this chance.

    >>> round(exceeded(0.025), 3)
    1.96
    """
    return NormalDist().inv_cdf(1 - chance)


def spread(n: int, m: int) -> float:
    """Return s = sqrt(1/n + 1/m).

    >>> round(spread(200, 200), 3)
    0.1
    """
    return math.sqrt(1 / n + 1 / m) if n and m else math.inf


def ks_noise(counts: ArrayLike, chance: float) -> Noise:
    """Return the noise of ks between samples of the distribution of these counts."""
    below = np.cumsum(_shares(counts))
    typical = 0.8 * math.sqrt((below * (1 - below)).max(initial=0.0))
    return Noise(typical, math.sqrt(math.log(2 / chance) / 2))


def variation_noise(counts: ArrayLike, chance: float) -> Noise:
    """Return the noise of total_variation between samples of the distribution of these counts.

    >>> two = variation_noise([50, 50], 0.05)  # |Z| / 2 of a standard normal Z
    >>> round(two.typical, 3), round(two.most, 2)
    (0.399, 0.98)
    """
    p = _shares(counts)
    return _variation_noise(tuple(p[p > 0].tolist()), chance)


@lru_cache(maxsize=1024)  # the same reference is compared again and again
def _variation_noise(shares: tuple[float, ...], chance: float) -> Noise:
    typical, square = _mean_and_square(np.array(shares))
    if typical <= 0:
        return Noise(0.0, 0.0)
    degrees = _chi_degrees(min(typical * typical / square, 1 - 1e-6))
    return Noise(typical, math.sqrt(square / degrees * _chi_squared(degrees, chance)))


def _mean_and_square(p: Array) -> tuple[float, float]:
    """Return the means of X and X^2, X = 1/2 sum |Z| with covariances diag(p) - p p'."""
    deviation = np.sqrt(p * (1 - p))
    both = np.outer(deviation, deviation)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.clip(np.nan_to_num(-np.outer(p, p) / both), -1.0, 1.0)
    np.fill_diagonal(r, 1.0)
    products = both * (2 / math.pi) * (np.sqrt(1 - r * r) + r * np.arcsin(r))
    return float(deviation.sum()) / math.sqrt(2 * math.pi), float(products.sum()) / 4


def _chi_degrees(ratio: float) -> float:
    """Return the degrees v of chi_v whose squared mean is this share of its mean square."""
    low, high = 1.0, 1e6
    while high / low > 1 + 1e-9:
        middle = math.sqrt(low * high)
        gammas = math.lgamma((middle + 1) / 2) - math.lgamma(middle / 2)
        if 2 / middle * math.exp(2 * gammas) < ratio:
            low = middle
        else:
            high = middle
    return low


def _chi_squared(degrees: float, chance: float) -> float:
    """Return the value that chi-squared exceeds with this chance, by Wilson and Hilferty."""
    z = exceeded(chance / 2 if degrees < 1 + 1e-6 else chance)
    if degrees < 1 + 1e-6:
        return z * z
    step = 2 / (9 * degrees)
    return float(degrees * (1 - step + z * math.sqrt(step)) ** 3)


def share_interval(
    reference: tuple[int, int], current: tuple[int, int], chance: float
) -> tuple[float, float]:
    """Return the interval of q - p, given (rows that have it, rows) of both sides.

    >>> low, high = share_interval((56, 70), (48, 80), 0.05)
    >>> round(-high, 4), round(-low, 4)
    (0.0524, 0.3339)
    """
    z = exceeded(chance / 2)
    (p, a, b), (q, c, d) = _wilson(*reference, z), _wilson(*current, z)
    return q - p - math.hypot(q - c, b - p), q - p + math.hypot(d - q, p - a)


def move_bounds(
    reference: Array, n: int, current: Array, m: int, chance: float
) -> tuple[float, float]:
    """Return the bounds of the largest |q - p| of several shares, all of them together.

    Args:
        reference, current: rows that have it (k,).
        n, m: rows of both sides.
        chance: that the lower bound is too high.

    >>> low, high = move_bounds(np.array([500]), 1000, np.array([800]), 1000, 0.01)
    >>> round(low, 4), round(high, 4)
    (0.2467, 0.3328)
    """
    if not n or not m or not len(reference):
        return 0.0, 1.0
    held = max(int(((reference > 0) | (current > 0)).sum()), 1)
    z = np.array([[exceeded(chance / held / 2)], [exceeded(HIDING)]])
    some, rows = np.stack([reference, current])[:, None], np.array([[[n]], [[m]]])
    p, below, above = _wilson(some, rows, z)  # (side, chance, share)
    moved, down, up = p[1] - p[0], p - below, above - p
    low, high = moved - np.hypot(down[1], up[0]), moved + np.hypot(up[1], down[0])
    least = np.maximum(low[0], -high[0]).max()
    return max(0.0, float(least)), min(1.0, float(np.maximum(high[1], -low[1]).max()))


def _wilson(some: Any, rows: Any, z: Any) -> tuple[Any, Any, Any]:
    """Return shares and the ends of their intervals of z deviations, of numbers or of arrays."""
    p = some / rows
    middle, half = 2 * some + z * z, z * (z * z + 4 * some * (1 - p)) ** 0.5
    whole = 2 * (rows + z * z)
    return p, (middle - half) / whole, (middle + half) / whole


def _shares(counts: ArrayLike) -> Array:
    p = np.asarray(counts, np.float64)
    shares: Array = p / max(p.sum(), 1.0)
    return shares
