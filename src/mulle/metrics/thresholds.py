"""From which probability a row of two classes is positive: by costs, or by a metric.

Chosen on out-of-fold predictions of the training rows, never on test rows.

catalogue  met-errors thr-score thr-tune thr-oppoint
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.errors import DataError
from mulle.metrics.metrics import Metric
from mulle.metrics.predictions import HALF
from mulle.metrics.ranking import ranked

MAX_CUTS = 200  # tried by a metric
MIN_GAIN = 1e-6  # of a metric, for which another threshold than 0.5 is worth having


@dataclass(frozen=True)
class OperatingPoint:
    """A cut (class 1 where p >= threshold) and what it was worth on the rows it was chosen on.

    Attributes:
        threshold: the cut, midway between two probabilities that occurred.
        cost: cost a row.
        cost_at_half: cost a row with the cut at 0.5, for comparison.
        precision: nan where no row is flagged.
        recall: share of the positives flagged.
        flagged: share of the rows flagged.
    """

    threshold: float
    cost: float
    cost_at_half: float
    precision: float
    recall: float
    flagged: float


def choose_threshold(
    y: Array,
    p: Array,
    weights: Array | None = None,
    *,
    cost_fp: float = 1.0,
    cost_fn: float = 1.0,
    min_recall: float = 0.0,
    min_precision: float = 0.0,
) -> OperatingPoint:
    """Return the threshold of least cost among those that keep the floors.

    Of equal costs, the one nearest cost_fp / (cost_fp + cost_fn) is taken, which is the best
    cut of a calibrated model. Source: Elkan 2001, "The Foundations of Cost-Sensitive Learning".

    Args:
        y: (n,) codes 0 and 1.
        p: (n, 2) probabilities, out of fold.
        weights: (n,) of non-negative row weights, or None.
        cost_fp: cost of flagging a negative.
        cost_fn: cost of missing a positive.
        min_recall: floor in 0..1.
        min_precision: floor in 0..1.

    Raises:
        DataError: one class only, or no cut keeps the floors.

    >>> y, p1 = np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.2, 0.9])
    >>> point = choose_threshold(y, np.column_stack([1 - p1, p1]), cost_fn=5)
    >>> round(point.threshold, 2), point.cost, point.recall
    (0.15, 0.25, 1.0)
    """
    cuts = ranked(y == 1, p[:, 1], weights)
    n, positives = float(cuts.true[-1] + cuts.false[-1]), float(cuts.true[-1])
    if not 0 < positives < n:
        raise DataError("one-class", positives=positives, rows=n)
    # the first cut flags no row
    true, false = np.concatenate(([0.0], cuts.true)), np.concatenate(([0.0], cuts.false))
    flagged = true + false
    precision = np.divide(true, flagged, out=np.full(len(true), np.nan), where=flagged > 0)
    recall, cost = true / positives, (cost_fp * false + cost_fn * (positives - true)) / n
    allowed = recall >= min_recall
    if min_precision > 0:
        allowed &= precision >= min_precision
    if not allowed.any():
        raise _unreachable(precision[recall >= min_recall], min_recall, min_precision)
    threshold = _between(cuts.threshold)
    best = allowed & (cost <= cost[allowed].min() * (1 + 1e-12))
    ideal = cost_fp / (cost_fp + cost_fn) if cost_fp + cost_fn > 0 else HALF
    k = np.flatnonzero(best)[np.abs(threshold[best] - ideal).argmin()]
    half = int((cuts.threshold >= HALF).sum())
    values = (threshold[k], cost[k], cost[half], precision[k], recall[k], flagged[k] / n)
    return OperatingPoint(*map(float, values))


class BestThreshold(NamedTuple):
    """The threshold that a metric is best at, with the score there and at 0.5."""

    threshold: float
    score: float
    score_at_half: float


def best_threshold(
    metric: Metric, y: Array, p: Array, weights: Array | None = None
) -> BestThreshold:
    """Return the threshold that makes a metric best; 0.5 where nothing is better than that.

    Args:
        metric: of labels.
        y: (n,) codes 0 and 1.
        p: (n, 2) probabilities, out of fold.
        weights: (n,) or None.

    Source: Lipton, Elkan & Naryanaswamy 2014, arXiv:1402.1892 (thresholds for F1).
    """

    def score(threshold: float) -> float:
        return metric.score_at(y, p, weights, threshold=threshold)

    half = score(HALF)
    distinct = np.unique(p[:, 1])[::-1]
    cuts = _between(distinct) if len(distinct) else np.zeros(0)
    if len(cuts) > MAX_CUTS:
        cuts = cuts[np.linspace(0, len(cuts) - 1, MAX_CUTS).round().astype(np.intp)]
    best, best_gain = BestThreshold(HALF, half, half), metric.as_gain(half)
    for cut in sorted(cuts.tolist(), key=lambda cut: abs(cut - HALF)):  # of equals the nearest
        found = score(cut)
        if metric.as_gain(found) > best_gain + MIN_GAIN or np.isnan(best_gain):
            best, best_gain = BestThreshold(cut, found, half), metric.as_gain(found)
    return best


def _between(scores: Array) -> Array:
    """Cuts above, between and below scores that descend, so that `>=` parts them."""
    middle = (scores[:-1] + scores[1:]) / 2
    middle = np.where(middle > scores[1:], middle, scores[:-1])  # neighbours in float64
    above = (scores[0] + 1) / 2 if scores[0] < 1 else np.nextafter(scores[0], np.inf)
    return np.concatenate(([above], middle, [scores[-1] / 2]))


def _unreachable(precision: Array, min_recall: float, min_precision: float) -> DataError:
    return DataError(
        "floor-unreachable",
        min_recall=min_recall,
        min_precision=min_precision,
        best_precision=float(np.nanmax(precision)),
    )
