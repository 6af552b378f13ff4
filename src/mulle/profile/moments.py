"""Mean, spread, skew and tails of numbers, from five sums that can be merged.

M_k = sum (x - mean)^k; two sets merge by the pairwise formulas, with no second look at the data.

source  Pebay 2008, SAND2008-6212, eqs. 1.5-1.7 (for M2: Chan, Golub & LeVeque 1979)
catalogue  stat-mean stat-variance stat-std
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mulle.arrays import Array

if TYPE_CHECKING:
    Real = float
else:
    Real = float | None  # JSON has neither nan nor inf, and says null


#: what null stands for: of no values, or of values whose powers are too large
_NULLS = {"mean": math.nan, "m2": math.inf, "m3": math.nan, "m4": math.inf, "min": math.inf,
          "max": -math.inf}  # fmt: skip


class Moments(msgspec.Struct, frozen=True):
    """Central moments of n values; `min` and `max` of no values are inf and -inf.

    >>> m = Moments.of(np.array([1.0, 2.0])).merge(Moments.of(np.array([3.0, 10.0])))
    >>> m.n, m.mean, round(m.std, 3), round(m.skew, 3)
    (4, 4.0, 3.536, 1.018)
    """

    n: int = 0
    mean: Real = math.nan
    m2: Real = 0.0
    m3: Real = 0.0
    m4: Real = 0.0
    min: Real = math.inf
    max: Real = -math.inf

    def __post_init__(self) -> None:
        for name, value in _NULLS.items():
            if getattr(self, name) is None:
                msgspec.structs.force_setattr(self, name, value)

    @classmethod
    def of(cls, x: Array, times: Array | None = None) -> Moments:
        """Return the moments of finite values (n,), each occurring once, or `times` (n,) times."""
        if not len(x):
            return cls()
        n = len(x) if times is None else int(times.sum())
        weight: Any = 1.0 if times is None else times
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float((x * weight).sum() / n)
            d = x - mean
            part = d * d * weight
            m2 = part.sum()
            part *= d
            m3, m4 = part.sum(), (part * d).sum()
        return cls(n, mean, float(m2), float(m3), float(m4), float(x.min()), float(x.max()))

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both sets of values."""
        if not self.n or not other.n:
            return self if self.n else other
        a, b = self, other
        n, d = a.n + b.n, b.mean - a.mean
        fa, fb = a.n / n, b.n / n
        d2, share = d * d, a.n * fb
        m2 = a.m2 + b.m2 + d2 * share
        m3 = a.m3 + b.m3 + d2 * d * share * (fa - fb) + 3 * d * (fa * b.m2 - fb * a.m2)
        m4 = a.m4 + b.m4 + d2 * d2 * share * (fa * fa - share / n + fb * fb)
        m4 += 6 * d2 * (fa * fa * b.m2 + fb * fb * a.m2) + 4 * d * (fa * b.m3 - fb * a.m3)
        return Moments(n, a.mean + d * fb, m2, m3, m4, min(a.min, b.min), max(a.max, b.max))

    def weigh(self, weight: float) -> Moments:
        """Return the moments of a share of these values, drawn so that all else stays as it is."""
        n = round(self.n * weight)
        if not n:
            return Moments()
        part = n / self.n
        return Moments(
            n, self.mean, self.m2 * part, self.m3 * part, self.m4 * part, self.min, self.max
        )

    @property
    def std(self) -> float:
        """Standard deviation sqrt(M2 / n) of these values (ddof=0); 0 where all are equal.

        >>> Moments.of(np.full(3, 0.1)).std
        0.0
        """
        if not self.n:
            return math.nan
        return 0.0 if self.min == self.max else math.sqrt(self.m2 / self.n)

    @property
    def skew(self) -> float:
        """Skewness sqrt(n) M3 / M2^1.5: > 0 with a long right tail; nan if constant."""
        return self._standard(self.m3, 1.5, math.sqrt(self.n))

    @property
    def kurtosis(self) -> float:
        """Excess kurtosis n M4 / M2^2 - 3: 0 for a normal distribution, > 0 with heavier tails."""
        return self._standard(self.m4, 2.0, self.n) - 3

    def _standard(self, moment: float, power: float, factor: float) -> float:
        # a spread below this is nothing but rounding of the mean
        if not self.std > 1e-14 * abs(self.mean):
            return math.nan
        try:
            return float(factor * moment / self.m2**power)
        except (OverflowError, ZeroDivisionError):
            return math.nan
