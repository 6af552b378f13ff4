"""Tests of whether two sets of rows are drawn alike.

ks                two-sample Kolmogorov-Smirnov: D = max |F(x) - G(x)|; p by the limiting
                  distribution at (sqrt(e) + 0.12 + 0.11 / sqrt(e)) D, e = n m / (n + m)
chi_squared       of the table 2 x k: both sets are samples, neither is taken for the truth
missing_rates     two shares alike: z = (p - q) / sqrt(r (1 - r) (1 / n + 1 / m)), r of both
bonferroni        min(1, p * tests): keeps the chance of any false alarm below the level

source  Stephens 1970 (ks); Pearson 1900
catalogue  stat-pvalue stat-param
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mulle.stats import tails

MIN_EXPECTED = 5.0  # rows of a cell of chi-squared; smaller ones are merged


class Result(NamedTuple):
    """A statistic, and the chance of one at least as extreme if both sets are drawn alike."""

    statistic: float
    p: float


def ks(x: ArrayLike, y: ArrayLike) -> Result:
    """Test values (n,) and (m,) without nan by Kolmogorov and Smirnov; nan where one is empty.

    >>> ks(np.arange(100.0), np.arange(100.0) + 50).p < 1e-9
    True
    """
    n, m = len(np.asarray(x)), len(np.asarray(y))
    d = ks_distance(x, y)
    if np.isnan(d):
        return Result(d, d)
    e = np.sqrt(n * m / (n + m))
    return Result(d, tails.kolmogorov((e + 0.12 + 0.11 / e) * d))


def ks_distance(x: ArrayLike, y: ArrayLike) -> float:
    """Return the largest distance between the two distribution functions, without its p."""
    a, b = np.sort(np.asarray(x, np.float64)), np.sort(np.asarray(y, np.float64))
    if not len(a) or not len(b):
        return float("nan")
    both = np.concatenate([a, b])
    gap = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    return float(np.abs(gap).max())


def chi_squared(reference: ArrayLike, current: ArrayLike) -> Result:
    """Test counts (k,) of the same categories; nan where one is empty or all rows are in one.

    Categories with fewer than 5 expected rows are merged, so that the chi-squared distribution is
    a good approximation.
    """
    table = np.stack([np.asarray(reference, np.float64), np.asarray(current, np.float64)])
    if not (table.sum(1) > 0).all():
        return Result(np.nan, np.nan)
    rows, whole = table.sum(1, keepdims=True), table.sum()
    few = (rows * table.sum(0) / whole).min(0) < MIN_EXPECTED
    table = np.concatenate([table[:, ~few], table[:, few].sum(1, keepdims=True)], axis=1)
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2:
        return Result(np.nan, np.nan)
    expected = rows * table.sum(0) / whole
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Result(statistic, tails.chi_squared(statistic, table.shape[1] - 1))


def missing_rates(missing: tuple[int, int], rows: tuple[int, int]) -> Result:
    """Test two shares of missing rows; nan where a set is empty, p = 1 where none can differ."""
    (a, b), (n, m) = missing, rows
    if not n or not m:
        return Result(np.nan, np.nan)
    share = (a + b) / (n + m)
    error = np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    if error == 0:
        return Result(0.0, 1.0)
    z = float((b / m - a / n) / error)
    return Result(z, tails.normal(z))


def bonferroni(p: float, tests: int) -> float:
    """Return the p of one of several tests, adjusted for their number."""
    return min(1.0, p * tests)
