"""A fold of a plan: cross-validation that owns the steps too.

Nothing is learned from a validation row. Plans that prepare their features alike share the work
of a fold.

catalogue  cv-idea cv-select cv-kfold cv-strat cv-group split-small fit-generalise
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, stop_after
from mulle.learners import Held, Learner
from mulle.metrics import HALF
from mulle.table import Target
from mulle.verbs.fit.features import FoldFeatures
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.pipeline import Columns, Pipeline, train
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.prices import Prices
from mulle.verbs.fit.trial import Trial

_SHIPS_AS_FOLDS = {"network"}
_FEW_ASKED, _MANY_ASKED = 50, 500  # rows that a model answers to show what an answer takes


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
        memory: in which features are prepared and kept.
        prices: of the plans, as they are found.
        models: models of folds of each plan that was tried, by the plan's name.
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
    memory: Memory = field(default_factory=Memory)
    prices: Prices = field(default_factory=Prices)
    models: dict[str, list[Pipeline]] = field(default_factory=dict)
    features: FoldFeatures = field(init=False)

    def __post_init__(self) -> None:
        """Keep the features of folds."""
        self.features = FoldFeatures(self.columns, self.y, self.folds, self.memory)

    @property
    def validated(self) -> Array:
        """Positions of the rows that have an out-of-fold prediction."""
        return np.sort(np.concatenate([valid for _, valid in self.folds]))

    def estimator(self, plan: Plan) -> Learner:
        """Return the plan's learner, set up for this machine and seed."""
        regression = self.target.is_regression
        return plan.estimator(regression=regression, n_jobs=self.n_jobs, seed=self.seed)


def ships_as_folds(plan: Plan) -> bool:
    """Return whether the mean of a plan's models of folds ships, not one of all rows."""
    return plan.learner in _SHIPS_AS_FOLDS


class FoldResult(NamedTuple):
    """A plan trained on one fold.

    Attributes:
        predictions: of the validation rows.
        seconds: that the fold took.
        cut: training ended when its time was up, not by itself.
        found: settings for training on all rows.
        operations, nodes: of the learner, as in `Trial`.
        seconds_a_row: of answering one of many rows, steps included; 0 where not measured.
        pipeline: what was trained; None where no use is made of it.
    """

    predictions: Array
    seconds: float
    cut: bool
    found: dict[str, Any]
    operations: float
    nodes: int
    seconds_a_row: float
    pipeline: Pipeline | None


def train_fold(
    plan: Plan,
    training: Training,
    number: int,
    *,
    seconds: float = math.inf,
    rows: int | None = None,
    learning: float = 1.0,
    keep: bool = True,
) -> FoldResult:
    """Train a plan on a fold, and predict the fold's validation rows.

    A learner that can end early does so when its time is up.

    Args:
        plan: to be tried.
        training: the rows, and how they are divided.
        number: of the fold.
        seconds: that it may take.
        rows: training rows of the fold to learn from; all if None.
        learning: share of the time after the features that is for learning.
        keep: whether the model is wanted, and not only its predictions.

    Raises:
        TimeUp: the time was up before the features were ready.
    """
    begin = time.perf_counter()
    train_rows, valid_rows = training.folds[number]
    if rows is not None and rows < len(train_rows):
        rng = np.random.default_rng(training.seed + number)
        train_rows = np.sort(rng.choice(train_rows, rows, replace=False))
    preparing, _ = stop_after(seconds)
    preparation, x, x_valid = training.features.of(plan, number, train_rows, preparing)
    left = seconds - (time.perf_counter() - begin)
    stop, was_cut = stop_after(left * learning)
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
    pipeline.fold = number
    pipeline.learned_from = f"fold {number}, {len(train_rows)} rows"
    cut, learner = was_cut(), pipeline.learner
    predictions = pipeline.predict_features(x_valid)
    return FoldResult(
        predictions,
        time.perf_counter() - begin,
        cut,
        {} if training.exact else learner.final_params([learner]),
        learner.operations(),
        learner.nodes(),
        seconds_a_row(pipeline, training) if keep else 0.0,
        pipeline if keep else None,
    )


def seconds_a_row(pipeline: Pipeline, training: Training) -> float:
    """Return what answering a row more takes, from what few and many take."""
    rows = training.folds[0][1]
    took = []
    for at in (rows[:_FEW_ASKED], rows[:_MANY_ASKED]):
        columns = {name: column[at] for name, column in training.columns.items()}
        begin = time.perf_counter()
        pipeline.predict(columns)
        took.append(time.perf_counter() - begin)
    few, many = min(_FEW_ASKED, len(rows)), min(_MANY_ASKED, len(rows))
    return max(0.0, took[1] - took[0]) / max(1, many - few)


def assemble(training: Training, predictions: Sequence[Array]) -> tuple[Array, Array]:
    """Return out-of-fold predictions and targets in the order of the rows.

    Args:
        training: with the folds.
        predictions: of the validation rows of each fold.
    """
    at = np.concatenate([valid for _, valid in training.folds])
    order = np.argsort(at, kind="stable")
    return np.concatenate(predictions)[order], training.y[at[order]]


def refit(trial: Trial, training: Training, stop: Stop) -> Pipeline:
    """Train a plan on all rows, with the settings that its folds found.

    Raises:
        TimeUp: `stop` came true before the features were ready.
    """
    plan = msgspec.structs.replace(trial.plan, params=trial.plan.params | trial.final_params)
    return train(
        plan.name,
        training.target,
        training.estimator(plan),
        training.features.whole(plan, stop),
        training.y,
        weight=training.weight,
        stop=stop,
    )
