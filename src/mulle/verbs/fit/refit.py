"""Training the members of the blend on all training rows, as far as the time goes.

Trees and linear models are trained on all rows, with what their folds found. A network ships as
its folds: the mean of their models, each with its own steps, is what the out-of-fold score
measured, and better than one network trained on all rows, which has no held-out rows to stop on.
"""

from __future__ import annotations

import math
import time

from mulle.budget import Stop, TimeUp, never, stop_after
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.members import as_trained
from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import Training, refit, ships_as_folds, train_fold

Member = Pipeline | Blend
_LATE = 1.5  # times as long as it took may a fold take that is trained once more


def refit_blend(
    board: Leaderboard, training: Training, run: Run, trained: dict[str, Member] | None = None
) -> Blend:
    """Train the members of the blend on all training rows, the heaviest first.

    A member that finds no time ships as its model of a fold; where there is none, as in a run that
    was resumed, it is left out. One always remains.

    Args:
        board, training, run: with the blend.
        trained: members by name that are trained already; those that are trained now join them.
    """
    known = {} if trained is None else trained
    members: list[tuple[float, Member]] = []
    run.budget.reserve("refit", 0.0)
    for weight, trial in sorted(board.members, key=lambda pair: -pair[0]):
        of_folds = ships_as_folds(trial.plan)
        make = _folds if of_folds else _whole
        member = known.get(trial.plan.name)
        if member is None:
            member = make(trial, training, run, must=not members)
            if member is not None:
                _record_features(member, run)
        if member is not None:
            known[trial.plan.name] = member
            members.append((weight, member))
    if len(members) < len(board.members):
        board.keep({member.name for _, member in members})
    blend = Blend(members)
    run.save_members(as_trained(blend, (trial for _, trial in board.members)))
    return blend


def _folds(trial: Trial, training: Training, run: Run, *, must: bool) -> Blend | None:
    """Return the mean of a member's models of all folds.

    Those that are not at hand, as in a run that was resumed, are trained again.
    """
    name, kept = trial.plan.name, training.models.get(trial.plan.name, [])
    count = len(training.folds)
    if len(kept) < count:
        needed = trial.seconds * count / (count + 1)
        if not must and run.budget.left() < needed:
            run.decisions.add("plan-stopped", name, plan=name, reason="no-time-to-refit")
            return None
        seconds = math.inf if run.budget.seconds is None else _LATE * trial.seconds / count
        results = [
            train_fold(trial.plan, training, i, seconds=seconds, rows=trial.rows)
            for i in range(count)
        ]
        kept = [result.pipeline for result in results if result.pipeline is not None]
    run.decisions.add("folds-ship", name, plan=name, folds=count)
    return Blend([(1.0, pipeline) for pipeline in kept], name)


def _whole(trial: Trial, training: Training, run: Run, *, must: bool) -> Pipeline | None:
    """Return a member trained on all rows, else its model of a fold.

    Args:
        trial: the member.
        training, run: of the blend.
        must: a model is needed even if it breaks the promise.
    """
    name = trial.plan.name
    kept = training.models.get(name)
    of_a_fold = kept[0] if kept else None
    if trial.mapped and of_a_fold is not None:
        return of_a_fold
    if of_a_fold is None and must:
        return _train_whole(trial, training, run, never)
    if trial.rows is None and run.budget.left() >= trial.refit_seconds:
        stop, was_cut = stop_after(run.budget.left())
        pipeline = _train_whole(trial, training, run, stop)
        if pipeline is not None and (of_a_fold is None or not was_cut()):
            return pipeline
    if of_a_fold is not None:
        rows = trial.rows or len(training.folds[0][0])
        run.decisions.add("fold-ships", name, plan=name, rows=rows)
        return of_a_fold
    run.decisions.add("plan-stopped", name, plan=name, reason="no-time-to-refit")
    return None


def _train_whole(trial: Trial, training: Training, run: Run, stop: Stop) -> Pipeline | None:
    begin, name = time.perf_counter(), trial.plan.name
    try:
        pipeline = refit(trial, training, stop)
    except TimeUp:
        return None
    seconds, rows = round(time.perf_counter() - begin, 3), len(training.y)
    run.decisions.add("refit-done", name, plan=name, rows=rows, seconds=seconds)
    return pipeline


def _record_features(member: Member, run: Run) -> None:
    """Record the features that were made on evidence, each as a decision."""
    pipeline = member.pipelines[0][1] if isinstance(member, Blend) else member
    for block in pipeline.preparation.blocks:
        for feature, gain in block.gains().items():
            plan = member.name
            run.decisions.add("feature-made", feature, plan=plan, feature=feature, gain=gain)
