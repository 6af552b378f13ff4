"""Compare champion and challenger on the same rows: the gain and its interval.

The interval is that of the difference: each resample of the rows scores both models, so what makes
rows hard for both cancels out. It takes rows for independent of each other; along time they are
not quite, and the interval is then somewhat too narrow.

catalogue  watch-retrain stat-bootstrap stat-ci
"""

from __future__ import annotations

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Budget
from mulle.bundle import Model
from mulle.metrics import (
    Metric,
    Predictions,
    ScoreInterval,
    all_scores,
    bootstrap_score,
    metrics_for,
)
from mulle.table import Label, Table

LEVEL = 0.95
_SECONDS = 30.0  # for the interval; of very many rows fewer resamples are drawn, and stated


class Comparison(msgspec.Struct, frozen=True):
    """Both models on the held-out rows.

    Attributes:
        metric: name of the metric.
        champion, challenger: their scores.
        gain: the difference, positive where the challenger is better, whichever way the metric
            points; `low` and `high` are its confidence interval, None where it is undefined.
        level, resamples, seed: of the interval: a paired percentile bootstrap.
        rows: number of held-out rows.
        scores: every score of both, by metric: [champion, challenger].
        positive: the positive one of two labels; None for other tasks.
    """

    metric: str
    greater_is_better: bool
    champion: float | None
    challenger: float | None
    gain: float | None
    low: float | None
    high: float | None
    level: float
    resamples: int
    seed: int
    rows: int
    scores: dict[str, list[float | None]]
    positive: Label | None = None


def metric_of(champion: Model, name: str | None) -> Metric:
    """Return the metric that decides: the one given, or the champion's own.

    Raises:
        UnknownName: there is no metric of that name.
        UsageError: it is not for this task.
    """
    name = name or champion.manifest.metric
    return metrics_for(champion.manifest.task, [name] if name else [])[0]


def compare(
    champion: Model,
    challenger: Model,
    rows: Table,
    y: Array,
    metric: Metric,
    *,
    resamples: int,
    seed: int,
) -> Comparison:
    """Predict the rows with both files, and score the predictions.

    Args:
        rows: N held-out rows; y: their target as numbers [N].
    """
    task = champion.manifest.task
    ours = champion.predict_arrays(champion.inputs(rows))
    theirs = challenger.predict_arrays(challenger.inputs(rows))
    gain = difference(metric, y, ours, theirs, resamples=resamples, seed=seed)
    both = all_scores(task, y, ours), all_scores(task, y, theirs)
    scores = {name: [_finite(part[name]) for part in both] for name in both[0]}
    champions, challengers = (_finite(metric.score(y, answers)) for answers in (ours, theirs))
    return Comparison(
        metric=metric.name,
        greater_is_better=metric.greater_is_better,
        champion=champions,
        challenger=challengers,
        gain=_finite(gain.score),
        low=_finite(gain.low),
        high=_finite(gain.high),
        level=LEVEL,
        resamples=gain.n_resamples,
        seed=seed,
        rows=len(y),
        scores=scores,
        positive=champion.manifest.target.positive,
    )


def difference(
    metric: Metric,
    y: Array,
    champion: Predictions,
    challenger: Predictions,
    *,
    resamples: int,
    seed: int,
) -> ScoreInterval:
    """Return the gain of one set of predictions over another with its interval.

    A paired bootstrap: each resample takes the same rows of both, within each class for
    classification.

    Args:
        metric: what both are compared by.
        y: class codes or values [N].
        champion, challenger: predictions of the same N rows.
        resamples: how many.
        seed: of the resamples.

    >>> y = np.arange(60.0)
    >>> noise = np.sin(7 * y)
    >>> first, second = Predictions(y + noise), Predictions(y + noise / 2)
    >>> [mae] = metrics_for("regression", ["mae"])
    >>> found = difference(mae, y, first, second, resamples=200, seed=0)
    >>> found.low > 0
    True
    """

    def gain(y: Array, rows: Predictions, _: Array | None) -> float:
        at = rows.scores.astype(np.intp)
        return metric.gain(y, challenger.take(at)) - metric.gain(y, champion.take(at))

    # What is resampled are the positions of the rows, which both models are looked up by.
    paired = Metric(f"gain of {metric.name}", True, "value", metric.tasks, gain)
    positions = np.arange(float(len(y)))
    stop = Budget(_SECONDS).stop
    return bootstrap_score(
        paired, y, positions, level=LEVEL, n_resamples=resamples, random_state=seed, stop=stop,
        stratified=metric.needs != "value",
    )  # fmt: skip


def _finite(value: float) -> float | None:
    """Return a number that JSON can hold, else None."""
    return float(value) if np.isfinite(value) else None
