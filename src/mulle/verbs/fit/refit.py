"""Training the members of the blend on all training rows."""

from __future__ import annotations

import time

from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.search import Leaderboard
from mulle.verbs.fit.validation import Training, refit

_MIN_TIME_SHARE = 0.5  # of the time a member needs, without which its training is not begun


def refit_blend(board: Leaderboard, training: Training, run: Run) -> Blend:
    """Train the members of the blend on all training rows, the heaviest first.

    A member that finds no time is left out; one always remains.
    """
    members: list[tuple[float, Pipeline]] = []
    run.budget.reserve("refit", 0.0)
    for weight, trial in sorted(board.members, key=lambda pair: -pair[0]):
        begin = time.perf_counter()
        if members and run.budget.left() < trial.refit_seconds * _MIN_TIME_SHARE:
            name = trial.plan.name
            run.decisions.add("plan-stopped", name, plan=name, reason="no-time-to-refit")
            continue
        pipeline = refit(trial, training, run.budget.stop)
        members.append((weight, pipeline))
        run.decisions.add(
            "refit-done",
            trial.plan.name,
            plan=trial.plan.name,
            rows=len(training.y),
            seconds=round(time.perf_counter() - begin, 3),
        )
        _record_features(pipeline, run)
    if len(members) < len(board.members):
        board.keep({pipeline.name for _, pipeline in members})
    return Blend(members)


def _record_features(pipeline: Pipeline, run: Run) -> None:
    """Record the features that were made on evidence, each as a decision."""
    for block in pipeline.preparation.blocks:
        for feature, gain in block.gains().items():
            plan = pipeline.name
            run.decisions.add("feature-made", feature, plan=plan, feature=feature, gain=gain)
