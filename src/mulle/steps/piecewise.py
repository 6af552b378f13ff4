"""Encode numbers by how far along each of several intervals they are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval
from mulle.graph import Matrix
from mulle.settings import Parameters
from mulle.steps.base import Step

_LARGEST = float(np.finfo(np.float64).max) / 4  # so that no difference of two edges overflows
_SMALLEST = float(np.finfo(np.float32).tiny)  # ONNX Runtime takes a lone edge of less for 0


class PiecewiseLinear(Step):
    """Give one number for each interval of a column: how much of it lies below the value.

    z_t = (x - b_t) / (b_{t+1} - b_t), kept within 0 and 1, of intervals between neighbouring
    quantiles b, or different values where those are few. Values beyond the training range go on,
    to -1 in the first interval and to 2 in the last. A linear layer behind it is linear within
    each interval and connected at the edges, so that a network finds bends that it would need
    many units and steps for.

    A missing value takes the place of the median, and has a mark of its own where training had
    missing ones.

    Args:
        n_bins: intervals of a column at most.
        max_features: intervals of all columns together, about: of many columns each has fewer,
            but one at least.

    Source: Gorishniy, Rubachev and Babenko 2022, arXiv:2203.05556, section 3.2.

    >>> step = PiecewiseLinear(2).fit(np.array([[0.0], [2.0], [6.0]]))
    >>> step.transform(np.array([[1.0], [4.0], [-9.0], [8.0]])).tolist()
    [[0.5, 0.0], [1.0, 0.5], [-1.0, 0.0], [1.0, 1.5]]
    """

    parameters: ClassVar[Parameters] = {
        "n_bins": Interval(int, 1, 255),
        "max_features": Interval(int, 1),
    }

    def __init__(self, n_bins: int = 8, *, max_features: int = 240) -> None:
        self.n_bins = n_bins
        self.max_features = max_features

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the table of intervals: one row a feature, [M] each, and the medians [K]."""
        bins = max(1, min(self.n_bins, self.max_features // x.shape[1]))
        missing = np.isnan(x)
        columns = [_known(column) for column in x.T]
        edges = [_edges(known, bins) for known in columns]
        self.fill_ = np.array([np.median(known) if len(known) else 0.0 for known in columns])
        self.marked_ = np.flatnonzero(missing.any(axis=0))
        self.column_ = np.repeat(np.arange(len(edges)), [len(e) - 1 for e in edges])
        self.left_ = np.concatenate([e[:-1] for e in edges])
        self.right_ = np.concatenate([e[1:] for e in edges])
        self.width_ = self.right_ - self.left_
        first = np.diff(self.column_, prepend=-1) != 0
        last = np.diff(self.column_, append=len(edges)) != 0
        self.least_ = np.where(first, self.left_ - self.width_, self.left_)
        self.most_ = np.where(last, self.right_ + self.width_, self.right_)

    def compute(self, x: Matrix) -> Matrix:
        """Return the shares [N, M], and marks of missing values behind them."""
        xp = x.__array_namespace__()
        missing = xp.isnan(x)
        known = xp.where(missing, xp.asarray(self.fill_), x)
        value = xp.take(known, xp.asarray(self.column_), axis=1)
        value = xp.minimum(xp.maximum(value, xp.asarray(self.least_)), xp.asarray(self.most_))
        shares = (value - self.left_) / self.width_
        if not len(self.marked_):
            return shares
        marks = xp.take(xp.astype(missing, xp.float64), xp.asarray(self.marked_), axis=1)
        return xp.concat([shares, marks], axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column from low to high`, and `column is missing`."""
        table = zip(self.column_, self.left_.tolist(), self.right_.tolist(), strict=True)
        shares = [f"{names[at]} from {low!r} to {high!r}" for at, low, high in table]
        return shares + [f"{names[at]} is missing" for at in self.marked_]


def _known(column: Array) -> Array:
    """Return the values that are not missing, in the range in which edges can be computed."""
    known = column[~np.isnan(column)]
    known = np.where(np.abs(known) < _SMALLEST, 0.0, known)
    return np.clip(known, -_LARGEST, _LARGEST)


def _edges(known: Array, bins: int) -> Array:
    """Return the quantiles of known values, or the values themselves where they are few.

    A column of one value has an interval above it, and one of no value that from 0 to 1.
    """
    values = np.unique(known) if len(known) else np.zeros(1)
    if len(values) > bins + 1:
        values = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)))
    if len(values) > 1:
        return values
    return np.array([values[0], values[0] + max(1.0, abs(values[0]) / 2)])
