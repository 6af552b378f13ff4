"""Whether two sets of rows are drawn alike, and how far apart their distributions are.

ks                two-sample Kolmogorov-Smirnov: D = max |F(x) - G(x)|; p by the limiting
                  distribution at (sqrt(e) + 0.12 + 0.11 / sqrt(e)) D, e = n m / (n + m)
chi_squared       of the table 2 x k: both sets are samples, neither is taken for the truth
missing_rates     two shares alike: z = (p - q) / sqrt(r (1 - r) (1 / n + 1 / m)), r of both
psi               population stability index: sum (p - q) ln(p / q); shares of 0 count as 0.0001
jensen_shannon    sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2), base 2: from 0 to 1
wasserstein       integral |F(x) - G(x)| dx: in the unit of x
bonferroni        min(1, p * tests): keeps the chance of any false alarm below the level

source  Stephens 1970 (ks); Pearson 1900; Siddiqi 2006, "Credit Risk Scorecards" (psi); Endres &
        Schindelin 2003 (jensen_shannon); Ramdas et al. 2017, arXiv:1509.02237 (wasserstein)
catalogue  stat-pvalue stat-param
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array
from mulle.stats import tails

FEWEST_EXPECTED = 5.0  # rows of a cell of chi-squared; smaller ones are taken as one
FLOOR = 1e-4  # of a share in psi


class Result(NamedTuple):
    """A statistic, and the chance of one at least so extreme if both sets are drawn alike."""

    statistic: float
    p: float


def ks(x: ArrayLike, y: ArrayLike) -> Result:
    """Of values (n,) and (m,), none nan; nan where one is empty.

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
    """The largest distance between the two distribution functions, without its p."""
    a, b = np.sort(np.asarray(x, np.float64)), np.sort(np.asarray(y, np.float64))
    if not len(a) or not len(b):
        return float("nan")
    both = np.concatenate([a, b])
    gap = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    return float(np.abs(gap).max())


def chi_squared(here: ArrayLike, there: ArrayLike) -> Result:
    """Of counts (k,) of the same categories in both; nan where one is empty or all are one.

    Categories of which fewer than 5 rows are expected are taken as one, so that the chi-squared
    distribution is near.
    """
    table = np.stack([np.asarray(here, np.float64), np.asarray(there, np.float64)])
    if not (table.sum(1) > 0).all():
        return Result(np.nan, np.nan)
    rows, whole = table.sum(1, keepdims=True), table.sum()
    few = (rows * table.sum(0) / whole).min(0) < FEWEST_EXPECTED
    table = np.concatenate([table[:, ~few], table[:, few].sum(1, keepdims=True)], axis=1)
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2:
        return Result(np.nan, np.nan)
    expected = rows * table.sum(0) / whole
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Result(statistic, tails.chi_squared(statistic, table.shape[1] - 1))


def missing_rates(missing: tuple[int, int], rows: tuple[int, int]) -> Result:
    """Of two shares; nan where one set is empty, p = 1 where none or all are missing in both."""
    (a, b), (n, m) = missing, rows
    if not n or not m:
        return Result(np.nan, np.nan)
    share = (a + b) / (n + m)
    error = np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    if error == 0:
        return Result(0.0, 1.0)
    z = float((b / m - a / n) / error)
    return Result(z, tails.normal(z))


def psi(here: ArrayLike, there: ArrayLike) -> float:
    """Of counts (k,) in the same bins or categories.

    >>> psi([50, 50], [50, 50]), round(psi([50, 50], [25, 75]), 3)
    (0.0, 0.275)
    """
    p, q = (np.maximum(s, FLOOR) for s in _shares(here, there))
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(here: ArrayLike, there: ArrayLike) -> float:
    """Of counts (k,) in the same bins or categories.

    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    p, q = _shares(here, there)
    found = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    return float(np.sqrt(max(0.0, found)))


def wasserstein(x: ArrayLike, y: ArrayLike) -> float:
    """Of values (n,) and (m,), none nan; nan where one is empty.

    >>> wasserstein([0.0, 1.0], [2.0, 3.0])
    2.0
    """
    a, b = np.sort(np.asarray(x, np.float64)), np.sort(np.asarray(y, np.float64))
    if not len(a) or not len(b):
        return float("nan")
    both = np.sort(np.concatenate([a, b]))
    with np.errstate(over="ignore", invalid="ignore"):
        f = np.searchsorted(a, both[:-1], "right") / len(a)
        g = np.searchsorted(b, both[:-1], "right") / len(b)
        return float((np.abs(f - g) * np.diff(both)).sum())


def bonferroni(p: float, tests: int) -> float:
    """p of one test among so many."""
    return min(1.0, p * tests)


def _shares(here: ArrayLike, there: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(here, np.float64), np.asarray(there, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return a / a.sum(), b / b.sum()


def _entropy(p: Array) -> float:
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())
