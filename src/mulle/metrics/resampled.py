"""Scores of many resamples at once, from how often each row was drawn.

A mean of losses of the rows is one product of the draws and the losses; the area under the ROC
curve is two cumulative sums a resample over rows that are sorted once. Any other metric is scored
resample by resample. All ways give the scores of the resampled rows themselves.

shapes  times (k, n): how often each of n rows was drawn in each of k resamples

catalogue  stat-bootstrap
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mulle.arrays import Array
from mulle.metrics import ranking
from mulle.metrics.metrics import Metric
from mulle.metrics.predictions import Predictions

AT_ONCE = 2_000_000  # draws that are held at once
Many = Callable[[Array], Array]  # times (k, n) -> scores (k,)


def score_draws(metric: Metric, y: Array, prediction: Predictions, drawn: Sequence[Array]) -> Array:
    """Return the score of each resample (k,).

    Args:
        metric: what to compute.
        y: (n,) as the metric wants it.
        prediction: of the same rows.
        drawn: positions of the rows of each resample; every class that y has is in each.
    """
    many = _many(metric, y, prediction)
    if many is None or not drawn:
        return np.array([metric.score(y[rows], prediction.take(rows)) for rows in drawn])
    return many(np.stack([np.bincount(rows, minlength=len(y)) for rows in drawn]))


def _many(metric: Metric, y: Array, prediction: Predictions) -> Many | None:
    """Return how to score many resamples at once; None where there is no such way."""
    scores, codes = prediction
    if not np.isfinite(scores).all():
        return None
    if metric.name == "roc_auc":
        return _areas(y, scores)
    if metric.name == "accuracy" and codes is not None:
        return _means((codes == y).astype(np.float64))
    if metric.name in _LOSSES:
        return _means(_LOSSES[metric.name](y, scores))
    if metric.name == "rmse":
        means = _means((scores - y) ** 2)
        return lambda times: np.sqrt(means(times))
    return None


_LOSSES: dict[str, Callable[[Array, Array], Array]] = {
    "log_loss": ranking.log_losses,
    "brier": ranking.brier_losses,
    "mse": lambda y, v: (v - y) ** 2,
    "mae": lambda y, v: np.abs(v - y),
}


def _means(losses: Array) -> Many:
    return lambda times: (times @ losses) / times.sum(1)


def _areas(y: Array, p: Array) -> Many:
    """Return the area under the ROC curve, the mean over the classes of more than two."""
    some = [1] if p.shape[1] == 2 else np.unique(y).tolist()
    each = [_area(y == c, p[:, c]) for c in some]
    return lambda times: np.mean([area(times) for area in each], axis=0)


def _area(positive: Array, score: Array) -> Many:
    order = np.argsort(score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hit = positive[order]

    def area(times: Array) -> Array:
        ordered = times[:, order]
        true, false = (
            np.diff(np.cumsum(ordered * which, axis=1)[:, ends], axis=1, prepend=0)
            for which in (hit, ~hit)
        )
        return ranking.auc_of_counts(true, false)

    return area
