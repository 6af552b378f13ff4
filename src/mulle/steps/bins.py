"""Cut numbers into intervals.

catalogue  bin-kbins feat-bin-linear
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Choice, Flag, Interval
from mulle.graph import Matrix
from mulle.settings import Parameters
from mulle.steps.base import Step


class KBins(Step):
    """Replace each number by its interval, which includes its lower edge.

    Values beyond the training range lie in the first or the last interval. A missing value stays
    missing, or gives zeros only. Quantiles give no more intervals than there are different values,
    and at least two where the values differ.

    Args:
        n_bins: intervals of a column at most, 2 to 255.
        edges: at `quantile`s of the training values, or `uniform` between their extremes.
        one_hot: one 0/1 column for each interval, instead of its number: with it a linear model is
            constant within each interval.

    >>> KBins(2).fit_transform(np.array([[1.0], [2.0], [3.0], [np.nan]])).tolist()
    [[0.0], [1.0], [1.0], [nan]]
    """

    parameters: ClassVar[Parameters] = {
        "n_bins": Interval(int, 2, 255),
        "edges": Choice("quantile", "uniform"),
        "one_hot": Flag(),
    }

    def __init__(
        self,
        n_bins: int = 8,
        *,
        edges: Literal["quantile", "uniform"] = "quantile",
        one_hot: bool = False,
    ) -> None:
        self.n_bins = n_bins
        self.edges = edges
        self.one_hot = one_hot

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the inner edges of each column, [K, E]; a column with fewer is filled with NaN."""
        found = [self._inner_edges(column[~np.isnan(column)]) for column in x.T]
        self.edges_ = np.full((len(found), max(1, *map(len, found), 1)), np.nan)
        for row, inner in zip(self.edges_, found, strict=True):
            row[: len(inner)] = inner

    def _inner_edges(self, known: Array) -> Array:
        if not len(known) or known.min() == known.max():
            return known[:0]
        if self.edges == "uniform":
            cuts = np.linspace(known.min(), known.max(), self.n_bins + 1)
        else:
            cuts = np.quantile(known, np.linspace(0, 1, self.n_bins + 1))
            # Of several edges with no training value between them, the lowest is kept.
            _, first = np.unique(np.searchsorted(np.unique(known), cuts), return_index=True)
            cuts = np.append(cuts[first], cuts[-1])
        cuts = np.unique(cuts)
        return cuts[1:-1] if len(cuts) > 2 else cuts[-1:]

    def compute(self, x: Matrix) -> Matrix:
        """Return the numbers of the intervals [N, K], or zeros and ones [N, intervals]."""
        xp = x.__array_namespace__()
        none = xp.asarray(float("nan"), dtype=xp.float64)
        above = xp.expand_dims(x, axis=2) >= xp.asarray(self.edges_)  # [N, K, E]; false for NaN
        codes = xp.sum(xp.astype(above, xp.float64), axis=2)
        codes = xp.where(xp.isnan(x), none, codes)
        if not self.one_hot:
            return codes
        marks = [
            xp.astype(codes[:, k : k + 1] == xp.asarray(np.arange(float(width))), xp.float64)
            for k, width in enumerate(self._widths())
        ]
        return xp.concat(marks, axis=1)

    def _widths(self) -> list[int]:
        """Return the number of intervals of each column."""
        return [int(n) + 1 for n in (~np.isnan(self.edges_)).sum(axis=1)]

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `bin of column`, or `column in [low, high)`."""
        if not self.one_hot:
            return [f"bin of {name}" for name in names]
        result = []
        for name, row, width in zip(names, self.edges_, self._widths(), strict=True):
            cuts = ["-inf", *(repr(edge) for edge in row[: width - 1].tolist()), "inf"]
            result += [f"{name} in [{a}, {b})" for a, b in pairwise(cuts)]
        return result
