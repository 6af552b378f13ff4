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

SPARE_COLUMNS = 1_000  # that a row may have beside those that are wanted
FEW = 32  # rows that are answered in the loop, without a thread


class Answer(NamedTuple):
    """What the model says of one row.

    Attributes:
        label: the class; None for a regression.
        scores: a probability for each class [C], or the value [1].
    """

    label: bool | int | float | str | None
    scores: list[float]


class LoadedModel:
    """A loaded model with its name and version.

    Attributes:
        name: under which it is served.
        version: a number of the registry, or the first digits of the file's checksum.
        model: the bundle.
        loaded_at: when, in seconds since 1970.
        labels: of the classes [C], in the order of the probabilities; none for a regression.
        names: of the columns that a row must have.
        max_columns: that a row may have.
        input_warnings: tells what a caller should know of rows that were answered.
        tap: called with each batch that was answered, as arrays [n, 1] by column or the cells of
            one row, and its scores.
        label_names: the same as text, for the names of a JSON object.
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
        self.names = frozenset(model.manifest.schema.names)
        self.max_columns = len(model.manifest.schema.columns) + SPARE_COLUMNS
        self._schema = model.manifest.schema
        self.batcher: Batcher[Mapping[str, Any], Answer] = Batcher(self._answer_cells)

    def predict_row(self, row: Mapping[str, Any]) -> asyncio.Future[Answer]:
        """Answer one row, with others that arrive now.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        return self.batcher.submit(self._schema.row(row))

    def read_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row as the model takes it.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        return self._schema.row(row)

    async def predict_rows(self, rows: Any) -> tuple[Array, Array | None]:
        """Probabilities [N, C] and the codes of the labels [N], or values [N] and None.

        Args:
            rows: records, columns, or a frame; see `Schema.validate_rows`.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        if isinstance(rows, Sequence) and len(rows) <= FEW:
            return self._scored(rows)
        return await asyncio.to_thread(self._scored, rows)

    async def explain(self, rows: Any) -> list[Explanation]:
        """For each row how its answer moves as each column takes its usual value."""
        return await asyncio.to_thread(self.model.explain, rows)

    def to_answers(self, scores: Array, codes: Array | None) -> list[Answer]:
        """Arrays as answers."""
        if codes is None:
            return [Answer(None, [value]) for value in scores.tolist()]
        labels = self.labels
        return [
            Answer(labels[code], row)
            for code, row in zip(codes.tolist(), scores.tolist(), strict=True)
        ]

    def warm_up(self) -> None:
        """Answer the usual row once, so that the first caller does not wait for it."""
        self._answer_cells([self._schema.row(example_row(self.model.manifest))])

    def _scored(self, rows: Any) -> tuple[Array, Array | None]:
        inputs = self.model.inputs(rows)
        scores, codes = self.model.predict_arrays(inputs)
        if self.tap:
            self.tap(inputs, scores)
        return scores, codes

    def _answer_cells(self, rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
        inputs = self.model.pack(rows)
        scores, codes = self.model.predict_arrays(inputs)
        if self.tap:
            self.tap(inputs if len(rows) > 1 else rows[0], scores)  # cells are small to keep
        return self.to_answers(np.asarray(scores), codes)
