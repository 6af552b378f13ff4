"""A bundle, loaded: rows in, labelled answers out.

Rows are answered in batches, so that memory stays small however many there are; batches are
spread over threads and put together in their order, so an answer does not depend on how many.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle.archive import MODEL, read_archive
from mulle.bundle.manifest import Manifest, damaged, graph_labels
from mulle.bundle.why import Why, explain
from mulle.errors import UsageError
from mulle.graph import RowPacker, arrays, open_session, run
from mulle.table import Table


class Model:
    """What a bundle answers.

    Attributes:
        manifest: all that is known of the model but its graph.
        classes_: the labels [C], in the order of the probabilities.
        feature_names_in_: the columns that a row must have.

    `predict` and `predict_proba` take a dict, a list of dicts, JSON or CSV text, the path of a
    file, or a Polars, pandas or Arrow frame.
    """

    def __init__(self, manifest: Manifest, graph: bytes, members: Mapping[str, bytes]) -> None:
        self.manifest = manifest
        self.members = dict(members)
        self.graph = graph
        self._session = open_session(graph)
        self._pack = RowPacker(manifest.schema.columns)
        self._codes = {label: code for code, label in enumerate(graph_labels(manifest.labels))}
        self._codes_as_they_are = manifest.labels == tuple(range(len(manifest.labels)))
        self.classes_ = _class_array(manifest.labels) if manifest.labels else None
        self.feature_names_in_ = np.array(manifest.schema.names, dtype=object)

    @property
    def is_regression(self) -> bool:
        """Whether values are predicted, not classes."""
        return self.manifest.task == "regression"

    def predict(self, rows: Any, *, why: bool = False) -> Any:
        """The label (or value) of each row [N].

        Args:
            rows: see the class.
            why: give instead a list of `Why`: the answer with how it moves as each column is
                replaced by its usual value.

        Raises:
            PredictionError: the rows lack a column, or hold what it cannot hold.
        """
        if why:
            return self.why(rows)
        scores, chosen = self.answer(self.inputs(rows))
        return scores if chosen is None else self._labels(chosen)

    def predict_proba(self, rows: Any) -> Array:
        """Class probabilities [N, C], the columns in the order of `classes_`.

        Raises:
            UsageError: the model predicts values.
        """
        if self.is_regression:
            raise UsageError("no-probabilities", target=self.manifest.target.name)
        return self.answer(self.inputs(rows))[0]

    def why(self, rows: Any) -> list[Why]:
        """For each row the answer, and how it moves as each column takes its usual value."""
        return explain(self, self.inputs(rows))

    def inputs(self, rows: Any) -> dict[str, Array]:
        """Rows as the arrays that the graph is fed."""
        schema = self.manifest.schema
        if isinstance(rows, Table):
            return arrays(schema.validate(rows.frame))
        if isinstance(rows, Mapping) and not _holds_columns(rows):
            return self._pack(schema.row(rows))
        return arrays(schema.validate_rows(rows))

    def pack(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
        """Rows that `schema.row` has read as the arrays that the graph is fed."""
        return self._pack(rows[0]) if len(rows) == 1 else self._pack.many(rows)

    def answer(self, inputs: Mapping[str, Array]) -> tuple[Array, Array | None]:
        """Probabilities [N, C] and the codes of the labels [N], or values [N] and None."""
        rows, size = len(next(iter(inputs.values()))), self.manifest.batch_rows
        if not rows:
            return self._nothing()
        if rows <= size:
            return self._answer(inputs)
        batches = [
            {name: column[begin : begin + size] for name, column in inputs.items()}
            for begin in range(0, rows, size)
        ]
        with ThreadPoolExecutor(min(len(batches), os.cpu_count() or 1)) as pool:
            parts = list(pool.map(self._answer, batches))  # in order, whoever is done first
        scores = np.concatenate([part[0] for part in parts])
        if self.is_regression:
            return scores, None
        return scores, np.concatenate([part[1] for part in parts if part[1] is not None])

    def _answer(self, inputs: Mapping[str, Array]) -> tuple[Array, Array | None]:
        outputs = run(self._session, inputs)
        if self.is_regression:
            return outputs[0][:, 0], None
        labels, probabilities = outputs
        if self._codes_as_they_are:
            return probabilities, labels
        try:
            codes = [self._codes[label] for label in labels.tolist()]
        except KeyError as error:
            raise damaged(
                "", f"the graph answers {error}, which is not one of its labels"
            ) from None
        return probabilities, np.array(codes, np.int64)

    def _nothing(self) -> tuple[Array, Array | None]:
        """What no rows are answered."""
        if self.is_regression:
            return np.zeros(0), None
        return np.zeros((0, len(self.manifest.labels))), np.zeros(0, np.int64)

    def _labels(self, codes: Array) -> Array:
        return np.asarray(self.classes_)[codes]


def _class_array(labels: tuple[Any, ...]) -> Array:
    """Labels [C]; of mixed types each stays what it is."""
    one_type = len({type(label) for label in labels}) == 1
    return np.array(labels, None if one_type else object)


def _holds_columns(rows: Mapping[str, Any]) -> bool:
    """Whether a dict is a table of columns, rather than one row."""
    return bool(rows) and all(isinstance(v, list | tuple | np.ndarray) for v in rows.values())


def load(path: str | Path) -> Model:
    """Load a `.mulle` file, once it was checked.

    Raises:
        MissingFile: there is no such file.
        BundleError: it is damaged, not to be trusted, or of a newer format.
    """
    manifest, members = read_archive(Path(path))
    return Model(manifest, members[MODEL], members)
