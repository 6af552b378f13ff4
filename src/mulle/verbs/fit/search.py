"""The search: plan after plan is tried, each that finishes may enter the blend.

The first is a baseline that always finishes. Nothing a plan does ends the search: it fails, is
passed over or is stopped as a row of the leaderboard. The search ends when the time that is not set
aside for the stages after it is up, when trials are counted, when plans run out, when nothing gains
any more, or at Ctrl-C.

Which task comes next is `next_task`'s to say, and an executor does it. A run that was promised time
does not end with the baseline: where no learner has finished, the cheapest ones are trained on few
rows.

catalogue  tune-automl tune-loop fit-overfit
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mulle.errors import RunError
from mulle.metrics import Metric
from mulle.verbs.fit.attempt import Attempt
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.executor import Executor
from mulle.verbs.fit.limits import Limits
from mulle.verbs.fit.next_task import Schedule
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.tasks import Done, TrainFold, do
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import Training

_RESCUE_LEAST = 10.0  # seconds, or the promise over again, for a learner at the last
_RESCUE_ROWS = 1_000
_KEPT_MODELS = 20  # memory is the user's too
_REFIT_SHARE = 0.15  # of the promise is set aside for training on all rows at most
_LATE = 2.0  # times its seconds, and some more, a task is waited for
_LATE_SECONDS = 3.0
_LEAST_LOOK, _LOOK_SECONDS = 0.05, 1.0  # between two looks at whether a task is late


def search(
    plans: Iterable[Plan],
    training: Training,
    metric: Metric,
    run: Run,
    progress: Progress,
    executor: Executor,
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
        executor: where the work is done; nothing is left in it.
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
        limits=Limits.of(run.settings),
    )
    for trial, oof in run.trials():
        board.add(trial, oof)
    schedule = Schedule(plans, training, run, board, executor.workers)
    search = _Search(training, run, board, progress, finish, executor, schedule)
    search.reserve()
    try:
        search.try_all()
        reason = schedule.reason
        timed = run.budget.seconds is not None and not training.exact
        if timed and board.members and not board.learners:
            search.rescue(rescue)
    except KeyboardInterrupt:
        reason = "interrupted"
        for task in executor.running:
            executor.kill(task)
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
    executor: Executor
    schedule: Schedule

    def try_all(self) -> None:
        """Do task after task, until none is left."""
        while True:
            self._submit()
            self._note_ended()
            if not self.executor.running:
                return
            for done in self.executor.wait(self._patience()):
                self._take(done)
            self._note_ended()
            self._kill_late()

    def _submit(self) -> None:
        """Give work to all workers that are free; until one has started, do it here."""
        while len(self.executor.running) < self.executor.workers:
            task = self.schedule.next_task()
            if task is None:
                return
            self._announce()
            if task.plan.learner == "dummy" or not self.executor.ready:
                self._take(do(task, self.training))
                self._note_ended()
            else:
                self.executor.submit(task)

    def _take(self, done: Done) -> None:
        self.schedule.take(done)
        if isinstance(done.task, TrainFold) and done.status == "done":
            self._show_fold(done.task.plan)

    def _announce(self) -> None:
        """Say what the plans that begin now will take, before it is spent."""
        promised = self.run.budget.seconds
        for attempt in self.schedule.announced:
            if promised and attempt.forecast is not None:
                share = attempt.forecast / (promised * self.executor.workers)
                self.progress.plan(attempt.plan.name, attempt.forecast, share)
        self.schedule.announced.clear()

    def _show_fold(self, plan: Plan) -> None:
        attempt = next(a for a in self.schedule.attempts if a.plan.name == plan.name)
        self.progress.fold(plan.name, len(attempt.results), len(self.training.folds))

    def _note_ended(self) -> None:
        for attempt in self.schedule.ended():
            self._note(attempt)

    def _patience(self) -> float:
        """Return how long to wait for a task to end."""
        return max(_LEAST_LOOK, min(_LOOK_SECONDS, self.run.budget.left()))

    def _kill_late(self) -> None:
        """End tasks that do not end by themselves: all of them where the search's time is up.

        The baseline is waited for: without it nothing could be delivered at all.
        """
        if self.executor.running and self.run.budget.left() <= 0 and self.board.members:
            for task in self.executor.running:
                self.executor.kill(task)
            self.schedule.end("budget")
            self._note_ended()
            return
        for task, seconds in self.executor.running_for():
            if seconds > _LATE * task.seconds + _LATE_SECONDS:
                self.executor.kill(task)
                self.schedule.take(Done(task, None, "lost", "late", seconds))

    def rescue(self, plans: Iterable[Plan]) -> None:
        """Train the cheapest learners on few rows here, the promise kept or not.

        Raises:
            RunError: none of them could be trained either.
        """
        promised = self.run.budget.seconds or 0.0
        for plan in plans:
            seconds = max(_RESCUE_LEAST, promised, self.run.budget.left())
            attempt = Attempt(plan, self.training, seconds=seconds, rows=_RESCUE_ROWS)
            attempt.do_here()
            self._note(attempt)
            if self.board.learners:
                return
        reasons = {t.plan.name: t.reason for t in self.board.trials if t.status == "stopped"}
        if not reasons:
            raise _no_model(self.run, self.board)
        raise RunError("no-learner", where=str(self.run.folder), promised=promised, reasons=reasons)

    def _note(self, attempt: Attempt) -> None:
        """Note what came of a plan."""
        trial, oof = attempt.trial(self.board.metric)
        before = self.board.score
        self.training.models[trial.plan.name] = attempt.pipelines
        self.board.add(trial, oof)
        self._forget_models()
        _note(self.run, trial, attempt.seconds)
        self.run.save_trial(len(self.board.trials) - 1, trial, oof)
        self.reserve()
        values = {"before": before, "seconds": trial.seconds}
        if attempt.forecast is not None:
            values["expected"] = attempt.forecast
        best = self.board.score
        self.progress.trial(trial.plan.name, trial.status, trial.score, best, **values)

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
        # One that learned from a part of the rows is not trained on all of them.
        refit = sum(t.refit_seconds for _, t in self.board.members if t.rows is None)
        affordable = refit <= _REFIT_SHARE * budget.seconds
        # Where training on all rows would cost more, the model of a fold ships.
        budget.reserve("refit", refit if affordable else 0.0)


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
