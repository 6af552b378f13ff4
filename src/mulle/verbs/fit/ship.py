"""The blend that ships and its model: trained, packaged, and within the limits of the run."""

from __future__ import annotations

from typing import Any, NamedTuple

from mulle.bundle import Model, measure_latency
from mulle.bundle.archive import pack_archive
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.limits import REST_BYTES, Cost
from mulle.verbs.fit.package import package_blend
from mulle.verbs.fit.pipeline import Blend
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.refit import Member, refit_blend
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.threshold import settle_threshold
from mulle.verbs.fit.validation import Training

_SECONDS = 0.5  # in which one row is asked again and again


class Shipped(NamedTuple):
    """The blend as it ships, its model, and the seconds that making the model's graph took."""

    blend: Blend
    model: Model
    exported: float


def ship_blend(
    board: Leaderboard,
    training: Training,
    data: Data,
    run: Run,
    progress: Progress,
    usual: dict[str, Any] | None,
) -> Shipped:
    """Train the blend on all rows and package it; choose anew where it is beyond a limit.

    Args:
        board: with the blend.
        training, data, run, progress: of the run.
        usual: the usual value of each column, where they are known already.

    Raises:
        RunError: no model is within the limits; what was tried is kept in the run.
    """
    trained: dict[str, Member] = {}
    while True:
        progress.stage("refit", members=len(board.members))
        blend = refit_blend(board, training, run, trained)
        settle_threshold(board, data.target, run.settings, run.decisions)
        progress.stage("prove")
        begin = run.budget.spent()
        model = package_blend(blend, board, data, run, usual)
        exported = run.budget.spent() - begin
        if board.limits is None:
            break
        cost = _measure(model, data)
        if board.limits.keep(cost):
            _note_kept(board, cost, run)
            break
        _choose_cheaper(board, cost, run)
    training.models.clear()
    return Shipped(blend, model, exported)


def _measure(model: Model, data: Data) -> Cost:
    """Return what a model costs that is not written yet."""
    latency = measure_latency(model, data.test.columns, seconds=_SECONDS)
    return Cost(latency.p50, len(pack_archive(model.manifest, model.members)) + REST_BYTES)


def _choose_cheaper(board: Leaderboard, cost: Cost, run: Run) -> None:
    """Choose members that are expected to cost less than those that cost too much.

    Raises:
        RunError: there are none.
    """
    limits = board.limits
    if limits is None:
        return
    trials = [trial for _, trial in board.members]
    names = {trial.plan.name for trial in trials}
    run.decisions.add("limit-missed", plans=sorted(names), micros=cost.micros, size=int(cost.size))
    board.limits = limits.raise_to(trials, cost)
    if board.given_weights and len(trials) > 1:
        dearest = max(trials, key=lambda trial: trial.operations)
        board.keep(names - {dearest.plan.name})
        return
    board.choose()
    if {trial.plan.name for _, trial in board.members} == names:
        plan = min(trials, key=lambda trial: trial.operations).plan.name
        raise limits.refusal(run.folder, plan, cost)


def _note_kept(board: Leaderboard, cost: Cost, run: Run) -> None:
    """Record what was measured, and what the limits have cost."""
    free, score = board.without_limits()
    kept = {trial.plan.name for _, trial in board.members}
    left_out = [name for name in free if name not in kept]
    settings = run.settings
    board.kept_limits = {
        "max_latency_ms": settings.max_latency,
        "max_size_mb": settings.max_size,
        "micros": cost.micros,
        "size": int(cost.size),
        "left_out": left_out,
        "score": board.score,
        "without": score,
    }
    run.decisions.add("limits-kept", **board.kept_limits)
    if left_out:
        run.decisions.add("limits-cost", left_out=left_out, score=board.score, without=score)
