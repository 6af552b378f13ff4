"""Whether the first half of the rows and the second are drawn alike.

distance  numbers: Kolmogorov-Smirnov's D; categories: half the sum of |p - q| (total variation)
drift     p below 0.001 after Bonferroni, and a distance of at least 0.15: in many rows, small
          differences are certain and of no account
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulle.arrays import Array
from mulle.stats.shift import bonferroni, chi_squared, ks, ks_distance
from mulle.table import Kind
from mulle.verbs.explore.relations.encoded import EncodedColumn

LEVEL, LEAST, FEWEST = 0.001, 0.15, 50


def drifting(columns: Mapping[str, EncodedColumn]) -> dict[str, float]:
    """Columns that drift, each with its distance.

    Args:
        columns: coded sampled rows, in the order of the table; dates are left out, because time
            goes on in all of them.
    """
    some = [c for c in columns.values() if c.column.kind is not Kind.datetime]
    far = {c.name: d for c in some if (d := _distance(c)) >= LEAST}
    return {
        name: distance
        for name, distance in far.items()
        if bonferroni(_p(columns[name]), len(some)) < LEVEL
    }


def _distance(column: EncodedColumn) -> float:
    first, second = _parts(column)
    if min(len(first), len(second)) < FEWEST:
        return 0.0
    if column.is_number:
        return ks_distance(first, second)
    here, there = _counts(column)
    return float(np.abs(here / here.sum() - there / there.sum()).sum() / 2)


def _p(column: EncodedColumn) -> float:
    p = ks(*_parts(column)).p if column.is_number else chi_squared(*_counts(column)).p
    return 1.0 if np.isnan(p) else p


def _parts(column: EncodedColumn) -> tuple[Array, Array]:
    """The values, or codes, of both halves that are not missing."""
    middle = len(column.codes) // 2
    x = column.x if column.is_number and column.x is not None else column.codes
    there = column.codes > 0
    return x[:middle][there[:middle]], x[middle:][there[middle:]]


def _counts(column: EncodedColumn) -> tuple[Array, Array]:
    first, second = _parts(column)
    return (
        np.bincount(first, minlength=column.k + 1)[1:],
        np.bincount(second, minlength=column.k + 1)[1:],
    )
