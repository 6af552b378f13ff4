"""How two categories, or a category and a number, go together, from the table of their counts.

cramers_v          sqrt(phi2 / min(k - 1, l - 1)), phi2 = chi2 / n; as reported bias-corrected:
                   phi2 less (k - 1)(l - 1) / (n - 1), k less (k - 1)^2 / (n - 1), l likewise
theils_u           U(x given y) = 1 - H(x given y) / H(x): the share of x that y tells
correlation_ratio  sqrt(between / total sum of squares of the number over the categories); as
                   reported corrected: squared, 1 - (1 - eta2)(n - 1) / (n - k)
mutual_information sum p(x, y) log2(p(x, y) / (p(x) p(y))), in bits; as reported less the bias
                   (k - 1)(l - 1) / (2 n ln 2) that independent columns would show

source  Bergsma 2013, "A bias-correction for Cramer's V"; Theil 1970; Kelley 1935 (epsilon);
        Miller 1955 (the bias of information)
catalogue  stat-entropy stat-infogain stat-conditional eda-bivariate
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.verbs.explore.columns.category import entropy_of


def cramers_v(table: Array, *, corrected: bool = True) -> float:
    """Return Cramér's V of counts (k, l); nan where one side does not vary.

    >>> round(cramers_v(np.array([[10.0, 0.0], [0.0, 10.0]]), corrected=False), 3)
    1.0
    """
    table = trimmed(table)
    k, m = table.shape
    n = table.sum()
    if min(k, m) < 2:
        return float("nan")
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / n
    phi2 = float(((table - expected) ** 2 / expected).sum() / n)
    rows, columns = float(k), float(m)
    if corrected:
        if n < 2:
            return float("nan")
        phi2 = max(0.0, phi2 - (k - 1) * (m - 1) / (n - 1))
        rows, columns = k - (k - 1) ** 2 / (n - 1), m - (m - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return float(np.sqrt(min(1.0, phi2 / least))) if least > 0 else float("nan")


def theils_u(table: Array) -> tuple[float, float]:
    """Return Theil's U of counts (k, l): of the rows given the columns, and the reverse.

    >>> theils_u(np.array([[5.0, 0.0], [0.0, 5.0]]))
    (1.0, 1.0)
    """
    rows, columns = entropy_of(table.sum(1)), entropy_of(table.sum(0))
    shared = rows + columns - entropy_of(table.ravel())
    return _share(shared, rows), _share(shared, columns)


def mutual_information(table: Array, *, corrected: bool = True) -> float:
    """Return the mutual information of counts (k, l) in bits: the information gain of a split."""
    n = table.sum()
    if not n:
        return float("nan")
    shared = entropy_of(table.sum(1)) + entropy_of(table.sum(0)) - entropy_of(table.ravel())
    if corrected:
        k, m = trimmed(table).shape
        shared -= (k - 1) * (m - 1) / (2 * n * np.log(2))
    return max(0.0, float(shared))


def information_share(table: Array) -> float:
    """Return mutual information as a share of the smaller of the two entropies."""
    least = min(entropy_of(table.sum(1)), entropy_of(table.sum(0)))
    return _share(mutual_information(table), least)


def correlation_ratio(codes: Array, k: int, x: Array, *, corrected: bool = True) -> float:
    """Return the correlation ratio of codes (n,), 0 for missing, and numbers (n,) with nan.

    >>> correlation_ratio(np.array([1, 1, 2, 2]), 2, np.array([0.0, 0.0, 1.0, 1.0]))
    1.0
    """
    present = (codes > 0) & ~np.isnan(x)
    code, x = codes[present], x[present]
    times = np.bincount(code, minlength=k + 1)
    n, groups = len(x), int((times > 0).sum())
    if n < 2 or groups < 2:
        return float("nan")
    scale = float(np.abs(x).max())
    x = x / (scale or 1.0)
    x = x - x.mean()
    total = float((x * x).sum())
    if total <= n * 1e-28:
        return float("nan")
    sums = np.bincount(code, x, k + 1)
    eta2 = float((sums**2 / np.maximum(times, 1)).sum()) / total
    if corrected:
        if n <= groups:
            return float("nan")
        eta2 = 1 - (1 - eta2) * (n - 1) / (n - groups)
    return float(np.sqrt(min(1.0, max(0.0, eta2))))


def trimmed(table: Array) -> Array:
    """Drop rows and columns without counts."""
    table = table[table.sum(1) > 0]
    found: Array = table[:, table.sum(0) > 0]
    return found


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 1e-12 else float("nan")
