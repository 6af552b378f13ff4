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
from typing import Any, NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, TimeUp, stop_after
from mulle.learners import Held, Learner
from mulle.metrics import HALF, Metric
from mulle.table import Target
from mulle.verbs.fit.features import FoldFeatures
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.pipeline import Columns, Pipeline, train
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.prices import Prices, TooDear

_ASKED_ROWS = 500  # that a model answers to show what an answer takes


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
        models: a model of a fold of each plan that was tried, by the plan's name.
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
    models: dict[str, Pipeline] = field(default_factory=dict)
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
        rows: training rows of each fold that it learned from; None for all.
        operations: of answering one row, about.
        nodes: of its trees, which are written one by one into the graph.
        seconds_a_row: of answering one of many rows, steps included.
        needed: seconds that a plan that was passed over would have taken.
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
    rows: int | None = None
    operations: float = 0.0
    nodes: int = 0
    seconds_a_row: float = 0.0
    needed: float | None = None


class _Part(NamedTuple):
    """What of a fold a plan uses: its training rows (None: all), and its time for learning."""

    rows: int | None
    learning: float


def try_plan(
    plan: Plan,
    training: Training,
    metric: Metric,
    *,
    seconds: float = math.inf,
    rows: int | None = None,
    progress: Callable[[int], None] = lambda fold: None,
) -> tuple[Trial, Array | None]:
    """Cross-validate a plan.

    Each fold gets its share of the time; a learner that can end early does. A plan that cannot
    finish in its time is passed over, or stopped.

    Args:
        plan: to be tried.
        training: the rows, and how they are divided.
        metric: what it is scored by.
        seconds: that it may take.
        rows: training rows of each fold to learn from; found by the price if None.
        progress: called after each fold with its number.

    Returns:
        The trial and its out-of-fold predictions on `training.validated`, None if it has none.
    """
    begin, learning = time.perf_counter(), 1.0
    if rows is None and seconds < math.inf and not training.exact:
        try:
            plan, rows, learning = training.prices.fit(plan, training, seconds)
        except TooDear as dear:
            spent = time.perf_counter() - begin
            needed = round(dear.needed, 1)
            return Trial(plan, "stopped", "too-dear", seconds=spent, needed=needed), None
    try:
        part = _Part(rows, learning)
        return _cross_validate(plan, training, metric, begin, seconds, part, progress)
    except TimeUp:
        return Trial(plan, "stopped", "budget", seconds=time.perf_counter() - begin), None


def _cross_validate(
    plan: Plan,
    training: Training,
    metric: Metric,
    begin: float,
    seconds: float,
    part: _Part,
    progress: Callable[[int], None],
) -> tuple[Trial, Array]:
    predictions: dict[int, Array] = {}
    fitted: list[Pipeline] = []
    cut, folds = False, len(training.folds)
    rows = part.rows
    if rows is not None and rows >= max(len(train) for train, _ in training.folds):
        rows = None
    for number in range(folds):
        share = (seconds - (time.perf_counter() - begin)) / (folds - number)
        pipeline, predictions[number], was_cut = _fold(plan, training, number, part, share)
        cut = cut or was_cut
        fitted.append(pipeline)
        progress(number + 1)
    oof, y = _assemble(training, predictions)
    training.models[plan.name] = fitted[0]
    taken = time.perf_counter() - begin
    learned = rows or len(training.folds[0][0])
    return (
        Trial(
            plan,
            score=metric.score_at(y, oof, threshold=training.threshold),
            fold_scores=[
                metric.score_at(training.y[valid], predictions[i], threshold=training.threshold)
                for i, (_, valid) in enumerate(training.folds)
            ],
            seconds=taken,
            refit_seconds=taken / folds * len(training.y) / learned,
            final_params=_final_params(fitted, training),
            cut_short=cut,
            rows=rows,
            operations=fitted[0].learner.operations(),
            nodes=fitted[0].learner.nodes(),
            seconds_a_row=_seconds_a_row(fitted[0], training),
        ),
        oof,
    )


def _seconds_a_row(pipeline: Pipeline, training: Training) -> float:
    """Return what answering one row takes, measured on some of them."""
    at = training.folds[0][1][:_ASKED_ROWS]
    rows = {name: column[at] for name, column in training.columns.items()}
    begin = time.perf_counter()
    pipeline.predict(rows)
    return (time.perf_counter() - begin) / len(at)


def _final_params(fitted: list[Pipeline], training: Training) -> dict[str, Any]:
    """Return settings for training on all rows that the folds found."""
    if training.exact:
        return {}
    return fitted[0].learner.final_params([pipeline.learner for pipeline in fitted])


def _fold(
    plan: Plan, training: Training, number: int, part: _Part, seconds: float
) -> tuple[Pipeline, Array, bool]:
    """Return the model of a fold, its predictions, and whether it was cut short."""
    begin = time.perf_counter()
    train_rows, valid_rows = training.folds[number]
    if part.rows is not None and part.rows < len(train_rows):
        rng = np.random.default_rng(training.seed + number)
        train_rows = np.sort(rng.choice(train_rows, part.rows, replace=False))
    preparing, _ = stop_after(seconds)
    preparation, x, x_valid = training.features.of(plan, number, train_rows, preparing)
    left = seconds - (time.perf_counter() - begin)
    stop, was_cut = stop_after(left * part.learning)
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
    pipeline.learned_from = f"fold {number}, {len(train_rows)} rows"
    cut = was_cut()
    return pipeline, pipeline.predict_features(x_valid), cut


def _assemble(training: Training, predictions: dict[int, Array]) -> tuple[Array, Array]:
    """Return out-of-fold predictions and targets in the order of the rows."""
    at = np.concatenate([valid for _, valid in training.folds])
    order = np.argsort(at, kind="stable")
    oof = np.concatenate([predictions[i] for i in range(len(training.folds))])[order]
    return oof, training.y[at[order]]


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
