"""One version of one model, loaded and answering."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.bundle import Explanation, Model, example_row
from mulle.bundle.explanation import explain
from mulle.metrics import Predictions
from mulle.verbs.serve.http.limits import FEW_ROWS, SPARE_COLUMNS, check_columns
from mulle.verbs.serve.http.threads import MODELS
from mulle.verbs.serve.models.batcher import Batcher
from mulle.verbs.serve.models.input_warnings import InputWarnings

STEP_ROWS = 10_000  # between two looks at the clock


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
        image_column: the one column that is asked for, where it is of images; "" if not.
        input_warnings: finds warnings about rows that were answered.
        tap: called with each batch that was answered, as arrays [n, 1] by column or the cells of
            one row, and its scores; None while nothing listens.
        batcher: collects rows that are answered together.
    """

    def __init__(self, name: str, version: str, model: Model, path: str = "") -> None:
        self.name, self.version, self.model, self.path = name, version, model, path
        self.loaded_at = time.time()
        self.labels = list(model.manifest.labels)
        self.label_names = model.manifest.label_names
        self.input_warnings = InputWarnings(model)
        self.tap: Callable[[Mapping[str, Any], Array], None] | None = None
        self.names = frozenset(column.name for column in model.manifest.schema.asked)
        self.max_columns = len(model.manifest.schema.columns) + SPARE_COLUMNS
        asked = model.manifest.schema.asked
        lone = len(asked) == 1 and asked[0].notation.form == "pixels"
        self.image_column = asked[0].name if lone else ""
        self._schema = model.manifest.schema
        self.batcher: Batcher[Mapping[str, Any], Answer] = Batcher(self._answer_cells)

    def predict_row(self, row: Mapping[str, Any]) -> asyncio.Future[Answer]:
        """Answer one row, together with others that arrive now.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            HTTPError: the row has far too many columns (422).
        """
        return self.batcher.submit(self._read_row(row))

    async def predict_rows(self, rows: Any, until: float = math.inf) -> tuple[Array, Array | None]:
        """Answer many rows.

        Args:
            rows: records, columns, or a frame; see `Schema.validate_rows`.
            until: when the model is to run no more, by the monotonic clock.

        Returns:
            Probabilities [N, C] and codes of the labels [N], or values [N] and None; nan and -1 for
            a row that is left out.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            HTTPError: the rows have far too many columns (422).
            TimeoutError: the moment has come.
        """
        if isinstance(rows, Sequence) and len(rows) <= FEW_ROWS:
            return self._scored(rows, until)
        return await MODELS.run(self._scored, rows, until)

    async def explain_rows(self, rows: Any, until: float) -> list[Explanation]:
        """Return for each row how its answer moves as each column takes its usual value.

        Args:
            rows: see `predict_rows`.
            until: when the model is to run no more, by the monotonic clock.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
            TimeoutError: the moment has come.
        """
        return await MODELS.run(self._explained, rows, until)

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

    def _read_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row as the graph takes it, so that it cannot fail for others' rows."""
        check_columns(len(row), self.max_columns)
        return self._schema.row(row)

    def _check_rows(self, rows: Any) -> None:
        """Refuse a row that lacks a column; in a table of all rows the gap would be a null."""
        if not isinstance(rows, list):
            check_columns(len(rows.columns), self.max_columns)
            return
        for row in rows:
            check_columns(len(row), self.max_columns)
            if not self.names <= row.keys():
                self._schema.row(row)

    def _explained(self, rows: Any, until: float) -> list[Explanation]:
        given = self.model.given(rows)
        predict = partial(self._predicted, until=until)
        return explain(predict, self.model.manifest, given.inputs, given.empty)

    def _predicted(self, inputs: Mapping[str, Array], until: float) -> Predictions:
        """Run the model on whole batches, some thousand rows at a time, while there is time.

        Raises:
            TimeoutError: there is none left.
        """
        rows = len(next(iter(inputs.values())))
        batch = self.model.manifest.batch_rows
        size = batch * max(1, STEP_ROWS // batch)
        parts = []
        for begin in range(0, max(rows, 1), size):
            if time.monotonic() > until:
                raise TimeoutError
            part = (
                inputs if rows <= size else {n: c[begin : begin + size] for n, c in inputs.items()}
            )
            parts.append(self.model.predict_arrays(part))
        return parts[0] if len(parts) == 1 else Predictions.concatenate(parts)

    def _scored(self, rows: Any, until: float) -> tuple[Array, Array | None]:
        self._check_rows(rows)
        inputs, empty, _ = self.model.given(rows)
        predictions = self._predicted(inputs, until)
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
