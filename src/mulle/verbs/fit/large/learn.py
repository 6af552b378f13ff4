"""Boosting on all rows of a table that is too large for the memory.

What is best known of the table comes from its sample: the kinds of the columns, the steps of the
best boosted plan, and how the blend is weighted. All rows but those that the model is validated and
tested on are then written to the disk as features and boosted from there. The model enters the
blend as a trial of its own, whose predictions of the held rows are the blend's to weigh.

source  Ke et al. 2017, "LightGBM" (histograms over bins, a byte for each number)
"""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import TimeUp
from mulle.errors import MulleError
from mulle.graph import Matrix
from mulle.learners import Held, Learner
from mulle.steps import Preparation
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.finish_price import FinishPrice
from mulle.verbs.fit.large.folder import matrices_in
from mulle.verbs.fit.large.matrix import (
    Recipe,
    Seen,
    bytes_on_disk,
    categories_of,
    write_matrices,
)
from mulle.verbs.fit.large.notices import doubts_of, left_out_of
from mulle.verbs.fit.large.price import Price, expected, measure, room, set_aside
from mulle.verbs.fit.large.table import LargeTable
from mulle.verbs.fit.pipeline import Pipeline, Scaling
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import Training, seconds_a_row

STAGE = "large"
_LEARNER = "lightgbm"
_SUFFIX = "_all"
_LEAST_GAIN = 1.5  # times the rows of the sample; fewer are not worth another pass
_MARGIN = 0.03  # of the time that is left is not planned
#: of a boosted model that has many rows and few rounds
_SETTINGS: dict[str, Any] = {
    "num_leaves": 63,
    "learning_rate": 0.1,
    "min_child_samples": 100,
    "n_estimators": 500,
}


