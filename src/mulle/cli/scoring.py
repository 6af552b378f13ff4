"""A model's scores on rows with known answers, and the limits that they must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulle.errors import DataError, UsageError

if TYPE_CHECKING:
    from mulle.bundle import Model
    from mulle.metrics import Interval, OperatingPoint

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
class Scored:
    """Scores by metric; for classes also the confusion matrix [C, C], rows being the truth.

    `learned_from` says that the table is the very file that the model was trained on.
    """

    table: str
    rows: int
    labels: Sequence[Any]
    scores: dict[str, Interval]
    counts: Any
    y: Any
    answers: Any
    learned_from: bool

    def score(self, metric: str) -> float:
        """One score."""
        return self.scores[metric].score

    def operating_point(self, cost_fp: float, cost_fn: float, min_recall: float) -> OperatingPoint:
        """The cut of least cost on these rows.

        Raises:
            UsageError: there are not two classes.
        """
        from mulle.metrics import choose_threshold

        if len(self.labels) != 2:
            raise UsageError("cut-needs-two-classes")
        return choose_threshold(
            self.y, self.answers, cost_fp=cost_fp, cost_fn=cost_fn, min_recall=min_recall
        )

    def summary(self, chosen: OperatingPoint | None, missed: Sequence[Limit]) -> dict[str, Any]:
        """For machines."""
        return {
            "table": self.table,
            "rows": self.rows,
            "scores": {
                n: {"score": i.score, "interval": [i.low, i.high]} for n, i in self.scores.items()
            },
            "labels": list(self.labels),
            "confusion": None if self.counts is None else self.counts.tolist(),
            "operating_point": chosen,
            "missed": [{"metric": m.metric, "limit": m.value} for m in missed],
        }


def score_rows(model: Model, table: str, names: Sequence[str], limits: Sequence[Limit]) -> Scored:
    """Read rows, answer them with the model file, and score the answers.

    Raises:
        UnknownName: a metric that does not exist, or no column with the target's name.
        UsageError: a metric of another task.
        DataError: no row has an answer, or one has a label that the model does not know.
    """
    from mulle.budget import Budget
    from mulle.files import hash_file
    from mulle.metrics import confusion, interval
    from mulle.table import read_cells

    task = model.manifest.task
    chosen = _metrics(task, [*names, *(limit.metric for limit in limits)] if names else [], limits)
    target = model.manifest.target
    frame, where = read_cells(table)
    encoded = target.encode(target.column_in(frame), where=where)
    y, rows = encoded.y[encoded.rows], encoded.rows
    if not len(rows):
        raise DataError("target-missing", where=where, column=target.name)
    inputs = model.inputs(frame[rows])
    answers, _ = model.answer(inputs)
    budget = Budget(_SECONDS)
    scores = {m.name: interval(m, y, answers, stop=budget.stop) for m in chosen}
    counts = None if model.is_regression else confusion(y, answers).astype(int)
    known = model.manifest.lineage.get("data") == hash_file(Path(table))
    return Scored(table, len(y), model.manifest.labels, scores, counts, y, answers, known)


def _metrics(task: str, names: Sequence[str], limits: Sequence[Limit]) -> list[Any]:
    from mulle.metrics import metric, metrics_for

    known = {m.name: m for m in metrics_for(task)}
    for name in [*names, *(limit.metric for limit in limits)]:
        if metric(name).name not in known:
            raise UsageError("metric-task", name=name, task=task, known=", ".join(list(known)[:8]))
    return [known[n] for n in dict.fromkeys(names)] if names else list(known.values())
