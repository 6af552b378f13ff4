"""Trying a plan: cross-validation that owns the steps too.

Nothing is learned from a validation row. Plans that prepare their features alike share the work
of a fold.

catalogue  cv-idea cv-select cv-kfold cv-strat cv-group split-small fit-generalise
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Budget, Stop
from mulle.learners import Held, Learner
from mulle.metrics import HALF, Metric
from mulle.table import Target
from mulle.verbs.fit.features import FoldFeatures
from mulle.verbs.fit.pipeline import Columns, Pipeline, train
from mulle.verbs.fit.plan import Plan

_REFIT_SHARE = 1.3  # seconds of a fold, times this, is what training on all rows may take
_MIN_FOLD_SECONDS = 0.05


@dataclass
class Training:
    """The rows that plans are tried on, and how they are divided.

    Attributes:
        columns: one array [N, 1] a column.
        y: class codes or values [N].
        weight: what each row counts in training [N], or None; in a score each row counts once.
        folds: pairs of positions (training rows, validation rows).
        features: the prepared features of the folds.
        exact: plans were given and are trained as they stand: nothing ends early.
        threshold: from which probability a row of two classes is positive, while plans are
            compared.
    """

    target: Target
    columns: Columns
    y: Array
    weight: Array | None
    folds: Sequence[tuple[Array, Array]]
    n_jobs: int
    seed: int
    exact: bool = False
    threshold: float = HALF
    features: FoldFeatures = field(init=False)

    def __post_init__(self) -> None:
        """Keep the features of folds."""
        self.features = FoldFeatures(self.columns, self.y, self.folds)

    @property
    def validated(self) -> Array:
        """Positions of the rows that have an out-of-fold prediction."""
        return np.sort(np.concatenate([valid for _, valid in self.folds]))

    def estimator(self, plan: Plan) -> Learner:
        """Return the plan's learner, set up for this machine and seed."""
        regression = self.target.is_regression
        return plan.estimator(regression=regression, n_jobs=self.n_jobs, seed=self.seed)


class Trial(msgspec.Struct):
    """One plan, cross-validated.

    Attributes:
        plan: as tried.
        status: `done`, `failed` or `stopped` (the time was up).
        reason: why it failed or was stopped.
        score: the metric over all validated rows.
        fold_scores: the metric on each fold.
        seconds: wall clock of the whole trial.
        refit_seconds: what training on all rows will take, from the time of a fold.
        final_params: settings for training on all rows, found on the folds.
        cut_short: training ended when its share of the time was up, not by itself.
    """

    plan: Plan
    status: str = "done"
    reason: str = ""
    score: float = float("nan")
    fold_scores: list[float] = []
    seconds: float = 0.0
    refit_seconds: float = 0.0
    final_params: dict[str, Any] = {}
    cut_short: bool = False


def try_plan(
    plan: Plan,
    training: Training,
    metric: Metric,
    budget: Budget,
    *,
    must_finish: bool = False,
    progress: Callable[[int], None] = lambda fold: None,
) -> tuple[Trial, Array | None]:
    """Cross-validate a plan.

    Each fold gets its share of the time left; a learner that can end early does. A plan whose
    folds will not all fit is stopped, unless it must finish.

    Returns:
        The trial and its out-of-fold predictions on `training.validated`, None if it has none.
    """
    begin = time.perf_counter()
    predictions: dict[int, Array] = {}
    fitted: list[Pipeline] = []
    cut = False
    for number in range(len(training.folds)):
        if not must_finish and budget.left() < _MIN_FOLD_SECONDS:
            return Trial(plan, "stopped", "budget", seconds=time.perf_counter() - begin), None
        share = budget.left() / (len(training.folds) - number + _REFIT_SHARE)
        stop, was_cut = _stop_after(math.inf if must_finish else share)
        pipeline, predictions[number] = _fold(plan, training, number, stop)
        cut = cut or was_cut()
        fitted.append(pipeline)
        progress(number + 1)
    oof, y = _assemble(training, predictions)
    seconds = time.perf_counter() - begin
    return (
        Trial(
            plan,
            score=metric.score_at(y, oof, threshold=training.threshold),
            fold_scores=[
                metric.score_at(training.y[valid], predictions[i], threshold=training.threshold)
                for i, (_, valid) in enumerate(training.folds)
            ],
            seconds=seconds,
            refit_seconds=seconds / len(training.folds) * _REFIT_SHARE,
            final_params=_final_params(fitted, training),
            cut_short=cut,
        ),
        oof,
    )


def _final_params(fitted: list[Pipeline], training: Training) -> dict[str, Any]:
    """Return settings for training on all rows that the folds found."""
    if training.exact:
        return {}
    return fitted[0].learner.final_params([pipeline.learner for pipeline in fitted])


def _stop_after(seconds: float) -> tuple[Stop, Callable[[], bool]]:
    """Return a stop that comes true after some seconds, and whether anyone heard it."""
    end = time.perf_counter() + seconds
    heard = []

    def stop() -> bool:
        over = time.perf_counter() >= end
        if over:
            heard.append(True)
        return over

    return stop, lambda: bool(heard)


def _fold(plan: Plan, training: Training, number: int, stop: Stop) -> tuple[Pipeline, Array]:
    train_rows, valid_rows = training.folds[number]
    preparation, x, x_valid = training.features.of(plan, number)
    pipeline = train(
        plan.name,
        training.target,
        training.estimator(plan),
        (preparation, x),
        training.y[train_rows],
        weight=None if training.weight is None else training.weight[train_rows],
        held=None if training.exact else Held(x_valid, training.y[valid_rows]),
        stop=stop,
    )
    return pipeline, pipeline.predict_features(x_valid)


def _assemble(training: Training, predictions: dict[int, Array]) -> tuple[Array, Array]:
    """Return out-of-fold predictions and targets in the order of the rows."""
    at = np.concatenate([valid for _, valid in training.folds])
    order = np.argsort(at, kind="stable")
    oof = np.concatenate([predictions[i] for i in range(len(training.folds))])[order]
    return oof, training.y[at[order]]


def refit(trial: Trial, training: Training, stop: Stop) -> Pipeline:
    """Train a plan on all rows, with the settings that its folds found."""
    plan = msgspec.structs.replace(trial.plan, params=trial.plan.params | trial.final_params)
    return train(
        plan.name,
        training.target,
        training.estimator(plan),
        training.features.whole(plan),
        training.y,
        weight=training.weight,
        stop=stop,
    )
