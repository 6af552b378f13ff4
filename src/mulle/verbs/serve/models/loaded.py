"""One version of one model, loaded and answering."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.bundle import Explanation, Model, example_row
from mulle.verbs.serve.models.batcher import Batcher
from mulle.verbs.serve.models.input_warnings import InputWarnings

SPARE_COLUMNS = 1_000  # columns that a row may have beside those of the model
FEW = 32  # rows that are answered in the event loop, without a thread


class Answer(NamedTuple):
    """The prediction for one row.

    Attributes:
        label: label of the class; None for a regression, and for a row that is left out.
        scores: probability of each class [C], or the value [1].
    """

    label: bool | int | float | str | None
    scores: list[float]


class LoadedModel:
    """A loaded model with its name and version.

    Args:
        name: name under which it is served.
        version: version in the registry, or the first digits of the file's checksum.
        model: the bundle.
        path: path of the bundle.

    Attributes:
        name: name under which it is served.
        version: version in the registry, or the first digits of the file's checksum.
        model: the bundle.
        path: path of the bundle.
        loaded_at: time of loading, in seconds since 1970.
        labels: labels of the classes [C], in the order of the probabilities; none for a regression.
        label_names: the labels as text, for the names of a JSON object.
        names: names of the columns that a row must have.
        max_columns: number of columns that a row may have.
        input_warnings: finds warnings about rows that were answered.
        tap: called with each batch that was answered, as arrays [n, 1] by column or the cells of
            one row, and its scores; None while nothing listens.
        batcher: collects rows that are answered together.
    """

    def __init__(self, name: str, version: str, model: Model, path: str = "") -> None:
        self.name, self.version, self.model, self.path = name, version, model, path
        self.loaded_at = time.time()
        self.labels = list(model.manifest.labels)
        self.label_names = [
            str(label).lower() if isinstance(label, bool) else str(label) for label in self.labels
        ]
        self.input_warnings = InputWarnings(model)
        self.tap: Callable[[Mapping[str, Any], Array], None] | None = None
        self.names = frozenset(column.name for column in model.manifest.schema.asked)
        self.max_columns = len(model.manifest.schema.columns) + SPARE_COLUMNS
        self._schema = model.manifest.schema
        self.batcher: Batcher[Mapping[str, Any], Answer] = Batcher(self._answer_cells)

    def predict_row(self, row: Mapping[str, Any]) -> asyncio.Future[Answer]:
        """Answer one row, together with others that arrive now.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        return self.batcher.submit(self._schema.row(row))

    def read_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row as the model takes it.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        return self._schema.row(row)

    async def predict_rows(self, rows: Any) -> tuple[Array, Array | None]:
        """Answer many rows.

        Args:
            rows: records, columns, or a frame; see `Schema.validate_rows`.

        Returns:
            Probabilities [N, C] and codes of the labels [N], or values [N] and None; nan and -1 for
            a row that is left out.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        if isinstance(rows, Sequence) and len(rows) <= FEW:
            return self._scored(rows)
        return await asyncio.to_thread(self._scored, rows)

    async def explain(self, rows: Any) -> list[Explanation]:
        """Return for each row how its answer moves as each column takes its usual value."""
        return await asyncio.to_thread(self.model.explain, rows)

    def to_answers(self, scores: Array, codes: Array | None) -> list[Answer]:
        """Return arrays, as `predict_rows` returns them, as answers."""
        if codes is None:
            return [Answer(None, [value]) for value in scores.tolist()]
        labels = self.labels
        return [
            Answer(labels[code] if code >= 0 else None, row)
            for code, row in zip(codes.tolist(), scores.tolist(), strict=True)
        ]

    def warm_up(self) -> None:
        """Answer the usual row once, so that the first caller does not wait for it."""
        self._answer_cells([self._schema.row(example_row(self.model.manifest))])

    def _scored(self, rows: Any) -> tuple[Array, Array | None]:
        inputs, empty, _ = self.model.given(rows)
        predictions = self.model.predict_arrays(inputs)
        if self.tap:
            self._listen(inputs, predictions.scores, empty)
        return predictions if empty is None else predictions.without(empty)

    def _listen(self, inputs: Mapping[str, Array], scores: Array, empty: Array | None) -> None:
        if empty is not None:
            inputs = {name: column[~empty] for name, column in inputs.items()}
            scores = scores[~empty]
        if self.tap and len(scores):
            self.tap(inputs, scores)

    def _answer_cells(self, rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
        inputs = self.model.pack(rows)
        scores, codes = self.model.predict_arrays(inputs)
        if self.tap:
            self.tap(inputs if len(rows) > 1 else rows[0], scores)  # cells are small to keep
        return self.to_answers(np.asarray(scores), codes)
