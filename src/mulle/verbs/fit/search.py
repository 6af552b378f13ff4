"""The search: plan after plan is tried, each that finishes may enter the blend.

The first is a baseline that always finishes. Nothing a plan does ends the search: it fails, is
passed over or is stopped as a row of the leaderboard. The search ends when the time that is not set
aside for the stages after it is up, when trials are counted, when plans run out, when nothing gains
any more, or at Ctrl-C.

No plan may take more than a part of what is left. A run that was promised time does not end with
the baseline: where no learner has finished, the cheapest ones are trained on few rows.

catalogue  tune-automl tune-loop fit-overfit
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
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
_FIRST_SHARE = 0.5  # of the time left that a plan may take, as long as no learner has finished
_EARLY_SHARE = 1 / 3  # until three have
_LATER_SHARE = 0.6
_ALONE_SHARE = 0.75
_EARLY_LEARNERS = 3
_MIN_SECONDS = 0.3  # a plan that would have less is not begun
_RESCUE_LEAST = 10.0  # seconds, or the promise over again, for a learner at the last
_RESCUE_ROWS = 1_000
_KEPT_MODELS = 6  # memory is the user's too
_PASSED_OVER = 8  # plans in a row that find no time end the search
_REFIT_SHARE = 0.15  # of the promise is set aside for training on all rows at most


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
            return
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
                list(usable.values()),
                self.y,
                self.metric,
                threshold=self.threshold,
                operations=[self.trials[i].operations for i in usable],
            )

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


def search(
    plans: Iterable[Plan],
    training: Training,
    metric: Metric,
    run: Run,
    progress: Progress,
    *,
    given_weights: bool = False,
    rescue: Iterable[Plan] = (),
    finish: Callable[[Leaderboard], float] = lambda board: 0.0,
) -> tuple[Leaderboard, str]:
    """Try plans until there is a reason to end.

    Args:
        plans: in the order in which they are tried.
        training: the rows, and whether plans are given; then all of them are tried.
        metric: what plans are compared by.
        run, progress: of this search.
        given_weights: whether the plans say their weights in the blend.
        rescue: the cheapest learners, for a run of which the time is up before any has finished.
        finish: the seconds that the stages after the search will take with the blend.

    Returns:
        The leaderboard, and why it ended: `budget`, `trials`, `exhausted`, `no-gain` or
        `interrupted`.

    Raises:
        RunError: no plan at all could be trained, or no learner within the time.
    """
    board = Leaderboard(
        metric,
        training.y[training.validated],
        given_weights=given_weights,
        threshold=training.threshold,
    )
    for trial, oof in run.trials():
        board.add(trial, oof)
    search = _Search(training, run, board, progress, finish)
    search.reserve()
    reason = "exhausted"
    try:
        reason = search.try_all(plans)
        timed = run.budget.seconds is not None and not training.exact
        if timed and board.members and not board.learners:
            search.rescue(rescue)
    except KeyboardInterrupt:
        reason = "interrupted"
        if not board.members:
            raise
    if not board.members:
        raise _no_model(run, board)
    run.decisions.add("search-stopped", reason=reason, tried=len(board.trials))
    return board, reason


def _no_model(run: Run, board: Leaderboard) -> RunError:
    failed = [trial for trial in board.trials if trial.status != "done"]
    reasons = {trial.plan.name: trial.reason for trial in failed[:3]}
    return RunError("no-model", where=str(run.folder), count=len(board.trials), reasons=reasons)


@dataclass
class _Search:
    """A search in hand."""

    training: Training
    run: Run
    board: Leaderboard
    progress: Progress
    finish: Callable[[Leaderboard], float]

    def try_all(self, plans: Iterable[Plan]) -> str:
        """Try plan after plan; return why that ended."""
        known = {trial.plan.name for trial in self.board.trials}
        for plan in plans:
            if plan.name in known:
                continue
            reason = self._reason_to_end()
            if reason:
                return reason
            self.try_one(plan, self._allowance(plan))
        return "exhausted"

    def rescue(self, plans: Iterable[Plan]) -> None:
        """Train the cheapest learners on few rows, the promise kept or not.

        Raises:
            RunError: none of them could be trained either.
        """
        promised = self.run.budget.seconds or 0.0
        for plan in plans:
            least = max(_RESCUE_LEAST, promised)
            self.try_one(plan, max(least, self.run.budget.left()), rows=_RESCUE_ROWS)
            if self.board.learners:
                return
        reasons = {t.plan.name: t.reason for t in self.board.trials if t.status == "stopped"}
        if not reasons:
            raise _no_model(self.run, self.board)
        raise RunError("no-learner", where=str(self.run.folder), promised=promised, reasons=reasons)

    def _allowance(self, plan: Plan) -> float:
        """Return the seconds that a plan may take."""
        if self.run.budget.seconds is None or plan.learner == "dummy":
            return math.inf
        left = max(0.0, self.run.budget.left())
        if self.training.exact or self.run.settings.preset == "quick":
            return left * _LATER_SHARE  # hardly any others follow
        if not self.board.learners:
            return left * _FIRST_SHARE
        return left * (_EARLY_SHARE if self.board.learners < _EARLY_LEARNERS else _LATER_SHARE)

    def _reason_to_end(self) -> str:
        """Return why the search ends now; "" if it goes on.

        Where plans are given, it goes on when plan after plan brings nothing.
        """
        run, board = self.run, self.board
        patience = math.inf if self.training.exact else _PATIENCE[run.settings.preset]
        if not board.members:
            return "failed" if len(board.trials) >= patience else ""
        if run.settings.trials is not None:
            return "trials" if len(board.trials) >= run.settings.trials else ""
        if run.budget.left() < _MIN_SECONDS or _passed_over(board) >= _PASSED_OVER:
            return "budget"
        return "no-gain" if _trials_without_gain(board) >= patience else ""

    def try_one(self, plan: Plan, seconds: float, *, rows: int | None = None) -> None:
        """Try a plan, whatever it does, and note what came of it."""
        run, folds = self.run, len(self.training.folds)
        begin = time.perf_counter()

        def attempt(seconds: float) -> tuple[Trial, Array | None]:
            return try_plan(
                plan,
                self.training,
                self.board.metric,
                seconds=seconds,
                rows=rows,
                progress=lambda fold: self.progress.fold(plan.name, fold, folds),
            )

        try:
            trial, oof = attempt(seconds)
            if trial.needed is not None and not self.board.learners:
                # No learner has finished: the first may take what three would have shared.
                seconds = _ALONE_SHARE * max(0.0, run.budget.left())
                trial, oof = attempt(seconds)
        except Exception as error:
            # A candidate may fail in any way its library knows; it is then a row with its reason.
            reason = f"{type(error).__name__}: {error}"[:300]
            trial, oof = Trial(plan, "failed", reason, seconds=time.perf_counter() - begin), None
        self.board.add(trial, oof)
        self._forget_models()
        _note(run, trial, seconds)
        run.save_trial(len(self.board.trials) - 1, trial, oof)
        self.reserve()
        self.progress.trial(plan.name, trial.status, trial.score, self.board.score)

    def _forget_models(self) -> None:
        """Keep the models that may ship: those of the blend's members, and the best few."""
        kept = {trial.plan.name for _, trial in self.board.members}
        kept |= {trial.plan.name for trial in self.board.best(_KEPT_MODELS)}
        models = self.training.models
        self.training.models = {name: m for name, m in models.items() if name in kept}

    def reserve(self) -> None:
        """Set aside what training the blend on all rows and finishing will take."""
        budget = self.run.budget
        if budget.seconds is None:
            return
        budget.reserve("finish", self.finish(self.board))
        refit = sum(trial.refit_seconds for _, trial in self.board.members)
        affordable = refit <= _REFIT_SHARE * budget.seconds
        # Where training on all rows would cost more, the model of a fold ships.
        budget.reserve("refit", refit if affordable else 0.0)


def _trials_without_gain(board: Leaderboard) -> int:
    """Return how many trials since the last that is in the blend brought nothing.

    A plan that found no time says nothing about what there is to gain.
    """
    used = np.flatnonzero(board.weights > 0)
    later = board.trials[int(used[-1]) + 1 :] if len(used) else []
    return sum(trial.status != "stopped" for trial in later)


def _passed_over(board: Leaderboard) -> int:
    """Return how many plans at the end of the list found no time."""
    stopped = [trial.status == "stopped" for trial in reversed(board.trials)]
    return stopped.index(False) if False in stopped else len(stopped)


def _note(run: Run, trial: Trial, allowed: float) -> None:
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
        if trial.rows is not None:
            run.decisions.add("plan-from-few-rows", name, plan=name, rows=trial.rows)
    elif trial.needed is not None:
        allowed = round(allowed, 1)
        run.decisions.add("plan-too-dear", name, plan=name, needed=trial.needed, allowed=allowed)
    else:
        code = "plan-failed" if trial.status == "failed" else "plan-stopped"
        run.decisions.add(code, name, plan=name, reason=trial.reason, seconds=seconds)
