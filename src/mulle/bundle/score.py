"""Score rows with the file itself: the one way for `fit`, `evaluate` and what comes after them.

catalogue  eval-offline
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    metric_for,
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


def read_labelled(model: Model, rows: Any) -> tuple[dict[str, Array], Array]:
    """Read rows that have a label as what a model is fed and what it should predict.

    Args:
        rows: a Table, or what `mulle.read` takes; rows without a label are left out.

    Returns:
        One array [M, 1] a column; class codes or values [M].

    Raises:
        UnknownName: there is no column with the target's name.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.
    """
    target = model.manifest.target
    frame, where = (rows.frame, rows.source) if isinstance(rows, Table) else read_cells(rows)
    encoded = target.encode(target.column_in(frame), where=where)
    if not len(encoded.rows):
        raise DataError("target-missing", where=where, column=target.name)
    return model.inputs(frame[encoded.rows]), encoded.y[encoded.rows]


def evaluate(
    model: Model | str | Path,
    rows: Any,
    *,
    metrics: Sequence[str] | None = None,
    seed: int = 0,
    stop: Stop = never,
) -> Scores:
    """Score a model on labelled rows, with 95 % intervals.

    Args:
        model: a bundle or its path.
        rows: a Table, or what `mulle.read` takes, with the target's column.
        metrics: names of the scores, such as `f1` or `rmse`; all of the task if not given.
        seed: of the resamples of the intervals.
        stop: asked before each resample.

    Returns:
        The scores: `scores["f1"]`, `.intervals`, `.confusion()`, `.predictions`.

    Raises:
        UnknownName: a metric that does not exist, or no column with the target's name.
        UsageError: a metric of another task.
        DataError: no row has a label, or one has a label that the model does not know.
        PredictionError: a column is missing, or holds what it cannot hold.

    >>> import mulle
    >>> scores = mulle.evaluate("titanic.mulle", "later.csv")  # doctest: +SKIP
    """
    from mulle.bundle.model import load

    model = load(model) if isinstance(model, str | Path) else model
    chosen = _metrics_of(model.manifest.task, metrics)
    inputs, y = read_labelled(model, rows)
    return score(model, inputs, y, chosen, seed=seed, stop=stop)


def _metrics_of(task: str, names: Sequence[str] | None) -> list[Metric]:
    if names is None:
        return list(metrics_for(task))
    return [metric_for(task, name) for name in dict.fromkeys(names)]
