"""Curves of a classifier for one class against the rest, thinned to at most 200 points to draw.

shapes  y (n,) codes, p (n, C); `positive` is the class drawn, by default 1

catalogue  cur-roc cur-auc cur-pr cur-ap
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.metrics.predictions import decide
from mulle.metrics.ranking import Ranked, auc, ranked, step_precision

POINTS = 200


@dataclass(frozen=True, eq=False)
class Roc:
    """True positive rate (y) against false positive rate (x); the first point flags no row."""

    false_positive_rate: Array
    true_positive_rate: Array
    threshold: Array
    auc: float


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Precision (y) against recall (x), from the highest threshold down."""

    recall: Array
    precision: Array
    threshold: Array
    average_precision: float


@dataclass(frozen=True, eq=False)
class Gain:
    """Share of the positives found (y) against share of the rows looked at (x), best first.

    `lift` is their ratio: how many times better than looking at random.
    """

    share: Array
    found: Array
    lift: Array


@dataclass(frozen=True, eq=False)
class Calibration:
    """Reliability: the mean probability and the observed share of each bin that holds rows.

    `error` is the expected calibration error: the gap weighted by count.
    """

    predicted: Array
    observed: Array
    count: Array
    error: float


def _thin(x: Array, y: Array) -> Array:
    """Return positions of at most POINTS points, evenly spaced along a curve, with both ends."""
    if len(x) <= POINTS:
        return np.arange(len(x))
    length = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    return np.unique(np.searchsorted(length, np.linspace(0, length[-1], POINTS)))


def _rows(y: Array, p: Array, positive: int) -> Ranked:
    return ranked(y == positive, p[:, positive])


def _share(part: Array) -> Array:
    return part / part[-1] if part[-1] > 0 else np.full(len(part), np.nan)


def roc(y: Array, p: Array, positive: int = 1) -> Roc:
    """Return the ROC curve; without one of the two classes its rate is nan.

    >>> y, p = np.array([0, 1]), np.array([[0.8, 0.2], [0.3, 0.7]])
    >>> roc(y, p).true_positive_rate
    array([0., 1., 1.])
    """
    rows = _rows(y, p, positive)
    x, found = (_share(np.concatenate(([0.0], part))) for part in (rows.false, rows.true))
    threshold = np.concatenate(([np.inf], rows.threshold))
    keep = _thin(x, found)
    return Roc(x[keep], found[keep], threshold[keep], auc(rows))


def precision_recall(y: Array, p: Array, positive: int = 1) -> PrecisionRecall:
    """Return the precision-recall curve; without a positive row recall is nan."""
    rows = _rows(y, p, positive)
    recall, precision = _share(rows.true), rows.true / (rows.true + rows.false)
    keep = _thin(recall, precision)
    return PrecisionRecall(
        recall[keep], precision[keep], rows.threshold[keep], step_precision(rows)
    )


def gain(y: Array, p: Array, positive: int = 1) -> Gain:
    """Return the cumulative gain curve and its lift."""
    rows = _rows(y, p, positive)
    share, found = _share(rows.true + rows.false), _share(rows.true)
    keep = _thin(share, found)
    return Gain(share[keep], found[keep], found[keep] / share[keep])


def calibration(y: Array, p: Array, n_bins: int = 10) -> Calibration:
    """Return the reliability of class 1 of two, or of the predicted class if there are more.

    Bins are of equal width on [0, 1]. Source: Guo et al. 2017, arXiv:1706.04599, eq. 3.

    >>> calibration(np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]])).error
    0.0
    """
    if p.shape[1] == 2:
        given, happened = p[:, 1], (y == 1).astype(np.float64)
    else:
        given, happened = p.max(1), (decide(p) == y).astype(np.float64)
    inner = np.linspace(0, 1, n_bins + 1)[1:-1]
    bins = np.searchsorted(inner, given)
    count = np.bincount(bins, minlength=n_bins)
    some = count > 0
    predicted = np.bincount(bins, given, n_bins)[some] / count[some]
    observed = np.bincount(bins, happened, n_bins)[some] / count[some]
    error = np.average(np.abs(predicted - observed), weights=count[some])
    return Calibration(predicted, observed, count[some], float(error))
