"""A plan that is being tried: which of its folds are done, and what they gave."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.metrics import Metric
from mulle.verbs.fit.pipeline import Pipeline
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.prices import Prices
from mulle.verbs.fit.tasks import Done, TrainFold, do
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import FoldResult, Training, assemble, ships_as_folds


@dataclass
class Attempt:
    """A plan in hand.

    Attributes:
        plan: as it is tried.
        number: of the trial that will come of it, in a search with counted trials.
        seconds: that all its tasks may take together.
        rows, learning: of its tasks; see `TrainFold`.
        waiting: folds that no worker has yet.
        results: of the folds that are done.
        spent: seconds that its tasks have taken.
        promised: seconds of the folds that workers have now.
        ready: its price is known, and its settings are such that it fits into its time.
        measuring: its price is being measured.
        extended: it was given more time than its share.
        forecast: seconds that its folds were expected to take; None where that was not known.
        judged: it was looked at whether its first folds leave hope.
        ending: the task that ended it before all folds were done.
    """

    plan: Plan
    training: Training
    number: int = 0
    seconds: float = math.inf
    rows: int | None = None
    learning: float = 1.0
    waiting: list[int] = field(default_factory=list)
    results: dict[int, FoldResult] = field(default_factory=dict)
    spent: float = 0.0
    promised: dict[int, float] = field(default_factory=dict)
    ready: bool = False
    measuring: bool = False
    extended: bool = False
    forecast: float | None = None
    judged: bool = False
    ending: Done | None = None
    _again: set[int | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with all folds."""
        self.waiting = list(range(len(self.training.folds)))

    def next_fold(self, most: float) -> TrainFold:
        """Return the task of the next fold, with its share of what is left of the plan's time.

        Args:
            most: seconds that it may take in any case.
        """
        left = self.seconds - self.spent - sum(self.promised.values())
        share = max(0.0, min(most, left / len(self.waiting)))
        fold = self.waiting.pop(0)
        self.promised[fold] = share
        return TrainFold(self.plan, fold, share, self.rows, self.learning, keep=self.keeps(fold))

    def do_here(self) -> None:
        """Do all its folds in this process, one after the other, however long they take."""
        while self.waiting and self.ending is None:
            task = self.next_fold(math.inf)
            self.take(task.fold, do(task, self.training))

    def keeps(self, fold: int) -> bool:
        """Return whether the model of a fold is kept, as it may ship.

        One of them does where there is no time to train on all rows; of some learners all do.
        """
        return fold == 0 or ships_as_folds(self.plan)

    def fit(self, prices: Prices) -> None:
        """Make its settings such that all folds fit into its time.

        Raises:
            TooDear: even from few rows they would not.
        """
        self.plan, self.rows, self.learning = prices.fit(
            self.plan, self.training, self.seconds - self.spent
        )
        self.ready = True

    def take(self, fold: int, done: Done) -> None:
        """Note that a fold has ended."""
        self.promised.pop(fold, None)
        self.spent += done.seconds
        if done.status == "done":
            self.results[fold] = done.result
        elif self.again(fold, done):
            self.waiting.insert(0, fold)
        elif self.ending is None:
            self.ending = done

    def again(self, part: int | None, done: Done) -> bool:
        """Return whether a part whose worker died is tried once more.

        Args:
            part: the number of a fold; None for the price.
            done: what became of it.
        """
        if done.status != "lost" or part in self._again:
            return False
        self._again.add(part)
        return True

    def pass_over(self, needed: float) -> None:
        """End it before it has begun: it would take so many seconds."""
        task = TrainFold(self.plan, 0)
        self.ending = Done(task, None, "stopped", "too-dear", 0.0, needed)

    def stop(self, reason: str) -> None:
        """End it before its other folds are tried."""
        self.waiting.clear()
        self.ending = Done(TrainFold(self.plan, 0), None, "stopped", reason)

    def give_up(self) -> None:
        """End it where it stands: the time is up."""
        self.promised.clear()
        self.measuring = False
        if self.waiting or len(self.results) < len(self.training.folds):
            self.ending = self.ending or Done(TrainFold(self.plan, 0), None, "stopped", "budget")

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        if self.promised or self.measuring:
            return False
        return self.ending is not None or not self.waiting

    def score(self, fold: int, metric: Metric) -> float:
        """Return the score of a fold that is done."""
        y = self.training.y[self.training.folds[fold][1]]
        p = self.results[fold].predictions
        return metric.score_at(y, p, threshold=self.training.threshold)

    def trial(self, metric: Metric) -> tuple[Trial, Array | None]:
        """Return what came of it, with its out-of-fold predictions."""
        if self.ending is not None:
            return self._without_result(self.ending), None
        training, results = self.training, [self.results[i] for i in sorted(self.results)]
        predictions = [result.predictions for result in results]
        oof, y = assemble(training, predictions)
        rows, most = self.rows, max(len(train) for train, _ in training.folds)
        rows = None if rows is None or rows >= most else rows
        learned = rows or len(training.folds[0][0])
        a_fold = sum(result.seconds for result in results) / len(results)
        first, folds = results[0], len(results) if ships_as_folds(self.plan) else 1
        found = Trial(
            self.plan,
            score=metric.score_at(y, oof, threshold=training.threshold),
            fold_scores=[self.score(fold, metric) for fold in sorted(self.results)],
            seconds=self.spent,
            refit_seconds=a_fold * len(training.y) / learned if folds == 1 else 0.0,
            final_params=_mean_of([result.found for result in results]),
            cut_short=any(result.cut for result in results),
            rows=rows,
            operations=folds * first.operations,
            nodes=first.nodes,
            seconds_a_row=folds * first.seconds_a_row,
        )
        return found, oof

    @property
    def pipelines(self) -> list[Pipeline]:
        """The models of folds that were kept."""
        kept = [self.results[i].pipeline for i in sorted(self.results)]
        return [pipeline for pipeline in kept if pipeline is not None]

    def _without_result(self, end: Done) -> Trial:
        status, reason = end.status, end.reason
        if status == "lost":  # twice
            status, reason = "failed", "worker-late" if reason == "late" else "worker-died"
        needed = None if end.needed is None else round(end.needed, 1)
        return Trial(self.plan, status, reason, seconds=self.spent, needed=needed)


def _mean_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of the counts that the folds found."""
    names = [name for name in found[0] if all(name in each for each in found)]
    return {name: max(1, round(float(np.mean([each[name] for each in found])))) for name in names}
