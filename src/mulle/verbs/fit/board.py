"""The trials of a search with their out-of-fold predictions, and the blend of them so far.

catalogue  ens-idea
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.metrics import HALF, Metric
from mulle.verbs.fit.blending import greedy_weights
from mulle.verbs.fit.limits import Limits
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.trial import Trial


@dataclass
class Leaderboard:
    """Trials, their out-of-fold predictions, and the blend of them so far.

    Attributes:
        given_weights: the plans say their weights in the blend; none are chosen.
        threshold: from which probability a row of two classes is positive.
        limits: of what the blend may cost; None where there are none.
        kept_limits: what was measured of the blend that ships within them.
    """

    metric: Metric
    y: Array
    given_weights: bool = False
    threshold: float = HALF
    limits: Limits | None = None
    trials: list[Trial] = field(default_factory=list)
    predictions: list[Array | None] = field(default_factory=list)
    weights: Array = field(default_factory=lambda: np.zeros(0))
    score: float = float("nan")
    kept_limits: dict[str, Any] | None = None
    _constant: float | None = None

    def __repr__(self) -> str:
        metric, trials = self.metric.name, len(self.trials)
        return f"Leaderboard(metric={metric!r}, score={self.score!r}, trials={trials})"

    def add(self, trial: Trial, oof: Array | None) -> None:
        """Add a trial and blend anew."""
        self.trials.append(trial)
        self.predictions.append(oof)
        if oof is None:  # nothing to blend
            self.weights = np.append(self.weights, 0.0)
        else:
            self.choose()

    def choose(self) -> None:
        """Choose the members and their weights."""
        usable = self._finished()
        self.weights = np.zeros(len(self.trials))
        if usable and self.given_weights:
            given = np.array([self.trials[i].plan.weight or 0.0 for i in usable])
            self.weights[list(usable)] = given / (given.sum() or 1.0)
            self.score = self._blend_score()
        elif usable:
            usable = self._better(usable)
            self.weights[list(usable)], self.score = self._best_weights(usable, self.limits)

    def _finished(self) -> dict[int, Array]:
        """Return the predictions that can be blended: the baseline's where no learner has any."""
        usable = {i: p for i, p in enumerate(self.predictions) if p is not None}
        learned = {i: p for i, p in usable.items() if self.trials[i].plan.learner != "dummy"}
        return learned or usable

    def _better(self, usable: dict[int, Array]) -> dict[int, Array]:
        """Return those that are better than a constant; all where none is."""
        better = {i: p for i, p in usable.items() if self._beats_constant(self.trials[i])}
        return better or usable

    def _best_weights(self, usable: dict[int, Array], limits: Limits | None) -> tuple[Array, float]:
        trials = [self.trials[i] for i in usable]

        def allow(at: Array) -> bool:
            return limits is None or limits.allow([trials[i] for i in at])

        return greedy_weights(
            list(usable.values()),
            self.y,
            self.metric,
            threshold=self.threshold,
            operations=[trial.operations for trial in trials],
            allow=None if limits is None else allow,
        )

    def without_limits(self) -> tuple[list[str], float]:
        """Return which plans a blend without limits would have, and its score."""
        usable = self._better(self._finished())
        weights, score = self._best_weights(usable, None)
        chosen = [i for i, weight in zip(usable, weights, strict=True) if weight > 0]
        return [self.trials[i].plan.name for i in chosen], score

    def _beats_constant(self, trial: Trial) -> bool:
        """Return whether a trial is better than always predicting the class shares, or the mean.

        One that is not could still enter a blend by chance, where its predictions hardly move.
        """
        if self._constant is None:
            self._constant = self._score_of_constant()
        as_gain = self.metric.as_gain
        return bool(np.isnan(self._constant) or as_gain(trial.score) > as_gain(self._constant))

    def _score_of_constant(self) -> float:
        if self.metric.needs == "value":
            constant = np.full(len(self.y), self.y.mean())
        else:
            classes = next(p.shape[1] for p in self.predictions if p is not None)
            counts = np.bincount(self.y, minlength=classes)
            constant = np.tile(counts / counts.sum(), (len(self.y), 1))
        return self.metric.score_at(self.y, constant, threshold=self.threshold)

    @property
    def beats_baseline(self) -> bool:
        """Whether a member of the blend is better than always giving the same answer."""
        members = [trial for _, trial in self.members]
        return any(t.plan.learner != "dummy" and self._beats_constant(t) for t in members)

    @property
    def learners(self) -> int:
        """How many learners have finished, the baseline aside."""
        return sum(t.status == "done" and t.plan.learner != "dummy" for t in self.trials)

    def keep(self, names: set[str]) -> None:
        """Reduce the blend to some of its members; its score is then theirs."""
        kept = [trial.plan.name in names for trial in self.trials]
        self.weights = np.where(kept, self.weights, 0.0)
        self.weights /= self.weights.sum()
        self.score = self._blend_score()

    def decide_at(self, threshold: float) -> None:
        """Let rows of two classes be positive from this probability on.

        The scores of the blend and of every trial are then those at this threshold.
        """
        self.threshold = threshold
        self.score = self._blend_score()
        for trial, p in zip(self.trials, self.predictions, strict=True):
            if p is not None and self.metric.needs == "label":
                trial.score = self.metric.score_at(self.y, p, threshold=threshold)

    def _blend_score(self) -> float:
        return self.metric.score_at(self.y, self.blended(), threshold=self.threshold)

    @property
    def members(self) -> list[tuple[float, Trial]]:
        """Weights and trials of the blend."""
        pairs = zip(self.weights, self.trials, strict=True)
        return [(float(w), trial) for w, trial in pairs if w > 0]

    def plans(self) -> list[Plan]:
        """Return the plans of the blend with their weights, and with what their folds found."""
        return [
            msgspec.structs.replace(
                trial.plan, weight=weight, params=trial.plan.params | trial.final_params
            )
            for weight, trial in self.members
        ]

    @property
    def best_single(self) -> Trial:
        """The best trial by itself."""
        return self.best(1)[0]

    def best(self, count: int) -> list[Trial]:
        """Return the best trials by themselves, so many at most, the best first."""
        done = [t for t in self.trials if t.status == "done"]

        def gain(trial: Trial) -> float:
            return float(np.nan_to_num(self.metric.as_gain(trial.score), nan=-np.inf))

        return sorted(done, key=gain, reverse=True)[:count]

    def blended(self) -> Array:
        """Return the out-of-fold predictions of the blend."""
        pairs = zip(self.weights, self.predictions, strict=True)
        parts = [weight * p for weight, p in pairs if p is not None and weight > 0]
        return np.asarray(np.sum(parts, axis=0))
