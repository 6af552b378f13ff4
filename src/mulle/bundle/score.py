"""Score rows with the file itself: the one way for `fit`, `evaluate` and what comes after them.

catalogue  eval-offline
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.errors import DataError
from mulle.metrics import (
    Metric,
    Predictions,
    ScoreInterval,
    bootstrap_score,
    confusion,
    metrics_for,
)
from mulle.table import Table, read_cells

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
    """

    y: Array
    predictions: Predictions
    intervals: dict[str, ScoreInterval]
    labels: Sequence[Any] = ()

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
    """
    chosen = metrics_for(model.manifest.task) if metrics is None else metrics
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


class Labelled(NamedTuple):
    """Rows that have a label, as what a model is fed and what it should predict.

    Attributes:
        inputs: one array [M, 1] a column.
        y: class codes or values [M].
        respelled: labels that were recognised in another case, each with the model's.
    """

    inputs: dict[str, Array]
    y: Array
    respelled: Mapping[str, str]


def read_labelled(model: Model, rows: Any) -> Labelled:
    """Read the rows that have a label.

    Args:
        rows: a Table, or what `mulle.read` takes; rows without a label are left out.

    Raises:
        UnknownName: there is no column with the target's name.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.
    """
    target = model.manifest.target
    cells = rows if isinstance(rows, Table) else read_cells(rows)
    encoded = target.encode(target.column_in(cells.frame), where=cells.source)
    if not len(encoded.rows):
        raise DataError("target-missing", where=cells.source, column=target.name)
    inputs = model.inputs(cells.frame[encoded.rows])
    return Labelled(inputs, encoded.y[encoded.rows], encoded.respelled)


def evaluate(model: Model | str | Path, rows: Any, *, metrics: Sequence[str] = ()) -> Scores:
    """Score a model file on rows whose labels are known.

    Args:
        model: a model, or the path of its file.
        rows: a Table, or what `mulle.read` takes; rows without a label are left out.
        metrics: names of the scores; all of the task if none is given.

    Raises:
        UnknownName: there is no such metric, or no column with the target's name.
        UsageError: a metric is for another task.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.
    """
    from mulle.bundle.model import load

    loaded = load(model) if isinstance(model, str | Path) else model
    wanted = metrics_for(loaded.manifest.task, metrics)
    labelled = read_labelled(loaded, rows)
    return score(loaded, labelled.inputs, labelled.y, wanted)
