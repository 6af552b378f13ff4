"""Choosing members and weights of a blend: greedy selection with replacement.

Start empty; add, again and again, the trial whose addition scores best on the out-of-fold
predictions; keep the best of the blends on the way. The weights are how often each was added.

Source: R. Caruana et al., "Ensemble selection from libraries of models", ICML 2004.

catalogue  ens-idea
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.metrics import HALF, Metric

ROUNDS = 40
_DIGITS = 6  # scores that agree so far are equal, so that copies of a model do not both enter


def greedy_weights(
    predictions: list[Array],
    y: Array,
    metric: Metric,
    *,
    rounds: int = ROUNDS,
    threshold: float = HALF,
) -> tuple[Array, float]:
    """Return the weights of a blend, and its score.

    Args:
        predictions: out-of-fold predictions of each trial, [N, C] or [N].
        y: the target [N].
        metric: what is made best.
        rounds: additions that are tried.
        threshold: from which probability a row of two classes is positive.

    Returns:
        Weights [len(predictions)] that sum to 1, many of them 0; the blend's score.
    """
    counts = np.zeros(len(predictions))
    total = np.zeros_like(predictions[0])
    best_gain, best_counts, best_score = -np.inf, counts, float("nan")
    for size in range(1, rounds + 1):
        scores = [metric.score_at(y, (total + p) / size, threshold=threshold) for p in predictions]
        gains = np.array([round(metric.as_gain(s), _DIGITS) for s in scores])
        gains = np.where(np.isnan(gains), -np.inf, gains)
        tied = np.flatnonzero(gains == gains.max())
        chosen = int(tied[np.argmax(counts[tied] > 0)])  # of equals one that is in already
        counts[chosen] += 1
        total += predictions[chosen]
        if gains[chosen] > best_gain:
            best_gain, best_counts, best_score = gains[chosen], counts.copy(), scores[chosen]
    return best_counts / best_counts.sum(), float(best_score)
