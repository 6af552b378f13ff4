"""One matrix for all pairs, each by the measure that fits its kinds, and the matrices behind it.

number x number      spearman           (a date is a number)
category x category  cramers_v          (a boolean is a category of two)
category x number    correlation_ratio

Categories beyond the 49 most frequent are taken as one; information is measured between categories
and at most 16 bins of equal frequency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.verbs.explore.relation_data import Matrix, Pair
from mulle.verbs.explore.relations import categories as cat
from mulle.verbs.explore.relations import numbers as num
from mulle.verbs.explore.relations.encoded import EncodedColumn, joint
from mulle.verbs.explore.to_json import number, rounded

MIN_ROWS, MAX_PAIRS = 20, 50


@dataclass(frozen=True)
class Measured:
    """All measures of p columns; arrays are (p, p) with nan where a measure does not exist."""

    columns: Sequence[EncodedColumn]
    value: Array
    names: list[list[str]]
    rows: Array
    found: dict[str, Array]

    def pair(self, i: int, j: int) -> Pair:
        """Return everything measured of one pair."""
        others = {n: number(m[i, j]) for n, m in self.found.items() if not np.isnan(m[i, j])}
        if "theils_u" in others:
            others["theils_u_back"] = number(self.found["theils_u"][j, i])
        others.pop(self.names[i][j], None)
        a, b = self.columns[i].name, self.columns[j].name
        return Pair(a, b, self.names[i][j], number(self.value[i, j]), others, int(self.rows[i, j]))

    def strongest(self) -> list[tuple[int, int]]:
        """Return places of the pairs from the strongest down."""
        first, second = np.triu_indices(len(self.columns), 1)
        size = np.abs(self.value[first, second])
        size[self.rows[first, second] < MIN_ROWS] = np.nan
        order = np.argsort(-size, kind="stable")
        kept = [k for k in order if not np.isnan(size[k])][:MAX_PAIRS]
        return [(int(first[k]), int(second[k])) for k in kept]

    def mixed(self) -> Matrix:
        """Return the matrix of the measures that fit each pair."""
        names = [c.name for c in self.columns]
        return Matrix("mixed", names, names, rounded(self.value), self.names)

    def matrices(self) -> list[Matrix]:
        """Return a matrix for each measure, of the columns that it applies to."""
        numbers = [k for k, c in enumerate(self.columns) if c.is_number]
        others = [k for k, c in enumerate(self.columns) if not c.is_number]
        every = list(range(len(self.columns)))
        sides = {
            **dict.fromkeys(("pearson", "spearman", "kendall"), (numbers, numbers)),
            **dict.fromkeys(("cramers_v", "theils_u"), (others, others)),
            "correlation_ratio": (others, numbers),
            "information_share": (every, every),
        }
        return [
            Matrix(
                "mutual_information" if name == "information_share" else name,
                [self.columns[k].name for k in rows],
                [self.columns[k].name for k in across],
                rounded(self.found[name][np.ix_(rows, across)]),
            )
            for name, (rows, across) in sides.items()
            if rows and across and len({*rows, *across}) > 1
        ]


def measure(columns: Sequence[EncodedColumn], seed: int = 0) -> Measured:
    """Measure all pairs of sampled columns by all measures."""
    p = len(columns)
    names = ("pearson", "spearman", "kendall", "cramers_v", "theils_u", "correlation_ratio",
             "mutual_information", "information_share")  # fmt: skip
    found = {name: np.full((p, p), np.nan) for name in names}
    rows, value = np.zeros((p, p)), np.full((p, p), np.nan)
    picked = [[""] * p for _ in columns]
    _numbers(columns, found, rows, seed)
    for i in range(p):
        value[i, i] = 1.0
        for j in range(i):
            picked[i][j] = picked[j][i] = _one(columns, i, j, found, rows)
            value[i, j] = value[j, i] = found[picked[i][j]][i, j]
    return Measured(columns, value, picked, rows, found)


def _numbers(
    columns: Sequence[EncodedColumn], found: dict[str, Array], rows: Array, seed: int
) -> None:
    places = [k for k, c in enumerate(columns) if c.is_number]
    x = [c.x for c in columns if c.is_number and c.x is not None]
    if not x:
        return
    block, grid = np.stack(x, axis=1), np.ix_(places, places)
    found["pearson"][grid], rows[grid] = num.pearson(block)
    found["spearman"][grid] = num.spearman(block)
    found["kendall"][grid] = num.kendall(block, seed)


def _one(
    columns: Sequence[EncodedColumn], i: int, j: int, found: dict[str, Array], rows: Array
) -> str:
    """Measure one pair, and return the name of the measure that fits its kinds."""
    a, b = columns[i], columns[j]
    table = joint(a, b)
    rows[i, j] = rows[j, i] = table.sum()
    for name, value in (
        ("mutual_information", cat.mutual_information(table)),
        ("information_share", cat.information_share(table)),
    ):
        found[name][i, j] = found[name][j, i] = value
    if a.is_number and b.is_number:
        return "spearman"
    if not a.is_number and not b.is_number:
        found["cramers_v"][i, j] = found["cramers_v"][j, i] = cat.cramers_v(table)
        found["theils_u"][i, j], found["theils_u"][j, i] = cat.theils_u(table)
        return "cramers_v"
    group, measured = (b, a) if a.is_number else (a, b)
    if measured.x is not None:
        ratio = cat.correlation_ratio(group.codes, group.k, measured.x)
        found["correlation_ratio"][i, j] = found["correlation_ratio"][j, i] = ratio
    return "correlation_ratio"
