"""From the blend to what ships: packaged, proved, and scored once on the test rows.

Final scores are computed with the bundle itself, by ONNX Runtime; see `mulle.bundle`.

catalogue  cv-select eval-offline
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mulle.budget import never, stop_after
from mulle.bundle import (
    Latency,
    Manifest,
    Model,
    MonitoringBaseline,
    Proof,
    Scores,
    TokenInput,
    baseline_score,
    measure_latency,
    package,
    prove,
    record_baseline,
    score,
    usual_values,
)
from mulle.errors import RunError
from mulle.graph import output_names
from mulle.metrics import Importance, Predictions, ScoreInterval, permutation_importance
from mulle.table import Column
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.finish_price import LATENCY_SECONDS
from mulle.verbs.fit.leaderboard import Alone, Row, leaderboard_rows
from mulle.verbs.fit.pipeline import Blend
from mulle.verbs.fit.run import Run
from mulle.version import __version__

_MANY_ROWS, _FEW_ROWS = 2_000, 500  # on which importances are measured
_IMPORTANCES_SHARE = 0.3  # of the time that is left, for them


@dataclass(frozen=True, repr=False)
class Packaged:
    """What came out of a run, beside the files.

    Attributes:
        model: not yet written.
        scored: the test rows, predicted and scored with the model.
        rows: the leaderboard's.
        latency: of one row.
    """

    model: Model
    proof: Proof
    board: Leaderboard
    scored: Scores
    rows: list[Row]
    importances: list[Importance]
    latency: Latency

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts().items())
        return f"Packaged({facts})"

    def facts(self) -> dict[str, Any]:
        """Return its scores, and what it is made of."""
        members = {trial.plan.name: round(weight, 4) for weight, trial in self.board.members}
        return {
            "metric": self.board.metric.name,
            "test": self.test.score,
            "validation": self.board.score,
            "members": members,
        }

    @property
    def limits(self) -> dict[str, Any] | None:
        """What the model had to keep, what was measured, and what was left out for it."""
        return self.board.kept_limits

    @property
    def test(self) -> ScoreInterval:
        """The metric on the test rows."""
        return self.scored.intervals[self.board.metric.name]

    @property
    def scores(self) -> dict[str, float]:
        """Every score on the test rows, by metric."""
        return self.scored.values()

    @property
    def predictions(self) -> Predictions:
        """Predictions of the test rows."""
        return self.scored.predictions

    @property
    def latency_us(self) -> dict[str, float]:
        """Microseconds of one row: `p50` and `p99`."""
        return self.latency._asdict()


def package_blend(
    blend: Blend, board: Leaderboard, data: Data, run: Run, usual: dict[str, Any] | None = None
) -> Model:
    """Return the model of the blend, not yet proved or scored.

    Args:
        blend, board, data, run: what it is made of.
        usual: the usual value of each column, where they are known already.
    """
    table = data.train.table
    if usual is None:
        usual = usual_values(table.schema.columns, data.train.columns)
    manifest = Manifest(
        target=data.target,
        schema=table.schema,
        roles=_roles(data, run),
        layout=data.reading.layout,
        threshold=board.threshold,
        usual=usual,
        tokens=_tokens(blend, table.names),
        metric=board.metric.name,
        lineage={
            "run": run.record.id,
            "source": run.settings.source,
            "data": data.fingerprint,
            "rows": len(data.train.y),
            "test_rows": len(data.test.y),
            "seed": run.settings.seed,
            "plans": [trial.plan.name for _, trial in board.members],
            "plan": msgspec.to_builtins(board.plans()),
            "settings": run.settings.again(),
        },
        mulle=__version__,
        created=run.record.created,
    )
    return package(blend, manifest, data.profile, width=blend.width)


def _tokens(blend: Blend, columns: Sequence[str]) -> dict[str, TokenInput]:
    """Return how the tokens of the columns are made that an encoder of the blend reads."""
    names = output_names(columns, [f"{column} tokens" for column in blend.encoders])
    return {
        column: TokenInput(name, e.about.max_length, e.about.prefix, e.about.name, e.about.licence)
        for name, (column, e) in zip(names, blend.encoders.items(), strict=True)
    }


def _roles(data: Data, run: Run) -> tuple[Column, ...]:
    """Return the columns that the training reads and the model does not."""
    settings, features = run.settings, {*data.train.table.names}
    names = {settings.group, settings.weight, settings.time_column} - features
    return tuple(column for column in data.reading.columns if column.name in names)


def prove_blend(
    model: Model, blend: Blend, data: Data, run: Run, answers: Predictions | None = None
) -> Proof:
    """Prove that the file's graph is the blend, on the test rows and generated ones.

    Args:
        model: of the blend.
        blend, data, run: what is proved, on what, in which run.
        answers: of the model to the test rows, where they are known.

    Raises:
        RunError: the graph and the pipeline disagree; nothing is shipped.
    """
    std = float(data.train.y.std()) if data.target.is_regression else 1.0
    proof = prove(
        model,
        blend,
        data.test.columns,
        data.train.columns,
        std=std,
        seed=run.settings.seed,
        answers=answers,
        stop=lambda seconds: run.budget.left() <= seconds,
    )
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


def measure_blend(
    model: Model,
    blend: Blend,
    board: Leaderboard,
    data: Data,
    run: Run,
    *,
    report: float = 0.0,
    exported: float = 0.0,
) -> Packaged:
    """Prove the model, score the test rows with it, once; then measure all else while time lasts.

    What must be known comes first: scores, latency, importances and a first part of the proof. The
    rest of the proof, the interval and the members take the time that is left after the report's
    share.

    Args:
        model, blend, board, data, run: what is measured.
        report: seconds that writing everything will take.
        exported: seconds that making the model's graph took.

    Raises:
        RunError: the graph and the pipeline disagree.
    """
    run.budget.reserve("finish", 0.0)
    run.budget.reserve("report", report)
    metric, seed, inputs = board.metric, run.settings.seed, data.test.columns
    latency = measure_latency(model, inputs)
    run.decisions.add("latency-measured", **latency._asdict())
    begin = time.perf_counter()
    answers = model.predict_arrays(inputs)
    once = time.perf_counter() - begin

    importances = _importances(model, data, board, run, once)
    proof = prove_blend(model, blend, data, run, answers)
    scored = score(
        model,
        inputs,
        data.test.y,
        with_interval={metric.name},
        seed=seed,
        stop=run.budget.stop,
        predictions=answers,
    )
    whole = Alone(scored[metric.name], latency.p50, len(model.graph))
    alone = once + exported + LATENCY_SECONDS  # seconds of measuring a member alone, at most
    rows = leaderboard_rows(
        model, blend, board, data.test, whole, lambda: run.budget.left() <= alone
    )
    return Packaged(model, proof, board, scored, rows, importances, latency)


def _importances(
    model: Model, data: Data, board: Leaderboard, run: Run, once: float
) -> list[Importance]:
    """Return what each column is worth: on 500 rows where more would take too long.

    Args:
        model, data, board, run: whose columns, on which rows, by which metric, in which run.
        once: seconds of predicting all test rows.
    """
    rows, columns = len(data.test.y), len(data.test.columns)
    share = run.budget.left() * _IMPORTANCES_SHARE
    within = rows <= _MANY_ROWS or once * _MANY_ROWS / rows * columns <= share
    stop, _ = stop_after(share)
    return permutation_importance(
        model.predict_arrays,
        data.test.columns,
        data.test.y,
        board.metric,
        max_rows=_MANY_ROWS if within else _FEW_ROWS,
        random_state=run.settings.seed,
        stop=never if run.budget.seconds is None else stop,
    )


def baseline_of(packaged: Packaged, data: Data, run: Run) -> MonitoringBaseline:
    """Return what the bundle carries for `watch`."""
    board, test = packaged.board, data.test
    baseline = record_baseline(
        packaged.model.manifest,
        (data.profile, data.train.columns, data.train.y),
        (packaged.predictions, test.columns, test.y),
        baseline_score(board.metric.name, packaged.test, len(test.y), board.score),
        [(i.column, i.mean, i.std) for i in packaged.importances],
        time_column=run.settings.time_column or "",
    )
    if (seasons := baseline.seasons) is not None:
        code = "seasons-counted" if seasons.months else "seasons-left-out"
        run.decisions.add(code, column=seasons.column, months=len(seasons.months))
    return baseline
