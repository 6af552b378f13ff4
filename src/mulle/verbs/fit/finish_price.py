"""What the stages after the search cost: export, proof, latency, importances, report, writing.

The cheapest model there is, the baseline, is exported and asked before the search: so the tools
are loaded, and what each column costs in a graph is known. What a blend costs beyond that follows
from its size, by how long its members took to answer while they were tried.

catalogue  tune-loop
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from mulle.bundle import Manifest, package, usual_values
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.data import MAX_TEST_ROWS, Data
from mulle.verbs.fit.pipeline import Pipeline, Scaling
from mulle.verbs.fit.plan import Plan

LATENCY_SECONDS = 0.35  # that the latency of a model takes to measure, at most
_SAMPLE_ROWS = 500
_MANY_COLUMNS = 300  # of which an export takes longer than loading its tools
_LEAST = 0.2  # seconds
_REPORT = 0.7  # of a report without columns, of writing and of leaving
_REPORT_A_COLUMN = 0.0004
_REPORT_A_CELL = 1e-7
_LEAVING, _LEAVING_A_COLUMN = 0.3, 0.0003  # of these, once the bundle is written
_A_NODE = 4e-6  # seconds of writing a node of a tree into a graph and opening it
_EXPORTS = 2  # a graph is made once and opened twice
_GRAPH = 1.5  # times as long as in Python answers a graph, at worst about
_IMPORTANCES_MOST = 0.1  # of the promise
_ENCODER_OPENED = 5.0  # seconds, of writing and opening a graph with an encoder
_SURE = 1.15  # times as long as expected


def leaving_seconds(columns: int) -> float:
    """Return what is left once the bundle is written: the report, its file, the way out."""
    return _LEAVING + _LEAVING_A_COLUMN * columns


@dataclass(frozen=True)
class FinishPrice:
    """Seconds of the stages after the search.

    Attributes:
        export: of a graph that reads the columns and computes nothing.
        answers: of its answers to 500 rows.
        columns: how many there are.
        usual: the usual value of each column, which is the same for all models; None where it was
            not looked for.
        slowness: by how much the clock runs faster than this process computes, beside others.
    """

    export: float = 0.0
    answers: float = 0.0
    columns: int = 0
    usual: dict[str, Any] | None = None
    slowness: float = 1.0

    @classmethod
    def measure(cls, plan: Plan, data: Data) -> FinishPrice:
        """Export a model that always gives the same answer, and ask it.

        Args:
            plan: of the baseline.
            data: of the run.
        """
        columns = {name: c[:_SAMPLE_ROWS] for name, c in data.train.columns.items()}
        y = data.train.y[:_SAMPLE_ROWS]
        preparation = plan.preparation()
        learner = plan.estimator(regression=data.target.is_regression, n_jobs=1, seed=0)
        learner.fit(preparation.fit_transform(columns, y), y)
        pipeline = Pipeline(plan.name, data.target, preparation, learner, Scaling(y, data.target))
        manifest = Manifest(data.target, data.train.table.schema)
        whole, computed = time.perf_counter(), time.process_time()
        begin = time.perf_counter()
        model = package(pipeline, manifest)
        exported = time.perf_counter() - begin
        if len(columns) <= _MANY_COLUMNS:  # the first export loads what later ones have
            begin = time.perf_counter()
            model = package(pipeline, manifest)
            exported = time.perf_counter() - begin
        begin = time.perf_counter()
        model.predict_arrays(columns)
        answered = time.perf_counter() - begin
        usual = usual_values(data.train.table.schema.columns, data.train.columns)
        slowness = (time.perf_counter() - whole) / max(time.process_time() - computed, 1e-3)
        return cls(exported, answered, len(columns), usual, max(1.0, slowness))

    def report(self, data: Data) -> float:
        """Return the seconds of the report, and of writing all files."""
        cells = len(data.train.y) * self.columns
        known = _REPORT + _REPORT_A_COLUMN * self.columns + _REPORT_A_CELL * cells
        return self.slowness * known + self.export

    def of(self, board: Leaderboard, data: Data, promised: float) -> float:
        """Return the seconds of all that comes after training the blend on all rows.

        Args:
            board: with the blend so far.
            data: of the run.
            promised: seconds of the whole run.
        """
        members = [trial for _, trial in board.members]
        nodes = sum(trial.nodes for trial in members)
        export = self.export + self.slowness * _A_NODE * nodes
        tested = min(len(data.test.y), MAX_TEST_ROWS)
        a_row = sum(trial.seconds_a_row for trial in members)
        answers = a_row * (_GRAPH * tested + (1 + _GRAPH) * 2 * _SAMPLE_ROWS)
        importances = self.columns * (self.answers + _GRAPH * a_row * _SAMPLE_ROWS)
        importances = min(importances, _IMPORTANCES_MOST * promised)
        seconds = _EXPORTS * export + answers + importances + LATENCY_SECONDS
        if data.seconds_a_text:  # its graph is opened, and reads test rows and generated ones
            read = tested + 2 * _SAMPLE_ROWS
            seconds += _ENCODER_OPENED + _GRAPH * data.seconds_a_text * read
        return _LEAST + _SURE * (seconds + self.report(data))
