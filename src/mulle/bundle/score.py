"""Score rows with the file itself: the one way for `fit`, `evaluate` and what comes after them.

catalogue  eval-offline
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.graph import arrays
from mulle.metrics import (
    Metric,
    Predictions,
    ScoreInterval,
    bootstrap_score,
    confusion,
    metrics_for,
)
from mulle.table import Labelled, Reading, read_options
from mulle.table import read_labelled as read_rows
from mulle.table.reading import AS_IT_IS

if TYPE_CHECKING:
    from mulle.bundle.model import Model

LEVEL = 0.95


@dataclass(frozen=True)
class Scores:
    """Scores of a model on labelled rows.

    Attributes:
        y: class codes or values [N].
        predictions: of the same rows.
        intervals: by metric, the task's default first; `low` and `high` are nan where there was
            no time, or too few rows, to state them.
        labels: of the classes; empty for values.
        reading: of the rows, with what was left out and what a person should know.
    """

    y: Array
    predictions: Predictions
    intervals: dict[str, ScoreInterval]
    labels: Sequence[Any] = ()
    reading: Reading = AS_IT_IS

    def __repr__(self) -> str:
        values = ", ".join(f"{metric}={value!r}" for metric, value in self.values().items())
        return f"Scores(rows={self.rows}, {values})"

    @property
    def rows(self) -> int:
        """How many rows were scored."""
        return len(self.y)

    def __getitem__(self, metric: str) -> float:
        return self.intervals[metric].score

    def values(self) -> dict[str, float]:
        """Return the scores by metric."""
        return {name: found.score for name, found in self.intervals.items()}

    def confusion(self) -> Array | None:
        """Return rows by true and predicted label [C, C], int64; None for values."""
        if self.predictions.codes is None:
            return None
        return confusion(self.y, self.predictions).astype(np.int64)


def score(
    model: Model,
    inputs: Mapping[str, Array],
    y: Array,
    metrics: Sequence[Metric] | None = None,
    *,
    with_interval: Collection[str] | None = None,
    seed: int = 0,
    stop: Stop = never,
    predictions: Predictions | None = None,
) -> Scores:
    """Predict labelled rows with a model file and score its predictions.

    Labels are the graph's own.

    Args:
        inputs: one array [N, 1] a column.
        y: class codes or values [N].
        metrics: which scores; all of the task if not given.
        with_interval: names of the metrics that get a 95 % interval; all if not given.
        seed: of the resamples.
        stop: asked before each resample.
        predictions: of the rows by the model, where they are known already.
    """
    chosen = metrics_for(model.manifest.task) if metrics is None else metrics
    if predictions is None:
        predictions = model.predict_arrays(inputs)
    found: dict[str, ScoreInterval] = {}
    for metric in chosen:
        if with_interval is None or metric.name in with_interval:
            found[metric.name] = bootstrap_score(
                metric, y, predictions, level=LEVEL, random_state=seed, stop=stop
            )
        else:
            score = metric.score(y, predictions)
            found[metric.name] = ScoreInterval(score, np.nan, np.nan, LEVEL, 0)
    return Scores(y, predictions, found, model.manifest.labels)


def read_labelled(model: Model, rows: Any, reading: Any = None) -> Labelled:
    """Read the rows that have a label.

    Args:
        rows: a Table, or what `mulle.read` takes; rows without a label are left out, and named in
            the reading of the rows.
        reading: the layout of a file, where it is not found: see `mulle.read`.

    Raises:
        UnknownName: there is no column with the target's name.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.
    """
    manifest, options = model.manifest, read_options(reading)
    return read_rows(rows, manifest.schema, manifest.target, options, manifest.layout)


def evaluate(
    model: Model | str | Path, rows: Any, *, metrics: Sequence[str] = (), reading: Any = None
) -> Scores:
    """Score a model file on rows whose labels are known.

    Args:
        model: a model, or the path of its file.
        rows: a Table, or what `mulle.read` takes; rows without a label are left out, and named in
            the reading of the scores.
        metrics: names of the scores; all of the task if none is given.
        reading: the layout of a file, where it is not found: see `mulle.read`.

    Raises:
        UnknownName: there is no such metric, or no column with the target's name.
        UsageError: a metric is for another task.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.
    """
    from mulle.bundle.model import load

    loaded = load(model) if isinstance(model, str | Path) else model
    wanted = metrics_for(loaded.manifest.task, metrics)
    labelled = read_labelled(loaded, rows, reading)
    scores = score(loaded, arrays(labelled.table), labelled.y, wanted)
    return replace(scores, reading=labelled.table.reading)
