"""Training the members of the blend on all training rows, as far as the time goes."""

from __future__ import annotations

import time

from mulle.budget import Stop, TimeUp, never, stop_after
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.trial import Trial
from mulle.verbs.fit.validation import Training, refit


def refit_blend(board: Leaderboard, training: Training, run: Run) -> Blend:
    """Train the members of the blend on all training rows, the heaviest first.

    A member that finds no time ships as its model of a fold; where there is none, as in a run that
    was resumed, it is left out. One always remains.
    """
    members: list[tuple[float, Pipeline]] = []
    run.budget.reserve("refit", 0.0)
    for weight, trial in sorted(board.members, key=lambda pair: -pair[0]):
        pipeline = _whole(trial, training, run, must=not members)
        if pipeline is not None:
            members.append((weight, pipeline))
            _record_features(pipeline, run)
    if len(members) < len(board.members):
        board.keep({pipeline.name for _, pipeline in members})
    training.models.clear()
    return Blend(members)


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


def _record_features(pipeline: Pipeline, run: Run) -> None:
    """Record the features that were made on evidence, each as a decision."""
    for block in pipeline.preparation.blocks:
        for feature, gain in block.gains().items():
            plan = pipeline.name
            run.decisions.add("feature-made", feature, plan=plan, feature=feature, gain=gain)
