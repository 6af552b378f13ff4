"""Compare two means with intervals that hold however often they are looked at.

An interval of 95 % that is looked at after each answer misses the truth at some look far more often
than in 5 % of all cases. A confidence sequence holds at all looks together:

    d ± sqrt(2 L (v_a (n_a + r) / n_a^2 + v_b (n_b + r) / n_b^2)),   d = mean_b - mean_a
    L = ln(1 / alpha) + ln((n_a + r) / r) / 2 + ln((n_b + r) / r) / 2

It is the method of mixtures for the pair of sums of both arms, each with a normal mixture of
precision r, projected on their difference. The pair stays a martingale however the arms are chosen
from what was seen before, so it holds for shares that change and for bandits, too. The variances v
are those of the sample, drawn towards the largest possible one while there are few answers, so the
promise is asymptotic; the tests simulate what it is worth.

source  Robbins 1970, "Statistical methods related to the law of the iterated logarithm"; Howard,
        Ramdas, McAuliffe & Sekhon 2021, Annals of Statistics 49(2), eq. (14) (one mean); Abbasi-
        Yadkori, Pal & Szepesvari 2011, theorem 1 (several arms); Waudby-Smith et al. 2024, Annals
        of Statistics 52(6) (estimated variances); Johari et al. 2017, KDD (the use for A/B tests)
catalogue  stat-ci stat-pvalue route-ab
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal, NamedTuple

MIN_ANSWERS = 20  # answers of each arm before anything is said
_TUNED = 1_000  # answers of each arm at which the sequence is about tightest
_PRIOR = 4.0  # answers' worth of the largest variance

Verdict = Literal["collect", "better", "worse", "alike"]


class Sums(NamedTuple):
    """The number of values, their sum and the sum of their squares, which add up over parts.

    >>> Sums.of([0.0, 1.0, 1.0]).mean, Sums.of([1.0, 3.0]).variance
    (0.6666666666666666, 2.0)
    """

    n: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: list[float]) -> Sums:
        """Return the sums of values (n,)."""
        return cls(len(values), math.fsum(values), math.fsum(v * v for v in values))

    def plus(self, other: Sums) -> Sums:
        """Return the sums of both sets of values."""
        return Sums(self.n + other.n, self.total + other.total, self.squares + other.squares)

    def times(self, weight: float) -> Sums:
        """Return the sums with every value weighted."""
        return Sums(self.n * weight, self.total * weight, self.squares * weight)

    @property
    def mean(self) -> float:
        """Mean of the values; nan without values."""
        return self.total / self.n if self.n else math.nan

    @property
    def variance(self) -> float:
        """Variance with n - 1 degrees of freedom; nan below two values."""
        if self.n < 2:
            return math.nan
        return max(0.0, (self.squares - self.total**2 / self.n) / (self.n - 1))


class Range(NamedTuple):
    """A value and the ends of its interval; nan where it cannot be stated."""

    value: float
    low: float
    high: float


def wilson(successes: float, n: float, level: float = 0.95) -> Range:
    """Return a share with Wilson's interval; for a single look.

        (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Source: Wilson 1927, JASA 22.

    >>> [round(x, 4) for x in wilson(8, 10)]
    [0.8, 0.4902, 0.9433]
    """
    if n <= 0:
        return Range(math.nan, math.nan, math.nan)
    p, z = successes / n, NormalDist().inv_cdf((1 + level) / 2)
    centre, scale = p + z * z / (2 * n), 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Range(p, max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def student(values: Sums, level: float = 0.95) -> Range:
    """Return a mean with Student's interval, mean ± t sqrt(v / n); for a single look.

    >>> [round(x, 4) for x in student(Sums.of([1.0, 2.0, 3.0, 4.0]))]
    [2.5, 0.4457, 4.5543]
    """
    if values.n < 2:
        return Range(values.mean, math.nan, math.nan)
    from scipy.special import stdtrit

    half = float(stdtrit(values.n - 1, (1 + level) / 2)) * math.sqrt(values.variance / values.n)
    return Range(values.mean, values.mean - half, values.mean + half)


def difference(
    a: Sums,
    b: Sums,
    *,
    alpha: float = 0.05,
    bounds: tuple[float, float] | None = None,
    tuned: float = _TUNED,
) -> Range:
    """Return mean_b - mean_a with an interval that holds at all looks, with chance 1 - alpha.

    Args:
        a, b: what was answered so far.
        alpha: the chance that the truth is ever outside.
        bounds: between which the values lie, if they do; (0, 1) for shares.
        tuned: the answers of each arm at which the interval shall be about as narrow as can be.

    >>> found = difference(Sums(2000, 200, 200), Sums(2000, 300, 300), bounds=(0, 1))
    >>> round(found.value, 3), found.low > 0
    (0.05, True)
    """
    gap = b.mean - a.mean
    if min(a.n, b.n) < MIN_ANSWERS:
        return Range(gap, math.nan, math.nan)
    pooled = (a.variance * (a.n - 1) + b.variance * (b.n - 1)) / (a.n + b.n - 2)
    prior = pooled if bounds is None else (bounds[1] - bounds[0]) ** 2 / 4
    r = tuned / (2 * math.log(1 / alpha) + math.log(1 + 2 * math.log(1 / alpha)))
    spread, logs = 0.0, math.log(1 / alpha)
    for arm in (a, b):
        variance = (arm.n * arm.variance + _PRIOR * prior) / (arm.n + _PRIOR)
        spread += variance * (arm.n + r) / arm.n**2
        logs += math.log((arm.n + r) / r) / 2
    half = math.sqrt(2 * logs * spread)
    return Range(gap, gap - half, gap + half)


def verdict(found: Range, relevant: float = 0.0) -> Verdict:
    """Return what a difference means: collect more, b is better, worse, or alike.

    Args:
        found: as `difference` gives it; asking at each look is allowed.
        relevant: differences smaller than this do not matter.

    >>> verdict(Range(0.05, 0.01, 0.09)), verdict(Range(0.0, -0.004, 0.004), relevant=0.01)
    ('better', 'alike')
    """
    if math.isnan(found.low):
        return "collect"
    if max(abs(found.low), abs(found.high)) < relevant:
        return "alike"
    if found.low > 0:
        return "better"
    return "worse" if found.high < 0 else "collect"
