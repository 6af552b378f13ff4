"""The uncertainty of a score: a percentile bootstrap over the rows it was computed on.

catalogue  stat-bootstrap stat-ci
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.metrics.metrics import Metric
from mulle.metrics.predictions import Predictions
from mulle.metrics.resampled import AT_ONCE, score_draws
from mulle.stats.resampling import draw_rows

MIN_RESAMPLES = 20  # below that no interval is stated


@dataclass(frozen=True)
class ScoreInterval:
    """A score with its confidence interval; `low` and `high` are nan where it is not stated."""

    score: float
    low: float
    high: float
    level: float
    n_resamples: int


def bootstrap_score(
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
) -> ScoreInterval:
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
    >>> found = bootstrap_score(metric("mae"), y, y + np.where(y < 50, 1.0, 3.0))
    >>> found.score, found.low < 2 < found.high
    (2.0, True)
    """
    if not isinstance(prediction, Predictions):
        prediction = Predictions(prediction)
    score = metric.score(y, prediction, weights)
    if stratified is None:
        stratified = metric.needs != "value"
    draws = draw_rows(
        len(y), n_resamples, strata=y if stratified else None, random_state=random_state
    )
    drawn = itertools.takewhile(lambda _: not stop(), draws)
    if weights is None and (stratified or metric.needs == "value"):
        at_once = max(1, AT_ONCE // max(len(y), 1))
        blocks = iter(lambda: list(itertools.islice(drawn, at_once)), [])
        scores = [s for block in blocks for s in score_draws(metric, y, prediction, block).tolist()]
    else:
        scores = [_score_again(metric, y, prediction, weights, rows) for rows in drawn]
    known = np.array(scores)[~np.isnan(scores)]
    if len(known) < MIN_RESAMPLES:
        return ScoreInterval(score, np.nan, np.nan, level, len(scores))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return ScoreInterval(score, float(low), float(high), level, len(scores))


def _score_again(
    metric: Metric, y: Array, prediction: Predictions, weights: Array | None, rows: Array
) -> float:
    some = None if weights is None else weights[rows]
    return metric.score(y[rows], prediction.take(rows), some)
