"""The uncertainty of a statistic, by resampling the rows at hand.

bootstrap    n rows with replacement, many times: the quantiles of the statistic are its interval
jackknife    each row left out once: error = sqrt((n - 1) / n * sum (s_i - mean s)^2)
permutation  labels shuffled, many times: p = (1 + as extreme) / (1 + shuffles), both sides

An interval covers the true value in a stated share of repeated samples; p is the chance of data at
least so extreme if there is no difference, not the chance that there is none.

source  Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapters 11, 13, 15
catalogue  stat-resampling stat-bootstrap stat-ci stat-pvalue stat-clt
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array

Statistic = Callable[..., Array]  # (..., n), axis=-1 -> (...): as numpy.mean and numpy.median
_CELLS = 4_000_000  # numbers held at once


class Estimate(NamedTuple):
    """A statistic, its standard error, and the ends of its interval."""

    value: float
    error: float
    low: float
    high: float


def bootstrap(
    x: ArrayLike,
    statistic: Statistic = np.mean,
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
) -> Estimate:
    """Return a statistic of (n,) values with its percentile interval; nan without values.

    >>> found = bootstrap(np.arange(100.0))
    >>> found.value, found.low < 49.5 < found.high
    (49.5, True)
    """
    values = np.asarray(x, np.float64)
    if not len(values):
        return Estimate(*[float("nan")] * 4)
    rng = np.random.default_rng(random_state)
    at_once = max(1, _CELLS // len(values))
    drawn: list[Array] = []
    for done in range(0, n_resamples, at_once):
        rows = rng.integers(0, len(values), (min(at_once, n_resamples - done), len(values)))
        drawn.append(np.asarray(statistic(values[rows], axis=-1)))
    found = np.concatenate(drawn)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(statistic(values, axis=-1)), float(found.std(ddof=1)), float(low),
                  float(high))  # fmt: skip


def draw_rows(
    rows: int, n_resamples: int, *, strata: Array | None = None, random_state: int = 0
) -> Iterator[Array]:
    """Yield the row positions [rows] of each bootstrap resample.

    Args:
        rows: number of rows to draw from, and to draw.
        n_resamples: number of resamples.
        strata: label of each row [rows]; every label keeps its number of rows.
        random_state: seed.

    >>> [sorted(drawn) for drawn in draw_rows(3, 1, strata=np.array([0, 1, 1]))][0][0]
    np.int64(0)
    """
    rng = np.random.default_rng(random_state)
    if strata is None:
        for _ in range(n_resamples):
            yield rng.integers(0, rows, rows)
        return
    order = np.argsort(strata, kind="stable")
    _, sizes = np.unique(strata, return_counts=True)
    size = np.repeat(sizes, sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    for _ in range(n_resamples):
        yield order[start + rng.integers(0, size)]


def jackknife(x: ArrayLike, statistic: Statistic = np.mean) -> float:
    """Return the standard error of a statistic of (n,) values.

    >>> round(jackknife([1.0, 2.0, 3.0, 4.0]), 4)
    0.6455
    """
    values = np.asarray(x, np.float64)
    n = len(values)
    left = np.array([float(statistic(np.delete(values, i), axis=-1)) for i in range(n)])
    return float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))


def permutation(
    x: ArrayLike,
    y: ArrayLike,
    statistic: Statistic = np.mean,
    *,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> tuple[float, float]:
    """Return the difference of a statistic of (n,) and (m,) values, and its p.

    >>> difference, p = permutation(np.arange(50.0), np.arange(50.0) + 30)
    >>> difference, p < 0.01
    (-30.0, True)
    """
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    both, n = np.concatenate([a, b]), len(a)
    difference = float(statistic(a, axis=-1) - statistic(b, axis=-1))
    rng = np.random.default_rng(random_state)
    at_once = max(1, _CELLS // max(1, len(both)))
    extreme = 0
    for done in range(0, n_resamples, at_once):
        block = np.tile(both, (min(at_once, n_resamples - done), 1))
        rows = rng.permuted(block, axis=1)
        shuffled = statistic(rows[:, :n], axis=-1) - statistic(rows[:, n:], axis=-1)
        extreme += int((np.abs(shuffled) >= abs(difference) * (1 - 1e-12)).sum())
    return difference, (1 + extreme) / (1 + n_resamples)
