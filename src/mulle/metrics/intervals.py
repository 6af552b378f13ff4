"""How sure a score is: a percentile bootstrap over the rows it was computed on.

catalogue  stat-bootstrap stat-ci
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.metrics.metrics import Metric
from mulle.metrics.predictions import Predictions

FEWEST = 20  # resamples below which an interval is not stated


@dataclass(frozen=True)
class Interval:
    """A score with its confidence interval; `low` and `high` are nan where it is not stated."""

    score: float
    low: float
    high: float
    level: float
    n_resamples: int


def interval(
    metric: Metric,
    y: Array,
    prediction: Predictions | Array,
    weights: Array | None = None,
    *,
    level: float = 0.95,
    n_resamples: int = 200,
    random_state: int = 0,
    stratified: bool | None = None,
    stop: Stop = never,
) -> Interval:
    """Return a score with its interval: rows are resampled with replacement.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13.

    Args:
        metric: what to compute.
        y: (n,) as the metric wants it.
        prediction: (n, C) or (n,), with labels where the metric looks at labels.
        weights: (n,) or None.
        level: share of the resampled scores between the ends.
        n_resamples: how many; fewer where `stop` says so, and none stated below 20.
        random_state: seed.
        stratified: whether each class keeps its number of rows; by default of classes only.
        stop: asked before each resample.

    Raises:
        UsageError, DataError: as `metric.score`.

    >>> from mulle.metrics.metrics import metric
    >>> y = np.arange(100.0)
    >>> found = interval(metric("mae"), y, y + np.where(y < 50, 1.0, 3.0))
    >>> found.score, found.low < 2 < found.high
    (2.0, True)
    """
    if not isinstance(prediction, Predictions):
        prediction = Predictions(prediction)
    score = metric.score(y, prediction, weights)
    if stratified is None:
        stratified = metric.needs != "value"
    strata = y if stratified else None
    scores: list[float] = []
    for rows in _resamples(len(y), strata, n_resamples, random_state):
        if stop():
            break
        some = None if weights is None else weights[rows]
        scores.append(metric.score(y[rows], prediction.take(rows), some))
    said = np.array(scores)[~np.isnan(scores)]
    if len(said) < FEWEST:
        return Interval(score, np.nan, np.nan, level, len(scores))
    low, high = np.quantile(said, [(1 - level) / 2, (1 + level) / 2])
    return Interval(score, float(low), float(high), level, len(scores))


def _resamples(n: int, strata: Array | None, times: int, seed: int) -> Iterator[Array]:
    """Row positions of each resample; a stratum keeps its size."""
    rng = np.random.default_rng(seed)
    if strata is None:
        for _ in range(times):
            yield rng.integers(0, n, n)
        return
    order = np.argsort(strata, kind="stable")
    _, sizes = np.unique(strata, return_counts=True)
    size = np.repeat(sizes, sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    for _ in range(times):
        yield order[start + rng.integers(0, size)]
