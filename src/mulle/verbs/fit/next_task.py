"""Which task comes next, from what is finished and the time that is left.

Nothing else decides order, shares of the time, or when to end. Where tasks are done, and how many
at a time, is an executor's.

With counted trials nothing here depends on time, on the order in which tasks end or on how many
workers there are: what is decided for a trial follows from the trials before the last few alone,
and those have all ended before it begins.

catalogue  tune-automl tune-loop fit-overfit
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from mulle.verbs.fit.attempt import Attempt
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.forecast import Forecast
from mulle.verbs.fit.plan import Plan, makes_pairs, pairs_of, with_pairs
from mulle.verbs.fit.prices import TooDear
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.tasks import Done, FindPairs, MeasurePrice, Task, TrainFold
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import Training

LAG = 4  # a counted trial begins once all but so many before it have ended
_SHARE = 0.15  # of the promise that a plan may take, trained on all rows too
_FIRST_SHARES = 2  # of these for the first learner: it ships where no other finishes
_REFIT = 1.25  # folds' worth of time that training on all rows takes
_MOST_SHARE = 0.5  # of the time left, that it may take at most
_HOPELESS = 3.0  # spreads of the best plan's folds, by which a plan is worse that is cut
_PATIENCE = {"quick": 3, "good": 20, "best": 60}  # trials without gain before the search ends
_FAILURES = 8  # plans of which none finished end the search
_LATER_SHARE = 0.6  # of the time left that a plan may take where hardly any others follow
_ALONE_SHARE = 0.75  # that the first learner may take where its price is too high otherwise
_MIN_SECONDS = 0.3  # a plan that would have less is not begun
_MARGIN = 0.2  # seconds
_LATEST, _PASSED_OVER = 10, 8  # so many of the latest plans that find no time end the search


class Schedule:
    """The order of work of a search.

    Attributes:
        attempts: the plans in hand, in the order in which they were begun.
        reason: why no further plan is begun; "" while there may be one.
        announced: plans that have begun, and are still to be shown.
    """

    def __init__(
        self, plans: Iterable[Plan], training: Training, run: Run, board: Leaderboard, workers: int
    ) -> None:
        known = {trial.plan.name for trial in board.trials}
        self._plans: Iterator[Plan] = (plan for plan in plans if plan.name not in known)
        self._training = training
        self._run = run
        self._board = board
        self._all_workers = workers
        self._workers = min(workers, len(training.folds))
        self._forecast = Forecast()
        self._pairs = _pairs_known(board)
        self.announced: list[Attempt] = []
        # Tasks elsewhere are killed when the time is up: they are to end just before.
        self._margin = _MARGIN if workers > 1 else 0.0
        self._counted = run.settings.trials is not None
        self.attempts: list[Attempt] = []
        self.reason = ""

    def next_task(self) -> Task | None:
        """Return the next task; None where none can begin now."""
        for attempt in self.attempts:
            task = self._next_of(attempt)
            if task is not None:
                return task
        while not self.reason and not (self._counted and len(self.attempts) >= LAG):
            self.reason = self._reason_to_end()
            plan = None if self.reason else next(self._plans, None)
            if plan is None:
                self.reason = self.reason or "exhausted"
                break
            number = len(self._board.trials) + len(self.attempts)
            seconds = self._allowance(plan) * self._workers
            self.attempts.append(Attempt(plan, self._training, number, seconds))
            task = self._next_of(self.attempts[-1])
            if task is not None:
                return task
        return None

    def take(self, done: Done) -> None:
        """Note what became of a task; one whose worker died is tried once more."""
        name = done.task.plan.name
        attempt = next(a for a in self.attempts if a.plan.name == name)
        if isinstance(done.task, TrainFold):
            attempt.take(done.task.fold, done)
            if done.status == "done":
                if not done.result.cut:
                    self._forecast.note(attempt.plan, done.result.seconds)
                self._judge(attempt)
            return
        attempt.spent += done.seconds
        attempt.measuring = False
        if isinstance(done.task, FindPairs) and done.status != "lost":
            self._take_pairs(attempt, done)
        elif done.status == "done":
            self._training.prices.note(attempt.plan, done.result)
        elif done.needed is not None:
            self._training.prices.note_too_dear(attempt.plan, done.task.seconds, done.needed)
            if not self._extend(attempt):
                attempt.pass_over(done.needed)
        elif not attempt.again(None, done):
            attempt.ending = done

    def _take_pairs(self, attempt: Attempt, done: Done) -> None:
        """Note which pairs help; none where the time was too short to find any."""
        self._pairs = done.result or []
        if done.status != "done":
            attempt.ending = done
        elif not self._pairs:
            attempt.stop("no-pairs")

    def ended(self) -> list[Attempt]:
        """Return the attempts that are over, and forget them: counted ones in their order."""
        over: list[Attempt] = []
        for attempt in list(self.attempts):
            if attempt.is_over:
                over.append(attempt)
                self.attempts.remove(attempt)
            elif self._counted:
                break
        return over

    def end(self, reason: str) -> None:
        """Begin nothing more, and give up what is in hand."""
        self.reason = reason
        for attempt in self.attempts:
            attempt.give_up()

    def _next_of(self, attempt: Attempt) -> Task | None:
        """Return the next task of a plan in hand; None where it has none now."""
        if attempt.ending is not None or attempt.measuring or not attempt.waiting:
            return None
        left = max(0.0, self._run.budget.left() - self._margin)
        if attempt.plan.learner == "dummy":
            left = math.inf  # it always finishes
        while not attempt.ready:
            if not self._training.exact and _looks_for_pairs(attempt.plan):
                if self._pairs is None:
                    return self._find_pairs(attempt, left)
                attempt.plan = with_pairs(attempt.plan, self._pairs)
            try:
                pilot = self._pilot_seconds(attempt)
                if pilot:
                    attempt.measuring = True
                    return MeasurePrice(attempt.plan, min(pilot, left))
                attempt.fit(self._training.prices)
                self._announce(attempt)
            except TooDear as dear:
                if not self._extend(attempt):
                    attempt.pass_over(dear.needed)
                    return None
        return attempt.next_fold(left)

    def _find_pairs(self, attempt: Attempt, left: float) -> Task | None:
        """Return the task of looking for pairs, which is done once."""
        if any(other.measuring and _looks_for_pairs(other.plan) for other in self.attempts):
            return None
        attempt.measuring = True
        return FindPairs(attempt.plan, min(left, attempt.seconds))

    def _pilot_seconds(self, attempt: Attempt) -> float:
        if attempt.seconds == math.inf or self._training.exact:
            return 0.0
        prices, expected = self._training.prices, self._expected(attempt.plan)
        dear = expected is not None and expected > attempt.seconds
        return prices.pilot_seconds(attempt.plan, self._training, attempt.seconds, dear=dear)

    def _expected(self, plan: Plan) -> float | None:
        """Return the seconds that all folds of a plan will take, as far as that is known."""
        folds, a_fold = len(self._training.folds), self._forecast.of(plan)
        known = self._training.prices.expected(plan, self._training)
        if known is not None:
            return folds * known
        return None if a_fold is None else folds * a_fold

    def _announce(self, attempt: Attempt) -> None:
        """Say what a plan will take, before it is spent."""
        expected = self._expected(attempt.plan)
        if expected is not None and attempt.plan.learner != "dummy":
            attempt.forecast = min(expected, attempt.seconds)
        self.announced.append(attempt)

    def _judge(self, attempt: Attempt) -> None:
        """End a plan of which two folds are far worse than the best plan's."""
        done = {0, 1} <= attempt.results.keys()
        if attempt.judged or not done or len(self._training.folds) <= 2 or self._training.exact:
            return
        attempt.judged = True
        past = [trial for trial in self._past(attempt.number) if trial.status == "done"]
        if not any(trial.plan.learner == attempt.plan.learner for trial in past):
            return  # never the first of its kind
        gain = self._board.metric.as_gain
        best = max(past, key=lambda trial: np.nan_to_num(gain(trial.score), nan=-np.inf))
        theirs = np.array([gain(score) for score in best.fold_scores])
        ours = np.array([gain(attempt.score(fold, self._board.metric)) for fold in (0, 1)])
        if len(theirs) > 2 and (theirs[:2] - ours).mean() > _HOPELESS * theirs.std(ddof=1):
            attempt.stop("hopeless")

    def _past(self, number: int) -> list[Trial]:
        """Return the trials that what is decided for a trial of this number may depend on."""
        trials = self._board.trials
        return trials[: max(0, number - LAG + 1)] if self._counted else trials

    def _extend(self, attempt: Attempt) -> bool:
        """Give the first plan that learns what three would have shared; return whether it was."""
        others = any(a is not attempt and a.plan.learner != "dummy" for a in self.attempts)
        if attempt.extended or others or self._board.learners:
            return False
        attempt.extended = True
        attempt.seconds = _ALONE_SHARE * self._workers * max(0.0, self._run.budget.left())
        return True

    def _allowance(self, plan: Plan) -> float:
        """Return the seconds that a plan may take with all workers."""
        if self._run.budget.seconds is None or plan.learner == "dummy":
            return math.inf
        left = max(0.0, self._run.budget.left())
        if self._training.exact or self._run.settings.preset == "quick":
            return left * _LATER_SHARE  # hardly any others follow
        folds = len(self._training.folds)
        share = _SHARE * self._run.budget.seconds * (1 if self._board.learners else _FIRST_SHARES)
        share *= self._all_workers / self._workers * folds / (folds + _REFIT)
        return min(left * _MOST_SHARE, share)

    def _reason_to_end(self) -> str:
        """Return why no further plan is begun; "" if one is.

        Where plans are given, it goes on when plan after plan brings nothing.
        """
        run, board = self._run, self._board
        patience = math.inf if self._training.exact else _PATIENCE[run.settings.preset]
        number = len(board.trials) + len(self.attempts)
        past = self._past(number)
        if run.settings.trials is not None and number >= run.settings.trials:
            return "trials"
        if not any(trial.status == "done" for trial in past):
            return "failed" if len(past) >= min(patience, _FAILURES) else ""
        if self._counted:
            return ""
        passed_over = _passed_over(board) + sum(a.ending is not None for a in self.attempts)
        if run.budget.left() < _MIN_SECONDS or passed_over >= _PASSED_OVER:
            return "budget"
        return "no-gain" if _trials_without_gain(board) >= patience else ""


def _trials_without_gain(board: Leaderboard) -> int:
    """Return how many trials since the last that is in the blend brought nothing.

    A plan that found no time says nothing about what there is to gain.
    """
    used = np.flatnonzero(board.weights > 0)
    later = board.trials[int(used[-1]) + 1 :] if len(used) else []
    return sum(not _found_no_time(trial) for trial in later)


def _passed_over(board: Leaderboard) -> int:
    """Return how many of the latest plans found no time."""
    return sum(_found_no_time(trial) for trial in board.trials[-_LATEST:])


def _found_no_time(trial: Trial) -> bool:
    return trial.status == "stopped" and trial.reason in {"budget", "too-dear"}


def _looks_for_pairs(plan: Plan) -> bool:
    """Return whether a plan makes pairs that are not known yet."""
    return makes_pairs(plan) and not pairs_of(plan)


def _pairs_known(board: Leaderboard) -> list[str] | None:
    """Return the pairs that an earlier part of a resumed run found; None if it did not look."""
    found = [trial for trial in board.trials if makes_pairs(trial.plan)]
    if any(trial.reason == "no-pairs" for trial in found):
        return []
    return next((pairs_of(trial.plan) for trial in found if pairs_of(trial.plan)), None)
