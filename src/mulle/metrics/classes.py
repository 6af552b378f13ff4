"""Metrics of predicted labels, each a function of the confusion matrix alone.

shapes  counts (C, C): rows are the true class, columns the predicted one; sums of weights
rule    0/0 counts as 0, and a class that did not occur counts in a macro average, as with
        scikit-learn's `labels=range(C), zero_division=0`; only balanced accuracy leaves it out

catalogue  met-confusion met-accuracy met-precision met-recall met-f1 met-macro met-weighted
           met-micro thr-score
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mulle.arrays import Array
from mulle.metrics.predictions import Predictions

#: (hits, predicted, true) of each class -> its score
PerClass = Callable[[Array, Array, Array], Array]


def confusion(y: Array, predictions: Predictions, weights: Array | None = None) -> Array:
    """Count the pairs of true and predicted label.

    Args:
        y: (n,) codes of the true labels.
        predictions: with their labels decided; the columns of the scores are the classes.
        weights: (n,) or None.

    >>> from mulle.metrics.predictions import decided
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    >>> confusion(np.array([0, 1, 1]), decided(p))
    array([[1., 0.],
           [1., 1.]])
    """
    size = predictions.scores.shape[1]
    codes = np.asarray(predictions.codes)
    cells = np.bincount(y.astype(np.intp) * size + codes, weights, minlength=size * size)
    return cells.reshape(size, size).astype(np.float64)


def _ratio(a: Array, b: Array) -> Array:
    return np.divide(a, b, out=np.zeros(np.shape(b)), where=b != 0)


def accuracy(counts: Array) -> float:
    """Return the share of rows whose label is right."""
    return float(np.trace(counts) / counts.sum())


def balanced_accuracy(counts: Array) -> float:
    """Return the mean recall of the classes that occur."""
    true = counts.sum(1)
    return float((np.diag(counts)[true > 0] / true[true > 0]).mean())


def mcc(counts: Array) -> float:
    """Return Matthews' correlation for C classes: (c s - p.t) / sqrt((s^2 - p.p)(s^2 - t.t)).

    c rows right, s rows in all, p and t rows predicted as and truly of each class; 0 where all
    rows share one label. Source: Gorodkin 2004, "Comparing two K-category assignments".
    """
    true, predicted, s = counts.sum(1), counts.sum(0), counts.sum()
    spread = (s * s - predicted @ predicted) * (s * s - true @ true)
    return float((np.trace(counts) * s - predicted @ true) / np.sqrt(spread)) if spread > 0 else 0.0


def precision(hits: Array, predicted: Array, true: Array) -> Array:
    """Return TP / (TP + FP): of the rows predicted as a class, the share that belongs to it."""
    return _ratio(hits, predicted)


def recall(hits: Array, predicted: Array, true: Array) -> Array:
    """Return TP / (TP + FN): of the rows of a class, the share predicted as such."""
    return _ratio(hits, true)


def f1(hits: Array, predicted: Array, true: Array) -> Array:
    """Return 2 P R / (P + R) = 2 TP / (2 TP + FP + FN)."""
    return _ratio(2 * hits, predicted + true)


def _per_class(counts: Array) -> tuple[Array, Array, Array]:
    return np.diag(counts), counts.sum(0), counts.sum(1)


def positive(score: PerClass, counts: Array) -> float:
    """Return the score of class 1 of two."""
    return float(score(*_per_class(counts))[1])


def macro(score: PerClass, counts: Array) -> float:
    """Return the plain mean over classes."""
    return float(score(*_per_class(counts)).mean())


def micro(score: PerClass, counts: Array) -> float:
    """Return the score of all classes pooled; with one label a row it is the accuracy."""
    hits, predicted, true = (np.sum(part, keepdims=True) for part in _per_class(counts))
    return float(score(hits, predicted, true)[0])


def weighted(score: PerClass, counts: Array) -> float:
    """Return the mean over classes, weighted by their numbers of rows."""
    return float(np.average(score(*_per_class(counts)), weights=counts.sum(1)))
