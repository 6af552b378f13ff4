"""The leaderboard of a finished run: the blend, then every trial, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mulle.budget import Stop
from mulle.bundle import Model, measure_latency, package, score
from mulle.metrics import Metric
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.split import Split
from mulle.verbs.fit.trial import Trial


@dataclass(frozen=True)
class Row:
    """A row of the leaderboard.

    Attributes:
        score, test: the metric, out of fold and on the test rows (None: not shipped, so not
            tested).
        fit_seconds: wall clock of the trial.
        latency_us: median of one row; size: bytes of its graph.
        rows: that each of its models learned from; None for all training rows.
    """

    name: str
    learner: str
    status: str
    weight: float
    score: float | None
    test: float | None
    fit_seconds: float
    latency_us: float | None
    size: int | None
    reason: str = ""
    rows: int | None = None


class Alone(NamedTuple):
    """Test score, median latency in microseconds and bytes of a graph."""

    test: float
    latency_us: float
    size: int


def leaderboard_rows(
    model: Model, blend: Blend, board: Leaderboard, test: Split, whole: Alone, stop: Stop
) -> list[Row]:
    """Return the rows of the leaderboard; members with what they would be alone.

    Args:
        model: of the blend.
        whole: what the blend itself reaches.
        stop: asked before a member is measured alone.
    """
    metric, alone = board.metric, dict[str, Alone]()
    if len(blend.members) == 1:
        alone[blend.members[0][1].name] = whole
    for _, pipeline in blend.members:
        if pipeline.name not in alone and not stop():
            alone[pipeline.name] = _measure_alone(pipeline, model, test, metric)
    rows = [_row(t, float(w), alone) for w, t in zip(board.weights, board.trials, strict=True)]
    rows.sort(key=lambda r: np.inf if r.score is None else -metric.as_gain(r.score))
    if len(blend.members) == 1:
        return rows
    seconds = sum(trial.seconds for trial in board.trials)
    return [Row("blend", "blend", "done", 1.0, board.score, whole.test, seconds, *whole[1:]), *rows]


def _measure_alone(pipeline: Pipeline | Blend, model: Model, test: Split, metric: Metric) -> Alone:
    single = package(pipeline, model.manifest)
    found = score(single, test.columns, test.y, [metric], with_interval=())
    latency = measure_latency(single, test.columns).p50
    return Alone(found[metric.name], latency, len(single.graph))


def _row(trial: Trial, weight: float, alone: Mapping[str, Alone]) -> Row:
    test, latency, size = alone.get(trial.plan.name, (None, None, None))
    return Row(
        trial.plan.name,
        trial.plan.learner,
        trial.status,
        weight,
        trial.score if trial.status == "done" else None,
        test,
        trial.seconds,
        latency,
        size,
        trial.reason,
        trial.rows,
    )
