"""Metrics of probabilities: how well rows are ordered, and how far the probabilities are off.

With more than two classes, ranking scores are the mean of one-against-the-rest over the classes
that occur, each of the same weight.

shapes  y (n,) codes 0..C-1; p (n, C); weights (n,) or None

catalogue  met-logloss cur-ap cur-auc
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def ranked_counts(positive: Array, score: Array, weights: Array | None) -> tuple[Array, Array]:
    """True and false positives at each distinct threshold, from the highest score down.

    >>> ranked_counts(np.array([True, False, True]), np.array([0.9, 0.4, 0.4]), None)
    (array([1., 2.]), array([0., 1.]))
    """
    order = np.argsort(-score)
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hit = positive[order].astype(np.float64)
    weight = np.ones(len(hit)) if weights is None else np.asarray(weights, np.float64)[order]
    true = np.cumsum(hit * weight)[ends]
    return true, np.cumsum(weight)[ends] - true


def _auc(true: Array, false: Array) -> float:
    """P(a random positive scores above a random negative), ties counting one half."""
    area = np.trapezoid(np.concatenate(([0.0], true)), np.concatenate(([0.0], false)))
    total = true[-1] * false[-1]
    return float(area / total) if total > 0 else float("nan")


def _average_precision(true: Array, false: Array) -> float:
    """sum (R_k - R_(k-1)) P_k: a step sum, not the trapezoid area (Davis & Goadrich 2006)."""
    if not true[-1] > 0:
        return float("nan")
    found = np.diff(true, prepend=0.0)
    precision = np.divide(true, true + false, out=np.zeros_like(true), where=true + false > 0)
    return float((found * precision).sum() / true[-1])


def _one_against_rest(
    score: Callable[[Array, Array], float], y: Array, p: Array, weights: Array | None
) -> float:
    if p.shape[1] == 2:
        return score(*ranked_counts(y == 1, p[:, 1], weights))
    present = np.unique(y)
    each = [score(*ranked_counts(y == c, p[:, c], weights)) for c in present]
    return float(np.mean(each))


def roc_auc(y: Array, p: Array, weights: Array | None = None) -> float:
    """Area under the ROC curve.

    >>> roc_auc(np.array([0, 1]), np.array([[0.8, 0.2], [0.3, 0.7]]))
    1.0
    """
    return _one_against_rest(_auc, y, p, weights)


def average_precision(y: Array, p: Array, weights: Array | None = None) -> float:
    """Average precision; says more than ROC AUC where positives are rare."""
    return _one_against_rest(_average_precision, y, p, weights)


def log_loss(y: Array, p: Array, weights: Array | None = None) -> float:
    """-mean ln p[true class], p kept one float64 epsilon from 0 and 1.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]])), 4)
    0.9163
    """
    eps = np.finfo(np.float64).eps
    given = p[np.arange(len(y)), y.astype(np.intp)].astype(np.float64)
    return float(-np.average(np.log(np.clip(given, eps, 1 - eps)), weights=weights))


def brier(y: Array, p: Array, weights: Array | None = None) -> float:
    """Mean squared error of the probabilities: of class 1 if there are two, else over all.

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    if p.shape[1] == 2:
        return float(np.average((p[:, 1] - y) ** 2, weights=weights))
    off = (p**2).sum(1) - 2 * p[np.arange(len(y)), y.astype(np.intp)] + 1
    return float(np.average(off, weights=weights))
