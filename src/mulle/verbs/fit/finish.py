"""From the blend to what ships: train on all rows, trace, prove, score the test rows once.

Final scores are computed with the bundle itself, by ONNX Runtime.

catalogue  cv-select eval-offline
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop
from mulle.bundle import MODEL, REFERENCE, Manifest, Model, Proof, generated_rows, prove, trace
from mulle.errors import RunError
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.metrics import (
    Importance,
    Interval,
    Metric,
    all_scores,
    interval,
    permutation_importance,
)
from mulle.table import Column, Storage
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.part import Part
from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.search import Leaderboard
from mulle.verbs.fit.validation import Training, Trial, refit
from mulle.version import __version__

_NUMBERS_A_BATCH = 4_000_000  # 32 MB of float64 for the widest matrix of a graph
_MOST_BATCH_ROWS = 10_000
_PROOF_ROWS = 20_000
_WORTH_BEGINNING = 0.5  # share of the time it needs that a member must find to be trained
_LATENCY_RUNS = 300
_LATENCY_SECONDS = 0.3
REPORT_SECONDS = 2.0


@dataclass(frozen=True)
class Row:
    """A row of the leaderboard.

    Attributes:
        score, test: the metric, out of fold and on the test rows (None: not shipped, so not
            tested).
        latency_us: median of one row; size: bytes of its graph.
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


@dataclass(frozen=True)
class Shipped:
    """What came out of a run, beside the files."""

    model: Model
    proof: Proof
    board: Leaderboard
    rows: list[Row]
    scores: dict[str, float]
    test: Interval
    importances: list[Importance]
    predictions: Array
    latency_us: dict[str, float]


def refit_blend(board: Leaderboard, training: Training, run: Run) -> Blend:
    """Train the members of the blend on all training rows, the heaviest first.

    A member that fails or finds no time is left out; one always remains.
    """
    members: list[tuple[float, Pipeline]] = []
    run.budget.reserve("refit", 0.0)
    for weight, trial in sorted(board.members, key=lambda pair: -pair[0]):
        begin = time.perf_counter()
        if members and run.budget.left() < trial.refit_seconds * _WORTH_BEGINNING:
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
        _note_features(pipeline, run)
    if len(members) < len(board.members):
        board.keep({pipeline.name for _, pipeline in members})
    return Blend(members)


def _note_features(pipeline: Pipeline, run: Run) -> None:
    """The features that were made on evidence, each a decision."""
    for block in pipeline.preparation.blocks:
        for feature, gain in block.gains().items():
            plan = pipeline.name
            run.decisions.add("feature-made", feature, plan=plan, feature=feature, gain=gain)


