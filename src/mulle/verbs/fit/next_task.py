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
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.prices import TooDear
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.tasks import Done, MeasurePrice, Task, TrainFold
from mulle.verbs.fit.validation import Training

LAG = 4  # a counted trial begins once all but so many before it have ended
_PATIENCE = {"quick": 3, "good": 8, "best": 25}  # trials without gain before the search ends
_FIRST_SHARE = 0.5  # of the time left that a plan may take, as long as no learner has finished
_EARLY_SHARE = 1 / 3  # until three have
_LATER_SHARE = 0.6
_ALONE_SHARE = 0.75
_EARLY_LEARNERS = 3
_MIN_SECONDS = 0.3  # a plan that would have less is not begun
_MARGIN = 0.2  # seconds
_PASSED_OVER = 8  # plans in a row that find no time end the search


class Schedule:
    """The order of work of a search.

    Attributes:
        attempts: the plans in hand, in the order in which they were begun.
        reason: why no further plan is begun; "" while there may be one.
    """

    def __init__(
        self, plans: Iterable[Plan], training: Training, run: Run, board: Leaderboard, workers: int
    ) -> None:
        known = {trial.plan.name for trial in board.trials}
        self._plans: Iterator[Plan] = (plan for plan in plans if plan.name not in known)
        self._training = training
        self._run = run
        self._board = board
        self._workers = min(workers, len(training.folds))
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
            return
        attempt.spent += done.seconds
        attempt.measuring = False
        prices, task = self._training.prices, done.task
        if done.status == "done":
            prices.note(attempt.plan, done.result)
        elif done.needed is not None:
            prices.note_too_dear(attempt.plan, task.seconds, done.needed)
            if not self._extend(attempt):
                attempt.pass_over(done.needed)
        elif not attempt.again(None, done):
            attempt.ending = done

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
            try:
                pilot = self._pilot_seconds(attempt)
                if pilot:
                    attempt.measuring = True
                    return MeasurePrice(attempt.plan, min(pilot, left))
                attempt.fit(self._training.prices)
            except TooDear as dear:
                if not self._extend(attempt):
                    attempt.pass_over(dear.needed)
                    return None
        return attempt.next_fold(left)

    def _pilot_seconds(self, attempt: Attempt) -> float:
        if attempt.seconds == math.inf or self._training.exact:
            return 0.0
        prices = self._training.prices
        return prices.pilot_seconds(attempt.plan, self._training, attempt.seconds)

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
        if not self._board.learners:
            return left * _FIRST_SHARE
        return left * (_EARLY_SHARE if self._board.learners < _EARLY_LEARNERS else _LATER_SHARE)

    def _reason_to_end(self) -> str:
        """Return why no further plan is begun; "" if one is.

        Where plans are given, it goes on when plan after plan brings nothing.
        """
        run, board = self._run, self._board
        patience = math.inf if self._training.exact else _PATIENCE[run.settings.preset]
        number = len(board.trials) + len(self.attempts)
        past = board.trials[: max(0, number - LAG + 1)] if self._counted else board.trials
        if run.settings.trials is not None and number >= run.settings.trials:
            return "trials"
        if not any(trial.status == "done" for trial in past):
            return "failed" if len(past) >= patience else ""
        if self._counted:
            return ""
        if run.budget.left() < _MIN_SECONDS or _passed_over(board) >= _PASSED_OVER:
            return "budget"
        return "no-gain" if _trials_without_gain(board) >= patience else ""


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
