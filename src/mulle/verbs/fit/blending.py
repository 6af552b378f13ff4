"""Choosing members and weights of a blend: greedy selection with replacement.

Start empty; add, again and again, the trial whose addition scores best on the out-of-fold
predictions, of equals the cheaper; keep the best of the blends on the way. The weights are how
often each was added. Members of little weight leave, where the score stays without them.

Then what a member gains is weighed against what it costs in every answer: one that takes its part
of the time of an answer and gains hardly more than noise leaves the blend.

Source: R. Caruana et al., "Ensemble selection from libraries of models", ICML 2004.

catalogue  ens-idea
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mulle.arrays import Array
from mulle.metrics import HALF, Metric

ROUNDS = 15  # more gave no better blends, but more members
_DIGITS = 6  # scores that agree so far are equal, so that copies of a model do not both enter
_SMALL = 0.03  # a member of less weight leaves
_STAYS = 1e-4  # where the score falls by no more than this share of itself
_MAX_ROWS = 20_000  # a choice among scores needs no more
_PARTS = 20  # of the rows, whose gains tell how sure a gain is
_MIN_PART_ROWS = 25
# A gain is worth its time from a quarter of its standard error on: on 13 tables a whole one made
# blends of half the size, and errors 1.5 % larger on other rows; a quarter costs 0.4 %.
_OF_GAIN, _OF_SCORE = 0.25, 0.025  # of the standard errors of the gain, and of the score
_CHEAP = 0.05  # of the operations of an answer: what costs less need not earn it


def greedy_weights(
    predictions: list[Array],
    y: Array,
    metric: Metric,
    *,
    rounds: int = ROUNDS,
    threshold: float = HALF,
    operations: Sequence[float] = (),
    allow: Callable[[Array], bool] | None = None,
) -> tuple[Array, float]:
    """Return the weights of a blend, and its score.

    Args:
        predictions: out-of-fold predictions of each trial, [N, C] or [N].
        y: the target [N].
        metric: what is made best.
        rounds: additions that are tried.
        threshold: from which probability a row of two classes is positive.
        operations: of one answer of each trial; without them none is too dear.
        allow: whether trials at some positions may be members together; all may if None. Where
            none may be one even alone, the cheapest is.

    Returns:
        Weights [len(predictions)] that sum to 1, many of them 0; the blend's score.
    """
    step = -(-len(y) // _MAX_ROWS)
    some, of_some = [p[::step] for p in predictions], y[::step]
    counts = np.zeros(len(predictions))
    costs = np.array(operations) if len(operations) else np.zeros(len(predictions))
    total = np.zeros_like(some[0])
    best_gain, best_counts = -np.inf, counts
    for size in range(1, rounds + 1):
        scores = [metric.score_at(of_some, (total + p) / size, threshold=threshold) for p in some]
        gains = np.array([round(metric.as_gain(s), _DIGITS) for s in scores])
        gains = np.where(np.isnan(gains), -np.inf, gains)
        if allow is not None:
            gains = _within_limits(gains, counts, costs, allow)
            if not np.isfinite(gains).any():
                break
        tied = np.flatnonzero(gains == gains.max())
        # Of equals one that is in already, else the cheapest.
        chosen = int(min(tied, key=lambda i: (counts[i] == 0, costs[i])))
        counts[chosen] += 1
        total += some[chosen]
        if gains[chosen] > best_gain:
            best_gain, best_counts = gains[chosen], counts.copy()
    weights = best_counts / best_counts.sum()
    weights = _without_small(weights, some, of_some, metric, threshold)
    if len(operations):
        weights = _without_idle(weights, some, of_some, metric, threshold, costs)
    blended = np.sum([w * p for w, p in zip(weights, predictions, strict=True) if w > 0], axis=0)
    return weights, float(metric.score_at(y, blended, threshold=threshold))


def _within_limits(
    gains: Array, counts: Array, costs: Array, allow: Callable[[Array], bool]
) -> Array:
    """Return the gains of additions, -inf of those that would make a blend too dear.

    The first member is the cheapest one where each is too dear.
    """
    members = counts > 0
    joined = [members | (np.arange(len(gains)) == i) for i in range(len(gains))]
    allowed = np.array([allow(np.flatnonzero(both)) for both in joined])
    if not allowed.any() and not members.any():
        known = np.where(np.isfinite(gains), costs, np.inf)
        allowed[int(known.argmin())] = True
    return np.where(allowed, gains, -np.inf)


def _without_small(
    weights: Array, predictions: list[Array], y: Array, metric: Metric, threshold: float
) -> Array:
    """Return the weights without members of hardly any, where the score stays."""

    def gain(of: Array) -> float:
        blended = np.sum([w * p for w, p in zip(of, predictions, strict=True) if w], axis=0)
        return float(metric.as_gain(metric.score_at(y, blended, threshold=threshold)))

    for i in np.argsort(weights, kind="stable"):
        if 0 < weights[i] < _SMALL:
            rest = np.where(np.arange(len(weights)) == i, 0.0, weights)
            rest /= rest.sum()
            if gain(rest) >= gain(weights) - _STAYS * abs(gain(weights)):
                weights = rest
    return weights


def _without_idle(
    weights: Array,
    predictions: list[Array],
    y: Array,
    metric: Metric,
    threshold: float,
    operations: Array,
) -> Array:
    """Return the weights without members that do not earn what they cost, the dearest first."""
    for i in np.argsort(-operations, kind="stable"):
        rest = np.where(np.arange(len(weights)) == i, 0.0, weights)
        members = weights > 0
        if not weights[i] or not rest.any():
            continue
        if operations[i] <= _CHEAP * operations[members].sum():
            continue
        rest /= rest.sum()
        gain, noise = _gain_and_noise(rest, weights, predictions, y, metric, threshold)
        if gain <= noise:
            weights = rest
    return weights


def _gain_and_noise(
    before: Array,
    after: Array,
    predictions: list[Array],
    y: Array,
    metric: Metric,
    threshold: float,
) -> tuple[float, float]:
    """Return the gain between two blends, and how much of one says nothing.

    Both are means over parts of the rows. The noise is a share of the standard error of the gain,
    and at least one of that of the score: a surer gain that is so small is not worth its time.
    """
    parts = min(_PARTS, len(y) // _MIN_PART_ROWS)
    found = []
    for part in range(parts):
        rows = slice(part, None, parts)
        scores = [
            metric.score_at(
                y[rows],
                np.sum([w * p[rows] for w, p in zip(blend, predictions, strict=True) if w], axis=0),
                threshold=threshold,
            )
            for blend in (before, after)
        ]
        found.append([metric.as_gain(score) for score in scores])
    known = np.array([both for both in found if not np.isnan(both).any()])
    if len(known) < 2:
        return np.inf, 0.0  # too few rows to say that it does not pay
    gains = known[:, 1] - known[:, 0]
    of_gain, of_score = (v.std(ddof=1) / len(known) ** 0.5 for v in (gains, known[:, 1]))
    return float(gains.mean()), float(max(_OF_GAIN * of_gain, _OF_SCORE * of_score))