def build(blend: Blend, board: Leaderboard, data: Data, run: Run, metric: Metric) -> Model:
    """The bundle's model, not yet written: the graph and what is known before it is scored."""
    columns = data.train.table.schema.columns
    graph = trace(blend, columns, data.target.labels)
    names = [trial.plan.name for _, trial in board.members]
    manifest = Manifest(
        target=data.target,
        schema=data.train.table.schema,
        reference=_usual(columns, data.train.columns),
        metric=metric.name,
        batch_rows=int(np.clip(_NUMBERS_A_BATCH // blend.width, 16, _MOST_BATCH_ROWS)),
        lineage={
            "run": run.record.id,
            "source": run.settings.source,
            "data": data.fingerprint,
            "rows": len(data.train.y),
            "test_rows": len(data.test.y),
            "seed": run.settings.seed,
            "plans": names,
            "plan": msgspec.to_builtins(board.plans()),
            "settings": run.settings.again(),
        },
        mulle=__version__,
        created=run.record.created,
    )
    return Model(manifest, graph, {MODEL: graph, REFERENCE: data.profile.to_arrow_bytes()})


def check(model: Model, blend: Blend, data: Data, run: Run) -> Proof:
    """The parity proof over the test rows and generated ones.

    Raises:
        RunError: the graph and the pipeline disagree; nothing is shipped.
    """
    rng = np.random.default_rng(run.settings.seed)
    tested = _sample(data.test.columns, _PROOF_ROWS)
    points = blend.split_points()
    made = generated_rows(model.manifest.schema.columns, data.train.columns, points, rng)
    both = {name: np.concatenate([tested[name], made[name]]) for name in tested}
    answered, chosen = model.answer(both)
    std = float(data.train.y.std()) if data.target.is_regression else 1.0
    proof = prove(blend.predict(both), answered, chosen, len(next(iter(made.values()))), std)
    run.decisions.add("parity-proved", **msgspec.to_builtins(proof))
    if not proof.holds:
        raise RunError(
            "parity-broken",
            where=str(run.folder),
            label_flips=proof.label_flips,
            rows=proof.rows,
            max_abs_diff=proof.max_abs_diff,
        )
    return proof


def measure(
    model: Model, blend: Blend, board: Leaderboard, data: Data, run: Run, metric: Metric
) -> Shipped:
    """Score the test rows with the graph, once; then all else that is measured, while time lasts.

    What must be known comes first: scores and latency. Interval, members and importances take
    the time that is left after the report's share.
    """
    proof = check(model, blend, data, run)
    run.budget.reserve("finish", 0.0)
    run.budget.reserve("report", REPORT_SECONDS)
    inputs = data.test.columns
    begin = time.perf_counter()
    answers, _ = model.answer(inputs)
    once = time.perf_counter() - begin
    scores = all_scores(data.target.task, data.test.y, answers)
    latency = _latency(model, inputs)
    run.decisions.add("latency-measured", p50=latency["p50"], p99=latency["p99"])
    seed = run.settings.seed

    def stop() -> bool:
        """Whether answering the rows once more would break the promise."""
        return run.budget.left() <= once

    test = interval(metric, data.test.y, answers, random_state=seed, stop=stop)
    rows = _leaderboard(model, blend, board, data.test, metric, test.score, latency["p50"], stop)
    importances = permutation_importance(
        lambda arrays: model.answer(arrays)[0],
        inputs,
        data.test.y,
        metric,
        random_state=seed,
        stop=stop,
    )
    return Shipped(model, proof, board, rows, scores, test, importances, answers, latency)


def _usual(columns: tuple[Column, ...], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """The usual value of each column: the median, or the most frequent string."""
    return {c.name: _usual_value(c, arrays[c.name][:, 0]) for c in columns}


def _usual_value(column: Column, values: Array) -> Any:
    if column.storage is Storage.number:
        seen = values[~np.isnan(values)]
        return float(np.median(seen)) if len(seen) else None
    if column.storage is Storage.date:
        seen = values[values != MISSING_DATE]
        return int(np.sort(seen)[len(seen) // 2]) if len(seen) else None
    found, counts = np.unique(values, return_counts=True)
    most = str(found[counts.argmax()])
    return None if most == MISSING_STRING else most


def _sample(columns: Mapping[str, Array], most: int) -> dict[str, Array]:
    return {name: values[:most] for name, values in columns.items()}


def _latency(model: Model, inputs: Mapping[str, Array]) -> dict[str, float]:
    """Median and 99th percentile of one row, in microseconds."""
    rows = len(next(iter(inputs.values())))
    taken: list[float] = []
    begin = time.perf_counter()
    for i in range(_LATENCY_RUNS):
        at = i % rows
        row = {name: values[at : at + 1] for name, values in inputs.items()}
        start = time.perf_counter()
        model.answer(row)
        taken.append((time.perf_counter() - start) * 1e6)
        if time.perf_counter() - begin > _LATENCY_SECONDS:
            break
    p50, p99 = np.percentile(taken[len(taken) // 10 :], [50, 99])
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}


def _leaderboard(
    model: Model,
    blend: Blend,
    board: Leaderboard,
    test: Part,
    metric: Metric,
    score: float,
    latency: float,
    stop: Stop,
) -> list[Row]:
    """The blend, then all trials, the best first; members with what they would be alone."""
    alone: dict[str, tuple[float, float, int]] = {}
    if len(blend.members) == 1:
        alone[blend.members[0][1].name] = score, latency, len(model.graph)
    for _, pipeline in blend.members:
        if pipeline.name not in alone and not stop():
            alone[pipeline.name] = _alone(pipeline, model, test, metric)
    rows = [_row(t, float(w), alone) for w, t in zip(board.weights, board.trials, strict=True)]
    rows.sort(key=lambda r: np.inf if r.score is None else -metric.as_gain(r.score))
    if len(blend.members) == 1:
        return rows
    seconds = sum(trial.seconds for trial in board.trials)
    size = len(model.graph)
    return [Row("blend", "blend", "done", 1.0, board.score, score, seconds, latency, size), *rows]


def _alone(
    pipeline: Pipeline, model: Model, test: Part, metric: Metric
) -> tuple[float, float, int]:
    """Test score, latency and size of one member by itself."""
    columns, labels = model.manifest.schema.columns, model.manifest.labels
    graph = trace(pipeline, columns, labels)
    single = Model(model.manifest, graph, {})
    answers, _ = single.answer(test.columns)
    return metric.score(test.y, answers), _latency(single, test.columns)["p50"], len(graph)


def _row(trial: Trial, weight: float, alone: Mapping[str, tuple[float, float, int]]) -> Row:
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
    )
