"""The table of metrics, each a plain function of a target, predictions and weights.

shapes  y (n,) class codes 0..C-1 or float values; prediction (n, C) probabilities with the codes of
        the labels (n,), or (n,) values; weights (n,) of non-negative row weights, or None
nan     stands for "these rows cannot tell": one class only, no variance, no rows, or a
        prediction that is not finite

The search calls these thousands of times, so they are written in NumPy: label metrics from one
confusion matrix, ranking metrics from one sort. Tests hold them equal to scikit-learn's.

catalogue  met-errors met-accuracy met-precision met-recall met-f1 met-macro met-weighted met-micro
           met-logloss cur-ap cur-auc met-mse met-rmse met-mae met-r2 met-overunder
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from mulle.arrays import Array
from mulle.errors import DataError, UnknownName, UsageError
from mulle.metrics import classes, ranking, values
from mulle.metrics.predictions import HALF, Predictions, decided

Function = Callable[[Array, Predictions, Array | None], float]
Task = Literal["binary", "multiclass", "regression"]

CLASSIFICATION = ("binary", "multiclass")
TASKS = (*CLASSIFICATION, "regression")


@dataclass(frozen=True)
class Metric:
    """A named score of predictions.

    Attributes:
        name: as in commands and reports.
        greater_is_better: False for losses and errors.
        needs: what of a prediction it looks at: `proba`, `label`, `value`.
        tasks: where it can be used.
        function: (y, predictions, weights) -> float.
        has_best_threshold: whether a threshold of two classes is worth choosing by it. Accuracy is
            best near 0.5 anyway; precision or recall alone are best where nearly no row or every
            row is positive.
    """

    name: str
    greater_is_better: bool
    needs: Literal["proba", "label", "value"]
    tasks: tuple[str, ...]
    function: Function
    has_best_threshold: bool = False

    @property
    def about_positive(self) -> bool:
        """Whether it is about the positive one of two classes, so that this must be named."""
        return self.needs == "label" and self.tasks == ("binary",)

    def score(
        self, y: Array, prediction: Predictions | Array, weights: Array | None = None
    ) -> float:
        """Return the score in its own sense; nan where these rows cannot say.

        Args:
            y: (n,) class codes, or values.
            prediction: with labels where the metric looks at labels; else the scores are enough.
            weights: (n,) of non-negative row weights, or None.

        Raises:
            UsageError: the shapes do not belong together, or labels are wanted and not given.
            DataError: y holds a class code that the prediction has no column for.

        >>> y = np.array([0, 0, 1, 1])
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
        >>> metric("roc_auc").score(y, p)
        0.75
        """
        if not isinstance(prediction, Predictions):
            prediction = Predictions(np.asarray(prediction))
        y = np.asarray(y)
        self._check(y, prediction, weights)
        can_say = len(y) > 0 and np.isfinite(prediction.scores).all()
        if not can_say or (weights is not None and not np.sum(weights) > 0):
            return float("nan")
        return float(self.function(y, prediction, weights))

    def score_at(
        self, y: Array, scores: Array, weights: Array | None = None, *, threshold: float = HALF
    ) -> float:
        """Return the score of predictions that no graph has given labels to.

        Args:
            y: (n,) class codes, or values.
            scores: probabilities (n, C), or values (n,).
            weights: (n,) or None.
            threshold: from which probability a row of two classes is positive.
        """
        labelled = self.needs == "label"
        return self.score(y, decided(scores, threshold) if labelled else scores, weights)

    def gain(
        self, y: Array, prediction: Predictions | Array, weights: Array | None = None
    ) -> float:
        """Return the score with its sign set so that higher is better."""
        return self.as_gain(self.score(y, prediction, weights))

    def as_gain(self, score: float) -> float:
        """Return a computed score with its sign set so that higher is better.

        Losses are never negative, and of a signed error the best is 0: hence the abs.
        """
        return score if self.greater_is_better else -abs(score)

    def _check(self, y: Array, prediction: Predictions, weights: Array | None) -> None:
        wanted, scores, codes = 1 if self.needs == "value" else 2, *prediction
        if self.needs == "label" and codes is None:
            raise UsageError("metric-needs-labels", metric=self.name)
        lengths = {len(a) for a in (y, scores, codes, weights) if a is not None}
        if y.ndim != 1 or scores.ndim != wanted or len(lengths) != 1:
            shapes = [str(np.shape(a)) for a in (y, scores, weights) if a is not None]
            expected = "(n,)" if wanted == 1 else "(n, classes)"
            raise UsageError("metric-shapes", metric=self.name, shapes=shapes, expected=expected)
        if wanted == 2 and len(y) and not 0 <= y.min() <= y.max() < scores.shape[1]:
            lowest, highest, classes = int(y.min()), int(y.max()), scores.shape[1]
            raise DataError(
                "class-without-probability", lowest=lowest, highest=highest, classes=classes
            )


def _label(
    name: str, function: Callable[[Array], float], *tasks: str, has_best_threshold: bool = False
) -> Metric:
    def of_rows(y: Array, predictions: Predictions, weights: Array | None) -> float:
        return function(classes.confusion(y, predictions, weights))

    return Metric(name, True, "label", tasks or CLASSIFICATION, of_rows, has_best_threshold)


def _averaged(name: str, function: classes.PerClass) -> tuple[Metric, ...]:
    averages = (classes.macro, classes.micro, classes.weighted)
    metrics = {name: partial(classes.positive, function)} | {
        f"{name}_{a.__name__}": partial(a, function) for a in averages
    }
    return tuple(
        _label(
            key,
            average,
            *(("binary",) if key == name else ()),
            has_best_threshold=key in _BEST_THRESHOLD,
        )
        for key, average in metrics.items()
    )


def _scored(
    name: str,
    function: Callable[[Array, Array, Array | None], float],
    *,
    needs: Literal["proba", "value"],
    greater_is_better: bool,
) -> Metric:
    def of_rows(y: Array, predictions: Predictions, weights: Array | None) -> float:
        return function(y, predictions.scores, weights)

    tasks = ("regression",) if needs == "value" else CLASSIFICATION
    return Metric(name, greater_is_better, needs, tasks, of_rows)


_proba = partial(_scored, needs="proba")
_loss = partial(_scored, needs="value", greater_is_better=False)
_BEST_THRESHOLD = {"f1", "f1_macro", "f1_weighted", "recall_macro"}

METRICS: tuple[Metric, ...] = (
    _proba("roc_auc", ranking.roc_auc, greater_is_better=True),
    _proba("average_precision", ranking.average_precision, greater_is_better=True),
    _proba("log_loss", ranking.log_loss, greater_is_better=False),
    _proba("brier", ranking.brier, greater_is_better=False),
    _label("accuracy", classes.accuracy),
    _label("balanced_accuracy", classes.balanced_accuracy, has_best_threshold=True),
    _label("mcc", classes.mcc, has_best_threshold=True),
    *_averaged("precision", classes.precision),
    *_averaged("recall", classes.recall),
    *_averaged("f1", classes.f1),
    _loss("rmse", values.rmse),
    _loss("mse", values.mse),
    _loss("mae", values.mae),
    _loss("median_absolute_error", values.median_absolute_error),
    _loss("mape", values.mape),
    _scored("r2", values.r2, needs="value", greater_is_better=True),
    _loss("mean_signed_error", values.mean_signed_error),
    _loss("pinball_10", partial(values.pinball, 0.1)),
    _loss("pinball_90", partial(values.pinball, 0.9)),
)

_BY_NAME = {m.name: m for m in METRICS}
_DEFAULTS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def metric(name: str) -> Metric:
    """Return the metric of a name.

    Raises:
        UnknownName: there is none; near misses are offered.

    >>> metric("log_loss").greater_is_better
    False
    """
    if name not in _BY_NAME:
        raise UnknownName("metric-unknown", "metric", name, _BY_NAME)
    return _BY_NAME[name]


def default_metric(task: str) -> Metric:
    """Return the metric that a task has by default.

    Raises:
        UnknownName: no such task.

    >>> [default_metric(t).name for t in TASKS]
    ['roc_auc', 'log_loss', 'rmse']
    """
    if task not in _DEFAULTS:
        raise UnknownName("task-unknown", "task", task, TASKS)
    return metric(_DEFAULTS[task])


def name_positive(name: str, positive: object) -> str:
    """Return the positive class in brackets where a metric is about it, else "".

    Args:
        name: of the metric.
        positive: the positive one of two labels; None for other tasks.

    >>> name_positive("f1", "yes"), name_positive("roc_auc", "yes")
    (' (yes)', '')
    """
    return f" ({positive})" if positive is not None and metric(name).about_positive else ""


def metrics_for(task: str, names: Sequence[str] = ()) -> tuple[Metric, ...]:
    """Return the metrics of a task: those named, or all with its default first.

    Raises:
        UnknownName: no such task or metric.
        UsageError: a metric is for another task.
    """
    first = default_metric(task)
    known = (first, *(m for m in METRICS if task in m.tasks and m is not first))
    for name in names:
        if metric(name) not in known:
            listed = [m.name for m in known]
            raise UsageError("metric-not-for-task", metric=name, task=task, known=listed)
    return tuple(metric(name) for name in dict.fromkeys(names)) or known


def all_scores(
    task: str, y: Array, prediction: Predictions | Array, weights: Array | None = None
) -> dict[str, float]:
    """Return every score of a task by name, its default first.

    >>> scores = all_scores("regression", np.array([1.0, 3.0]), np.array([2.0, 3.0]))
    >>> scores["mae"], scores["mean_signed_error"], scores["r2"]
    (0.5, 0.5, 0.5)
    """
    return {m.name: m.score(y, prediction, weights) for m in metrics_for(task)}
