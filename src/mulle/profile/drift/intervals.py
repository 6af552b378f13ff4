"""Intervals of a measured effect, from the numbers of rows alone.

With s = sqrt(1/n + 1/m) for samples of n and m rows, and a chance a of being wrong:

ks                P(D(sample, sample') > c s) <= a with c = sqrt(ln(2 / a) / 2), whatever the
                  distribution; two samples of one distribution lie about 0.8 sqrt(F (1 - F)) s
                  apart at any one edge
total_variation   its mean in samples of one distribution is b s, b = sqrt(1 / (2 pi)) sum
                  sqrt(p (1 - p)); it exceeds its mean by more than sqrt(ln(1 / a) / 2) s with a
                  chance of at most a
shares            q - p by the intervals of Wilson for each, put together by Newcombe's method 10

ks and total_variation are distances: by the triangle inequality the true distance is at least the
measured one, less the distance that two samples of one distribution may have.

source  Massart 1990, "The tight constant in the DKW inequality"; McDiarmid 1989, "On the method of
        bounded differences", theorem 3.1; Newcombe 1998, Statistics in Medicine 17, 873-890
catalogue  watch-alert stat-ci
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array


@dataclass(frozen=True)
class Noise:
    """Two samples of one distribution lie `typical` s apart, and hardly ever more than `most` s."""

    typical: float
    most: float

    def interval(self, score: float, n: int, m: int, error: float = 0.0) -> tuple[float, float]:
        """Return the interval of the true distance; `error` is that of the counts themselves.

        >>> low, high = Noise(0.4, 2.0).interval(0.1, 10_000, 10_000)
        >>> round(low, 4), round(high, 4)
        (0.0717, 0.1226)
        """
        s = spread(n, m)
        low = score - self.most * s - error
        high = max(score - self.typical * s, 0.0) + self.most * s + error
        return max(0.0, low), min(1.0, high)

    def rows_needed(self, s: float, n: int) -> int | None:
        """Return the current rows that bring the spread down to s; None where no number does."""
        left = s * s - 1 / n if n and s > 0 else 0.0
        return math.ceil(1 / left) if left > 1e-9 else None


def spread(n: int, m: int) -> float:
    """Return s = sqrt(1/n + 1/m).

    >>> round(spread(200, 200), 3)
    0.1
    """
    return math.sqrt(1 / n + 1 / m) if n and m else math.inf


def ks_noise(counts: ArrayLike, chance: float) -> Noise:
    """Return the noise of ks between samples of the distribution of these counts."""
    p = _shares(counts)
    below = np.cumsum(p)
    typical = 0.8 * float(np.sqrt(np.clip(below * (1 - below), 0, None)).max(initial=0.0))
    return Noise(typical, math.sqrt(math.log(2 / chance) / 2))


def variation_noise(counts: ArrayLike, chance: float) -> Noise:
    """Return the noise of total_variation between samples of the distribution of these counts."""
    p = _shares(counts)
    typical = float(np.sqrt(p * (1 - p)).sum()) / math.sqrt(2 * math.pi)
    return Noise(typical, typical + math.sqrt(math.log(1 / chance) / 2))


def share_interval(
    reference: tuple[int, int], current: tuple[int, int], chance: float
) -> tuple[float, float]:
    """Return the interval of q - p, given (rows that have it, rows) of both sides.

    >>> low, high = share_interval((56, 70), (48, 80), 0.05)
    >>> round(-high, 4), round(-low, 4)
    (0.0524, 0.3339)
    """
    (p, a, b), (q, c, d) = _wilson(*reference, chance), _wilson(*current, chance)
    low = q - p - math.sqrt((q - c) ** 2 + (b - p) ** 2)
    return low, q - p + math.sqrt((d - q) ** 2 + (p - a) ** 2)


def _wilson(some: int, rows: int, chance: float) -> tuple[float, float, float]:
    """Return a share and its interval."""
    if not rows:
        return 0.0, 0.0, 1.0
    z = NormalDist().inv_cdf(1 - chance / 2)
    p = some / rows
    middle, half = 2 * some + z * z, z * math.sqrt(z * z + 4 * some * (1 - p))
    return (
        p,
        max(0.0, (middle - half) / (2 * (rows + z * z))),
        min(1.0, (middle + half) / (2 * (rows + z * z))),
    )


def _shares(counts: ArrayLike) -> Array:
    p = np.asarray(counts, np.float64)
    shares: Array = p / max(p.sum(), 1.0)
    return shares
