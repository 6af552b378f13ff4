"""A model's scores on labelled rows, and the limits that they must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulle.errors import UsageError

if TYPE_CHECKING:
    from mulle.bundle import Manifest, Model, Scores
    from mulle.metrics import OperatingPoint
    from mulle.table import Reading

_SECONDS = 10.0  # for intervals; a score whose turn comes later stands alone


@dataclass(frozen=True)
class Limit:
    """A limit of a score: a floor (`least`), or else a ceiling."""

    metric: str
    value: float
    least: bool

    def holds(self, score: float) -> bool:
        """Return whether a score keeps within the limit; an unknown one (nan) does not."""
        return score >= self.value if self.least else score <= self.value


def gates(least: Mapping[str, float], most: Mapping[str, float]) -> list[Limit]:
    """Return the limits, each the right way round.

    Raises:
        UnknownName: no such metric.
        UsageError: a floor for an error, or a ceiling for a score.
    """
    from mulle.metrics import metric

    limits = [Limit(name, value, True) for name, value in least.items()]
    limits += [Limit(name, value, False) for name, value in most.items()]
    for limit in limits:
        if metric(limit.metric).greater_is_better != limit.least:
            code = "gate-needs-max" if limit.least else "gate-needs-min"
            raise UsageError(code, metric=limit.metric, value=limit.value)
    return limits


@dataclass(frozen=True)
class Evaluation:
    """Scores of a model on the labelled rows of a file.

    Attributes:
        table: the file.
        scores: see `mulle.bundle.Scores`.
        manifest: of the model.
        learned_from: whether the file is the very one that the model was trained on.
        respelled: labels of the file that were recognised in another case, as the model's.
        reading: of the file, with what was left out and what a person should know.
    """

    table: str
    scores: Scores
    manifest: Manifest
    learned_from: bool
    respelled: Mapping[str, str]
    reading: Reading

    @property
    def positive(self) -> Any:
        """The positive one of two labels; None for other tasks."""
        return self.manifest.target.positive

    @property
    def threshold(self) -> float | None:
        """From which probability the model predicts it; None for other tasks."""
        return None if self.positive is None else self.manifest.threshold

    def operating_point(self, cost_fp: float, cost_fn: float, min_recall: float) -> OperatingPoint:
        """Return the threshold of least cost on these rows.

        Raises:
            UsageError: there are not two classes.
        """
        from mulle.metrics import choose_threshold

        if self.positive is None:
            raise UsageError("cut-needs-two-classes", task=self.manifest.task)
        p = self.scores.predictions.scores
        return choose_threshold(
            self.scores.y, p, cost_fp=cost_fp, cost_fn=cost_fn, min_recall=min_recall
        )

    def summary(self, chosen: OperatingPoint | None, missed: Sequence[Limit]) -> dict[str, Any]:
        """Return the evaluation as plain data."""
        counts = self.scores.confusion()
        return {
            "table": self.table,
            "rows": self.scores.rows,
            "scores": {
                name: {"score": i.score, "interval": [i.low, i.high]}
                for name, i in self.scores.intervals.items()
            },
            "labels": list(self.scores.labels),
            "positive": self.positive,
            "threshold": self.threshold,
            "confusion": None if counts is None else counts.tolist(),
            "operating_point": chosen,
            "respelled": dict(self.respelled),
            "missed": [{"metric": m.metric, "limit": m.value} for m in missed],
        }


def evaluate_rows(
    model: Model, table: str, names: Sequence[str], limits: Sequence[Limit], reading: Any = None
) -> Evaluation:
    """Read labelled rows, predict them with the model file, and score the predictions.

    Args:
        table: a file with the target's column.
        names: of metrics; all of the task if empty.
        limits: whose metrics are scored in any case.
        reading: the layout of the file, where it is not found: see `mulle.read`.

    Raises:
        UnknownName: a metric that does not exist, or no column with the target's name.
        UsageError: a metric of another task.
        DataError: no row has a label, or one has a label that the model does not know.
    """
    from mulle.budget import Budget
    from mulle.bundle import read_labelled, score
    from mulle.files import hash_file
    from mulle.graph import arrays
    from mulle.metrics import metrics_for

    manifest = model.manifest
    asked = [limit.metric for limit in limits]
    metrics_for(manifest.task, asked)
    wanted = [*names, *asked] if names else []
    metrics = metrics_for(manifest.task, wanted)
    labelled = read_labelled(model, table, reading)
    inputs = arrays(labelled.table)
    scores = score(model, inputs, labelled.y, metrics, stop=Budget(_SECONDS).stop)
    file = Path(table)
    known = file.is_file() and manifest.lineage.get("data") == hash_file(file)
    respelled = labelled.encoded.respelled
    return Evaluation(table, scores, manifest, known, respelled, labelled.table.reading)
