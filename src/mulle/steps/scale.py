"""Bring numbers to one scale.

catalogue  scale-standard scale-robust scale-minmax scale-unitnorm scale-why
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval, Optional
from mulle.graph import Matrix
from mulle.settings import Parameters
from mulle.steps.base import Step


class _Scale(Step):
    """The base class of scalings: z = (x - centre) / width; 0 for a constant column."""

    parameters: ClassVar[Parameters] = {"clip": Optional(Interval(float, 0, closed="neither"))}

    def __init__(self, *, clip: float | None = None) -> None:
        self.clip = clip

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the centre and the width of each column, missing values left out."""
        centre, width = self.measure(x)
        self.centre_ = np.nan_to_num(centre)
        self.width_ = np.where((width > 0) & np.isfinite(width), width, 1.0)

    def measure(self, x: Array) -> tuple[Array, Array]:
        """Return the centre and the width of each column [K]."""
        raise NotImplementedError

    def compute(self, x: Matrix) -> Matrix:
        """Return the scaled columns [N, K]."""
        z = (x - self.centre_) / self.width_
        if self.clip is None:
            return z
        xp = z.__array_namespace__()
        return xp.clip(z, -self.clip, self.clip)


class StandardScale(_Scale):
    """Centre to mean 0 and scale to standard deviation 1 (ddof = 0).

    >>> StandardScale().fit_transform(np.array([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    """

    def measure(self, x: Array) -> tuple[Array, Array]:
        """Return the means and the standard deviations [K]."""
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler().fit(x)
        return scaler.mean_, np.sqrt(scaler.var_)


class RobustScale(_Scale):
    """Centre to the median and scale to the interquartile range.

    >>> RobustScale().fit_transform(np.array([[1.0], [2.0], [3.0], [100.0]])).round(2).tolist()
    [[-0.06], [-0.02], [0.02], [3.82]]
    """

    def measure(self, x: Array) -> tuple[Array, Array]:
        """Return medians and interquartile ranges [K]; standard deviations where these are 0."""
        low, median, high = _quartiles(x)
        return median, np.where(high > low, high - low, np.nanstd(x, axis=0))


class MinMaxScale(_Scale):
    """Scale the training values to [0, 1]; new ones may leave it.

    >>> MinMaxScale().fit_transform(np.array([[1.0], [2.0], [3.0]])).tolist()
    [[0.0], [0.5], [1.0]]
    """

    def measure(self, x: Array) -> tuple[Array, Array]:
        """Return the minima and the ranges [K]."""
        from sklearn.preprocessing import MinMaxScaler

        scaler = MinMaxScaler().fit(x)
        return scaler.data_min_, scaler.data_range_


class Normalize(Step):
    """Divide each row by its Euclidean length, so that only its direction is left; 0 stays 0.

    A row with a missing value has no length: it becomes missing.

    >>> Normalize().fit_transform(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """

    ulps = 1  # the squares may be added in another order

    def compute(self, x: Matrix) -> Matrix:
        """Return rows of length 1; the largest entry is divided out first against overflow."""
        xp = x.__array_namespace__()
        largest = xp.max(xp.abs(x), axis=1, keepdims=True)
        x = x / xp.where(largest == 0, xp.asarray(1.0, dtype=xp.float64), largest)
        length = xp.sqrt(xp.sum(x * x, axis=1, keepdims=True))
        return x / xp.where(length == 0, xp.asarray(1.0, dtype=xp.float64), length)


def _quartiles(x: Array) -> Array:
    return np.asarray(np.nanquantile(x, [0.25, 0.5, 0.75], axis=0))