class _Skipped(Exception):
    """All rows are not boosted; `reason` says why."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


def reserve(data: Data, run: Run) -> None:
    """Set time aside for boosting on all rows, where only a sample of them is in memory."""
    if data.large is not None:
        columns = len(data.train.table.names)
        run.budget.reserve(STAGE, set_aside(run.budget.left(), data.large.rows, columns))


def boost_all(
    board: Leaderboard,
    training: Training,
    data: Data,
    run: Run,
    progress: Progress,
    price: FinishPrice,
    stopped: str,
) -> tuple[Data, str]:
    """Boost on all rows of a table of which a sample was searched; the model may enter the blend.

    Nothing that happens here ends the run: the models of the sample are there already.

    Args:
        board, training: of the search.
        data: of the run, with the table that the sample was drawn from.
        run, progress, price: of this run.
        stopped: why the search ended.

    Returns:
        The data with what was found in all rows, and why the search ended.
    """
    run.budget.reserve(STAGE, 0.0)
    if data.large is None:
        return data, stopped
    run.budget.reserve("refit", 0.0)  # all rows gain more than those of the sample once more
    if stopped == "interrupted":
        return data, stopped
    try:
        data = _learn_from_all(data.large, board, training, data, run, progress)
    except KeyboardInterrupt:
        stopped = "interrupted"
    if run.budget.seconds is not None:
        run.budget.reserve("finish", price.of(board, data, run.budget.seconds))
    return data, stopped


def _learn_from_all(
    large: LargeTable,
    board: Leaderboard,
    training: Training,
    data: Data,
    run: Run,
    progress: Progress,
) -> Data:
    """Boost on all rows, and return the data with what was found in them."""
    training.features.forget()
    sample = len(data.train.y)
    try:
        for plan in _plans(board, training):
            seen = _Boosting(plan, large, board, training, data, run, progress).train()
            left_out, doubts = left_out_of(seen, data.target), doubts_of(seen, data)
            reading = msgspec.structs.replace(
                data.reading,
                left_out=(*data.reading.left_out, *left_out),
                doubts=(*data.reading.doubts, *doubts),
            )
            progress.reading(msgspec.structs.replace(reading, left_out=left_out, doubts=doubts))
            data = replace(data, reading=reading)
    except _Skipped as skipped:
        values = {"reason": skipped.reason, "rows": sample, "all": large.rows, **skipped.values}
        run.decisions.add("large-skipped", **values)
        progress.note("large-skipped", **values)
    return data


def _plans(board: Leaderboard, training: Training) -> list[Plan]:
    """Return what is boosted: the boosted plans of a person as they stand, else one of our own.

    It makes its features as the best boosted plan of the search did.
    """
    boosted = [trial for trial in board.best(len(board.trials)) if trial.plan.learner == _LEARNER]
    if not boosted:
        raise _Skipped("no-boosting")
    if training.exact:
        return [trial.plan for trial in boosted]
    best = boosted[0].plan
    return [Plan(_LEARNER + _SUFFIX, _LEARNER, best.features, _SETTINGS)]


@dataclass
class _Boosting:
    """A plan that is boosted on all rows."""

    plan: Plan
    large: LargeTable
    board: Leaderboard
    training: Training
    data: Data
    run: Run
    progress: Progress

    def train(self) -> Seen:
        """Write the rows, boost from them, and add the model to the blend; return what was found.

        Raises:
            _Skipped: it could not be done, or is not worth it.
        """
        begin = time.perf_counter()
        preparation, held = self._prepared()
        try:
            with matrices_in(self.run.folder) as folder:
                learner, rows, seen = self._boosted(preparation, held, folder)
        except TimeUp:
            raise _Skipped("large-time") from None
        except Exception as error:  # as a plan that fails: the models of the sample are there
            if isinstance(error, _Skipped):
                raise
            raise _Skipped(_reason_of(error)) from error
        pipeline = Pipeline(self.plan.name, self.data.target, preparation, learner, self._scaling)
        self._note(pipeline, held, rows, time.perf_counter() - begin)
        return seen

    def _prepared(self) -> tuple[Preparation, Matrix]:
        """Return the steps as the sample taught them, and the features of the held rows."""
        training, plan = self.training, self.plan
        if training.exact:
            preparation, x = training.features.whole(plan)
            return preparation, x[:0]
        preparation, _, held = training.features.of(plan, 0)
        training.features.forget()
        return preparation, held

    @property
    def _held(self) -> Array:
        """Positions of the validated rows in the sample."""
        return self.training.validated[:0] if self.training.exact else self.training.validated

    @property
    def _scaling(self) -> Scaling:
        return Scaling(self.training.y, self.data.target)

    def _boosted(
        self, preparation: Preparation, held: Matrix, folder: Path
    ) -> tuple[Learner, int, Seen]:
        """Return what has learned from all rows, from how many, and what was found in them."""
        settings, regression = self.run.settings, self.data.target.is_regression
        learner = self.plan.estimator(
            regression=regression, n_jobs=settings.n_jobs or -1, seed=settings.seed
        )
        recipe, without = self._recipe(preparation), self._left_out(preparation)
        mapped = write_matrices(
            self.large,
            recipe,
            folder,
            without=without,
            share=self._share(recipe, learner, without, folder),
            seed=settings.seed,
            stop=self._is_late,
        )
        y, classes = (mapped.y, None) if regression else _by_class(mapped.y)
        seconds, exact = self._seconds, self.training.exact
        end = time.perf_counter() + seconds
        learner.fit_mapped(
            mapped.x,
            y,
            _balanced(y, mapped.weight) if self._is_balanced else mapped.weight,
            classes=classes,
            held=None if exact else Held(held, self._scaling.apply(self.training.y[self._held])),
            stop=lambda: self._is_late(end),
            seconds=math.inf if exact else seconds,
            categorical=preparation.categorical_,
        )
        return learner, len(y), mapped.seen

    def _recipe(self, preparation: Preparation) -> Recipe:
        table, name = self.data.train.table.select(preparation.columns), self.run.settings.weight
        columns = {column.name: column for column in self.data.reading.columns}
        return Recipe(
            table.schema,
            self.data.target,
            preparation,
            self._scaling,
            None if name is None else columns[name],
            categories_of(table),
        )

    @property
    def _is_balanced(self) -> bool:
        return self.run.settings.class_weight == "balanced" and not self.data.target.is_regression

    def _left_out(self, preparation: Preparation) -> Array:
        """Return the positions of rows that must not be learned from, sorted.

        They are tested or validated on; or steps have learned their target, and would give it away.
        """
        train, test = self.data.train.at, self.data.test.at
        taught = any(step.uses_target for block in preparation.blocks for step in block.steps)
        parts = [] if train is None else [train if taught else train[self._held]]
        parts += [] if test is None else [test]
        return np.sort(np.concatenate(parts))

    def _is_late(self, end: float = math.inf) -> bool:
        """Return whether there is no time for more, with a look at the memory."""
        self.run.look_at_memory()
        return self.run.budget.stop() or time.perf_counter() >= end

    @property
    def _seconds(self) -> float:
        """The seconds that are left for it."""
        return (1.0 - _MARGIN) * self.run.budget.left()

    def _share(self, recipe: Recipe, learner: Learner, without: Array, folder: Path) -> float:
        """Return what share of the rows there is room for, and say it before it is spent.

        Raises:
            _Skipped: hardly more than the sample's.
        """
        large, run = self.large, self.run
        rows = large.rows - len(without)
        memory = self.training.memory.rows_to_boost(recipe.features, large.held)
        free, timed = shutil.disk_usage(folder).free, run.budget.seconds is not None
        price = self._price(recipe, learner) if timed else None
        allowed = {"memory": memory, "disk": free, "seconds": self._seconds}
        most, limit = room(allowed, bytes_on_disk(1, recipe), price, large.seconds).of(rows)
        if most < min(rows, _LEAST_GAIN * len(self.data.train.y)):
            raise _Skipped(f"large-{limit}")
        values: dict[str, Any] = {
            "rows": most,
            "all": large.rows,
            "size": bytes_on_disk(most, recipe),
            "folder": str(run.folder),
            "limit": f"large-{limit or 'all'}",
            "seconds": None if price is None else expected(price, most, large.seconds),
        }
        code = "large-begins" if price is None else "large-forecast"
        run.decisions.add(code, **values)
        self.progress.note(code, **values)
        return most / rows

    def _price(self, recipe: Recipe, learner: Learner) -> Price:
        rows, _ = self.training.folds[0]
        columns = {n: self.training.columns[n][rows] for n in recipe.preparation.columns}
        y = recipe.scaling.apply(self.training.y[rows])
        return measure(learner, recipe.preparation, columns, y)

    def _note(self, pipeline: Pipeline, held: Matrix, rows: int, seconds: float) -> None:
        """Let the model enter the blend, and say from how many rows each plan has learned."""
        board, training, learner = self.board, self.training, pipeline.learner
        facts: dict[str, Any] = {
            "rows": rows,
            "mapped": True,
            "operations": learner.operations(),
            "nodes": learner.nodes(),
            "seconds_a_row": seconds_a_row(pipeline, training),
        }
        training.models[self.plan.name] = [pipeline]
        if training.exact:
            trial = next(t for t in board.trials if t.plan.name == self.plan.name)
            for name, value in facts.items():
                setattr(trial, name, value)
        else:
            before, oof = board.score, pipeline.predict_features(held)
            y = training.y[training.validated]
            score = board.metric.score_at(y, oof, threshold=training.threshold)
            trial = Trial(
                self.plan, score=score, fold_scores=[score], seconds=seconds,
                cut_short=getattr(learner, "ended_", "") == "stop", **facts,
            )  # fmt: skip
            board.add(trial, oof)
            self.progress.trial(
                self.plan.name, "done", score, board.score, before=before, seconds=seconds
            )
        values: dict[str, Any] = {
            "plan": self.plan.name,
            "rows": rows,
            "all": self.large.rows,
            "sample": len(training.folds[0][0]),
            "trees": getattr(learner, "n_trees_", 0),
            "seconds": round(seconds, 3),
            "score": trial.score,
        }
        self.run.decisions.add("large-learned", self.plan.name, **values)
        self.progress.note("large-learned", **values)


def _by_class(y: Array) -> tuple[Array, Array]:
    """Return the target by the classes that occur in it, and these."""
    counts = np.bincount(y.astype(np.int64))
    classes = np.flatnonzero(counts)
    if len(classes) == len(counts):
        return y, classes
    return np.searchsorted(classes, y).astype(np.float32), classes


def _balanced(y: Array, weight: Array | None) -> Array:
    """Return weights by which all classes count alike."""
    codes = y.astype(np.int64)
    counts = np.bincount(codes)
    balance = (len(y) / (len(counts) * counts)).astype(np.float32)[codes]
    return balance if weight is None else balance * weight


def _reason_of(error: BaseException) -> str:
    return error.what if isinstance(error, MulleError) else f"{type(error).__name__}: {error}"[:300]
