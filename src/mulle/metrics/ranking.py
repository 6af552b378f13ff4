"""Metrics of probabilities: of their order, and of their distance from the truth.

With more than two classes, ranking scores are the mean of one-against-the-rest over the classes
that occur, each of the same weight.

shapes  y (n,) codes 0..C-1; p (n, C); weights (n,) or None

catalogue  met-logloss cur-ap cur-auc
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array


class Ranked(NamedTuple):
    """Rows from the highest score down, cut at each distinct score (`>= threshold`).

    Attributes:
        true: weight of the positives at or above each threshold (k,).
        false: weight of the negatives there (k,).
        threshold: the distinct scores, descending (k,).
    """

    true: Array
    false: Array
    threshold: Array


def ranked(positive: Array, score: Array, weights: Array | None = None) -> Ranked:
    """Count positives and negatives above each threshold, in one sort.

    >>> ranked(np.array([True, False, True]), np.array([0.9, 0.4, 0.4]))
    Ranked(true=array([1., 2.]), false=array([0., 1.]), threshold=array([0.9, 0.4]))
    """
    order = np.argsort(-score)
    score = score[order]
    ends = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    hit = positive[order].astype(np.float64)
    weight = np.ones(len(hit)) if weights is None else np.asarray(weights, np.float64)[order]
    true = np.cumsum(hit * weight)[ends]
    return Ranked(true, np.cumsum(weight)[ends] - true, score[ends])


def auc(rows: Ranked) -> float:
    """Return P(a random positive scores above a random negative), ties counting one half."""
    true, false = np.concatenate(([0.0], rows.true)), np.concatenate(([0.0], rows.false))
    total = true[-1] * false[-1]
    return float(np.trapezoid(true, false) / total) if total > 0 else float("nan")


def auc_of_counts(positive: Array, negative: Array) -> Array:
    """Return the area under the ROC curve of rows counted by score, ascending (..., k) -> (...).

    The same as `auc` for many counts at once; nan where positives or negatives are absent.

    >>> float(auc_of_counts(np.array([0, 3]), np.array([2, 2])))
    0.75
    """
    below = np.cumsum(negative, -1) - negative / 2  # of equal scores one half
    pairs = positive.sum(-1) * negative.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.where(pairs > 0, (positive * below).sum(-1) / pairs, np.nan)
    return found


def step_precision(rows: Ranked) -> float:
    """Return sum (R_k - R_(k-1)) P_k, a step sum and no trapezoid (Davis & Goadrich 2006)."""
    true, positives = rows.true, rows.true[-1]
    if not positives > 0:
        return float("nan")
    found, flagged = np.diff(true, prepend=0.0), true + rows.false
    precision = np.divide(true, flagged, out=np.zeros_like(true), where=flagged > 0)
    return float((found * precision).sum() / positives)


def _one_against_rest(
    score: Callable[[Ranked], float], y: Array, p: Array, weights: Array | None
) -> float:
    if p.shape[1] == 2:
        return score(ranked(y == 1, p[:, 1], weights))
    return float(np.mean([score(ranked(y == c, p[:, c], weights)) for c in np.unique(y)]))


def roc_auc(y: Array, p: Array, weights: Array | None = None) -> float:
    """Return the area under the ROC curve.

    >>> roc_auc(np.array([0, 1]), np.array([[0.8, 0.2], [0.3, 0.7]]))
    1.0
    """
    return _one_against_rest(auc, y, p, weights)


def average_precision(y: Array, p: Array, weights: Array | None = None) -> float:
    """Return the average precision, which says more than ROC AUC where positives are rare."""
    return _one_against_rest(step_precision, y, p, weights)


def log_loss(y: Array, p: Array, weights: Array | None = None) -> float:
    """Return -mean ln p[true class], p kept one float64 epsilon from 0 and 1.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]])), 4)
    0.9163
    """
    return float(np.average(log_losses(y, p), weights=weights))


def log_losses(y: Array, p: Array) -> Array:
    """Return the losses of the rows (n,), of which the log loss is the mean."""
    eps = np.finfo(np.float64).eps
    given = p[np.arange(len(y)), y.astype(np.intp)].astype(np.float64)
    losses: Array = -np.log(np.clip(given, eps, 1 - eps))
    return losses


def brier(y: Array, p: Array, weights: Array | None = None) -> float:
    """Return the mean squared error of the probabilities: of class 1 of two, else of all.

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    return float(np.average(brier_losses(y, p), weights=weights))


def brier_losses(y: Array, p: Array) -> Array:
    """Return the losses of the rows (n,), of which the Brier score is the mean."""
    if p.shape[1] == 2:
        losses: Array = (p[:, 1] - y) ** 2
        return losses
    off: Array = (p**2).sum(1) - 2 * p[np.arange(len(y)), y.astype(np.intp)] + 1
    return off
