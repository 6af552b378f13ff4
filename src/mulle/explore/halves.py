"""Whether the first half of the rows and the second are drawn alike.

distance  numbers: Kolmogorov-Smirnov's D; categories: half the sum of |p - q| (total variation)
drift     p below 0.001 after Bonferroni, and a distance of at least 0.15: in many rows, small
          differences are certain and of no account
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mulle.evaluate.shift import bonferroni, chi_squared, ks
from mulle.explore.relations.coded import Coded
from mulle.table import Kind

Array = NDArray[Any]
LEVEL, LEAST, FEWEST = 0.001, 0.15, 100


def drifting(columns: Mapping[str, Coded]) -> dict[str, float]:
    """Columns that drift, each with its distance.

    Args:
        columns: coded sampled rows, in the order of the table; dates are left out, because time
            goes on in all of them.
    """
    some = [c for c in columns.values() if c.column.kind is not Kind.datetime]
    found = {}
    for column in some:
        distance, p = _distance(column)
        if distance >= LEAST and bonferroni(p, len(some)) < LEVEL:
            found[column.name] = distance
    return found


def _distance(column: Coded) -> tuple[float, float]:
    middle = len(column.codes) // 2
    first, second = column.codes[:middle], column.codes[middle:]
    if min((first > 0).sum(), (second > 0).sum()) < FEWEST // 2:
        return 0.0, 1.0
    if column.is_number and column.x is not None:
        a, b = column.x[:middle], column.x[middle:]
        result = ks(a[~np.isnan(a)], b[~np.isnan(b)])
        return result.statistic, result.p
    here = np.bincount(first, minlength=column.k + 1)[1:]
    there = np.bincount(second, minlength=column.k + 1)[1:]
    shares = here / here.sum() - there / there.sum()
    p = chi_squared(here, there).p
    return float(np.abs(shares).sum() / 2), 1.0 if np.isnan(p) else p
