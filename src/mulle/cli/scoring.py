"""A model's scores on rows with known answers, and the limits that they must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulle.errors import UsageError

if TYPE_CHECKING:
    from mulle.bundle import Model, Scores
    from mulle.metrics import OperatingPoint

_SECONDS = 10.0  # for intervals; a score whose turn comes later stands alone


@dataclass(frozen=True)
class Limit:
    """A score that must be reached (`least`) or not be passed."""

    metric: str
    value: float
    least: bool

    @property
    def wanted(self) -> str:
        """In words."""
        return f"at {'least' if self.least else 'most'} {self.value:g} was wanted"

    def holds(self, score: float) -> bool:
        """Whether a score keeps it; one that cannot be said (nan) does not."""
        return score >= self.value if self.least else score <= self.value


def gates(least: Mapping[str, float], most: Mapping[str, float]) -> list[Limit]:
    """Limits, each the right way round.

    Raises:
        UnknownName: no such metric.
        UsageError: a floor for an error, or a ceiling for a score.
    """
    from mulle.metrics import metric

    limits = [Limit(name, value, True) for name, value in least.items()]
    limits += [Limit(name, value, False) for name, value in most.items()]
    for limit in limits:
        if metric(limit.metric).greater_is_better != limit.least:
            better, option = ("less", "--max") if limit.least else ("more", "--min")
            raise UsageError(
                "gate-wrong-way",
                metric=limit.metric,
                better=better,
                option=option,
                value=limit.value,
            )
    return limits


@dataclass(frozen=True)
class Evaluation:
    """Scores of a model on the labelled rows of a file.

    Attributes:
        table: the file.
        scores: see `mulle.bundle.Scores`.
        positive: the positive one of two labels; None for other tasks.
        learned_from: whether the file is the very one that the model was trained on.
    """

    table: str
    scores: Scores
    positive: Any
    learned_from: bool

    def operating_point(self, cost_fp: float, cost_fn: float, min_recall: float) -> OperatingPoint:
        """Return the threshold of least cost on these rows.

        Raises:
            UsageError: there are not two classes.
        """
        from mulle.metrics import choose_threshold

        if self.positive is None:
            raise UsageError("cut-needs-two-classes")
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
            "confusion": None if counts is None else counts.tolist(),
            "operating_point": chosen,
            "missed": [{"metric": m.metric, "limit": m.value} for m in missed],
        }


def evaluate_rows(
    model: Model, table: str, names: Sequence[str], limits: Sequence[Limit]
) -> Evaluation:
    """Read labelled rows, predict them with the model file, and score the predictions.

    Args:
        table: a file with the target's column.
        names: of metrics; all of the task if empty.
        limits: whose metrics are scored in any case.

    Raises:
        UnknownName: a metric that does not exist, or no column with the target's name.
        UsageError: a metric of another task.
        DataError: no row has a label, or one has a label that the model does not know.
    """
    from mulle.budget import Budget
    from mulle.bundle import read_labelled, score
    from mulle.files import hash_file

    manifest = model.manifest
    wanted = [*names, *(limit.metric for limit in limits)] if names else []
    metrics = _metrics(manifest.task, wanted, limits)
    inputs, y = read_labelled(model, table)
    scores = score(model, inputs, y, metrics, stop=Budget(_SECONDS).stop)
    known = manifest.lineage.get("data") == hash_file(Path(table))
    return Evaluation(table, scores, manifest.target.positive, known)


def _metrics(task: str, names: Sequence[str], limits: Sequence[Limit]) -> list[Any]:
    from mulle.metrics import metric, metrics_for

    known = {m.name: m for m in metrics_for(task)}
    for name in [*names, *(limit.metric for limit in limits)]:
        if metric(name).name not in known:
            raise UsageError("metric-task", name=name, task=task, known=", ".join(list(known)[:8]))
    return [known[n] for n in dict.fromkeys(names)] if names else list(known.values())
