"""The search: plan after plan is tried, each that finishes may enter the blend.

The first is a baseline that always finishes, so there is always a model. Nothing a plan does ends
the search: it fails or is stopped as a row of the leaderboard. The search ends when the time that
is not set aside for the stages after it is up, when trials are counted, when plans run out, when
nothing gains any more, or at Ctrl-C.

catalogue  tune-automl tune-loop fit-overfit
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.errors import RunError
from mulle.metrics import HALF, Metric
from mulle.verbs.fit.blending import greedy_weights
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.validation import Training, Trial, try_plan

_PATIENCE = {"quick": 3, "good": 8, "best": 25}  # trials without gain before the search ends
_FINISH_SHARE = 0.12  # of the promise, for export, proof and report, as long as nothing is known
_FINISH_A_COLUMN = 0.0018  # seconds: a graph of very many inputs is slow to make and to open
_FINISH_LEAST = 3.0  # seconds


@dataclass
class Leaderboard:
    """Trials, their out-of-fold predictions, and the blend of them so far.

    Attributes:
        given_weights: the plans say their weights in the blend; none are chosen.
        threshold: from which probability a row of two classes is positive.
    """

    metric: Metric
    y: Array
    given_weights: bool = False
    threshold: float = HALF
    trials: list[Trial] = field(default_factory=list)
    predictions: list[Array | None] = field(default_factory=list)
    weights: Array = field(default_factory=lambda: np.zeros(0))
    score: float = float("nan")

    def add(self, trial: Trial, oof: Array | None) -> None:
        """Add a trial and blend anew."""
        self.trials.append(trial)
        self.predictions.append(oof)
        usable = {i: p for i, p in enumerate(self.predictions) if p is not None}
        learned = {i: p for i, p in usable.items() if self.trials[i].plan.learner != "dummy"}
        usable = learned or usable  # the baseline ships only where nothing else finished
        self.weights = np.zeros(len(self.trials))
        if usable and self.given_weights:
            given = np.array([self.trials[i].plan.weight or 0.0 for i in usable])
            self.weights[list(usable)] = given / (given.sum() or 1.0)
            self.score = self._blend_score()
        elif usable:
            better = {i: p for i, p in usable.items() if self._beats_constant(self.trials[i])}
            usable = better or usable
            self.weights[list(usable)], self.score = greedy_weights(
                list(usable.values()), self.y, self.metric, threshold=self.threshold
            )

    def _beats_constant(self, trial: Trial) -> bool:
        """Return whether a trial is better than always predicting the class shares, or the mean.

        One that is not could still enter a blend by chance, where its predictions hardly move.
        """
        if self.metric.needs == "value":
            constant = np.full(len(self.y), self.y.mean())
        else:
            classes = next(p.shape[1] for p in self.predictions if p is not None)
            counts = np.bincount(self.y, minlength=classes)
            constant = np.tile(counts / counts.sum(), (len(self.y), 1))
        least = self.metric.score_at(self.y, constant, threshold=self.threshold)
        as_gain = self.metric.as_gain
        return bool(np.isnan(least) or as_gain(trial.score) > as_gain(least))

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
        done = [t for t in self.trials if t.status == "done"]
        return max(done, key=lambda t: np.nan_to_num(self.metric.as_gain(t.score), nan=-np.inf))

    def blended(self) -> Array:
        """Return the out-of-fold predictions of the blend."""
        pairs = zip(self.weights, self.predictions, strict=True)
        parts = [weight * p for weight, p in pairs if p is not None and weight > 0]
        return np.asarray(np.sum(parts, axis=0))


def search(
    plans: Iterable[Plan],
    training: Training,
    metric: Metric,
    run: Run,
    progress: Progress,
    *,
    given_weights: bool = False,
) -> tuple[Leaderboard, str]:
    """Try plans until there is a reason to end.

    Args:
        plans: in the order in which they are tried.
        training: the rows, and whether plans are given; then all of them are tried.
        metric: what plans are compared by.
        run, progress: of this search.
        given_weights: whether the plans say their weights in the blend.

    Returns:
        The leaderboard, and why it ended: `budget`, `trials`, `exhausted`, `no-gain` or
        `interrupted`.

    Raises:
        RunError: no plan at all could be trained.
    """
    validated = training.validated
    board = Leaderboard(
        metric,
        training.y[validated],
        given_weights=given_weights,
        threshold=training.threshold,
    )
    for trial, oof in run.trials():
        board.add(trial, oof)
    known = {trial.plan.name for trial in board.trials}
    _reserve(run, board)
    reason = "exhausted"
    try:
        for plan in plans:
            if plan.name in known:
                continue
            reason = _reason_to_end(run, board, patient=training.exact)
            if reason:
                break
            _try(plan, training, metric, run, board, progress)
            reason = "exhausted"
    except KeyboardInterrupt:
        reason = "interrupted"
        if not board.members:
            raise
    if not board.members:
        raise _no_model(run, board)
    run.decisions.add("search-stopped", reason=reason, tried=len(board.trials))
    return board, reason


def _no_model(run: Run, board: Leaderboard) -> RunError:
    reasons = {trial.plan.name: trial.reason for trial in board.trials[:3]}
    return RunError("no-model", where=str(run.folder), count=len(board.trials), reasons=reasons)


def _reason_to_end(run: Run, board: Leaderboard, *, patient: bool) -> str:
    """Return why the search ends now; "" if it goes on.

    Args:
        patient: whether to go on when plan after plan brings nothing.
    """
    patience = math.inf if patient else _PATIENCE[run.settings.preset]
    if not board.members:
        return "failed" if len(board.trials) >= patience else ""
    if run.settings.trials is not None:
        return "trials" if len(board.trials) >= run.settings.trials else ""
    if run.budget.stop():
        return "budget"
    return "no-gain" if _trials_without_gain(board) >= patience else ""


def _trials_without_gain(board: Leaderboard) -> int:
    """Return how many trials at the end of the list that the blend does without."""
    used = np.flatnonzero(board.weights > 0)
    return len(board.trials) - 1 - int(used[-1]) if len(used) else 0


def _try(
    plan: Plan,
    training: Training,
    metric: Metric,
    run: Run,
    board: Leaderboard,
    progress: Progress,
) -> None:
    folds = len(training.folds)
    begin = time.perf_counter()
    try:
        trial, oof = try_plan(
            plan,
            training,
            metric,
            run.budget,
            must_finish=not board.members,
            progress=lambda fold: progress.fold(plan.name, fold, folds),
        )
    except Exception as error:
        # A candidate may fail in any way its library knows; it is then a row with its reason.
        reason = f"{type(error).__name__}: {error}"[:300]
        trial, oof = Trial(plan, "failed", reason, seconds=time.perf_counter() - begin), None
    board.add(trial, oof)
    _note(run, trial)
    run.save_trial(len(board.trials) - 1, trial, oof)
    _reserve(run, board)
    progress.trial(plan.name, trial.status, trial.score, board.score)


def _note(run: Run, trial: Trial) -> None:
    """Write the decision that a trial stands for."""
    name, seconds = trial.plan.name, round(trial.seconds, 3)
    if trial.status == "done":
        run.decisions.add(
            "plan-tried",
            name,
            plan=name,
            learner=trial.plan.learner,
            score=trial.score,
            seconds=seconds,
            cut_short=trial.cut_short,
        )
        if trial.plan.learner == "dummy":
            run.decisions.add("baseline-done", name, score=trial.score)
        return
    code = "plan-failed" if trial.status == "failed" else "plan-stopped"
    run.decisions.add(code, name, plan=name, reason=trial.reason, seconds=seconds)


def _reserve(run: Run, board: Leaderboard) -> None:
    """Set aside what training the blend on all rows and finishing will take."""
    if run.budget.seconds is None:
        return
    least = _FINISH_LEAST + _FINISH_A_COLUMN * (run.record.columns or 0)
    run.budget.reserve("finish", max(least, _FINISH_SHARE * run.budget.seconds))
    run.budget.reserve("refit", 1.1 * sum(trial.refit_seconds for _, trial in board.members))
