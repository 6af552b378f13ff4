"""Labels that came with new rows: encoded by the model's target, counted, and scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.bundle import BaselineScore, Model
from mulle.errors import DataError, UnknownName
from mulle.metrics import Predictions
from mulle.profile import months_of
from mulle.profile.seasons import count_months
from mulle.table import Doubt, Table
from mulle.table.labelled import respelled
from mulle.table.read.names import tidy_names
from mulle.table.target import Encoded
from mulle.verbs.watch.performance import Performance, performance
from mulle.verbs.watch.reference import Reference, metric_of
from mulle.verbs.watch.season import score_in_season

MAX_NAMED = 10  # labels in one refusal


@dataclass
class Labels:
    """The labels of the rows of one comparison, as they come in parts.

    Attributes:
        model: the model whose labels they are.
        reference: what the score is compared with.
        unknown: rows by label that the model does not know.
        respelled: labels that were recognised in another case.
    """

    model: Model
    reference: Reference
    unknown: Counter[str] = field(default_factory=Counter)
    respelled: list[Doubt] = field(default_factory=list)
    _known: list[Array] = field(default_factory=list)
    _predicted: list[tuple[Predictions, Array, Array]] = field(default_factory=list)

    def add(self, encoded: Encoded | None) -> Array:
        """Count the labels of further rows; return the known ones as codes or values [M]."""
        if encoded is None:
            return np.array([])
        self.unknown.update(encoded.unknown)
        self.respelled = self.respelled or respelled(self.model.manifest.target, encoded)
        self._known.append(encoded.y[encoded.rows])
        return self._known[-1]

    def add_predictions(self, predictions: Predictions, y: Array, rows: Table) -> None:
        """Keep predictions with their true labels [N] for the score.

        Args:
            predictions, y: of the same rows.
            rows: in the schema of the model; they tell the months.
        """
        seasons, months = self.reference.seasons, np.zeros(len(y), np.int64)
        if seasons is not None and seasons.column in rows.names:
            months = months_of(rows.frame[seasons.column])
        self._predicted.append((predictions, y, months))

    @property
    def known(self) -> Array:
        """Codes or values [M] of all labels that are known."""
        return np.concatenate(self._known) if self._known else np.array([])

    def check(self, where: str) -> None:
        """Refuse labels of which most are unknown to the model.

        Raises:
            DataError: more rows have an unknown label than a known one.
        """
        count, known = sum(self.unknown.values()), len(self.known)
        if count <= known:
            return
        target = self.model.manifest.target
        code = "watch-values-unreadable" if target.is_regression else "watch-labels-unknown"
        raise DataError(
            code, where=where, column=target.name, count=count, rows=count + known,
            received=[label for label, _ in self.unknown.most_common(MAX_NAMED)],
            known=[str(label) for label in target.labels[:MAX_NAMED]],
        )  # fmt: skip

    def score(self) -> list[Performance]:
        """Score the model on the predictions whose labels are known."""
        if not self._predicted:
            return []
        predictions = Predictions.concatenate([p for p, _, _ in self._predicted])
        y, months = (np.concatenate([part[k] for part in self._predicted]) for k in (1, 2))
        known = y >= 0 if y.dtype.kind == "i" else ~np.isnan(y)
        if not known.any():
            return []
        counted = count_months(months[known])
        before, season = score_in_season(self.reference, counted, int(known.sum()))
        metric = metric_of(self.model.manifest)
        if before is None:
            stated = self.model.manifest.scores.get("test", {}).get(metric.name)
            before = None if stated is None else BaselineScore(metric.name, stated)
        positive = self.model.manifest.target.positive
        return [performance(metric, y[known], predictions.take(known), before, positive, season)]


def encode_labels(
    model: Model, frame: pl.DataFrame, column: str | None = None, *, stored: bool = False
) -> Encoded | None:
    """Return the labels of rows as codes or values; None where the rows have none.

    Args:
        model: the model whose labels they are.
        frame: the rows as they were written.
        column: name of the column of labels; that of the model's target if None.
        stored: whether the frame is one of a table that was read before.

    Raises:
        UnknownName: `column` is given, and the rows have no such column.
    """
    target = model.manifest.target.as_stored if stored else model.manifest.target
    if column is not None and column not in frame.columns:
        raise UnknownName("column-unknown", "column", column, frame.columns)
    if column is None and target.name not in tidy_names(frame.columns)[0]:
        return None
    values = target.column_in(frame) if column is None else frame[column]
    if values.null_count() == len(values):
        return None
    return target.encode(values, unknown="missing")
