"""A bundle, loaded: rows in, labelled predictions out.

Rows are predicted in pieces, so that memory stays small however many there are; pieces are spread
over threads and put together in order, so a prediction does not depend on their number.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.bundle.archive import MODEL, read_bundle, read_hashed, unpack_archive
from mulle.bundle.explanation import Explanation, explain
from mulle.bundle.manifest import Manifest, damaged, graph_labels
from mulle.bundle.token_inputs import token_makers
from mulle.bundle.trial import check_trial
from mulle.errors import PredictionError, UsageError
from mulle.graph import RowPacker, arrays, open_session, run
from mulle.metrics import Predictions, decided
from mulle.table import NewRows, Reading, Table, read_options, rows_of
from mulle.table.read.characters import half_character
from mulle.table.read.frames import as_row, holds_columns
from mulle.table.read.rows import note_differences
from mulle.table.reading import AS_IT_IS

PIECE_ROWS = 1_000  # for more, a graph's matrices leave the cache of a core


class Given(NamedTuple):
    """Rows as the graph takes them.

    Attributes:
        inputs: one array [N, 1] a column.
        empty: which rows were left out and get no answer [N]; None where none was.
        reading: the layout of their file, and what a person should know of it.
    """

    inputs: dict[str, Array]
    empty: Array | None = None
    reading: Reading = AS_IT_IS


class Model:
    """A loaded bundle.

    Attributes:
        manifest: all that is known of the model but its graph.
        classes_: the labels [C], in the order of the probabilities.
        feature_names_in_: the columns that a row must have, in the order of the graph's inputs.

    `predict` and `predict_proba` take a dict, a list of dicts, JSON or CSV text, the path of a
    file, a Polars, pandas or Arrow frame, or a row of a pandas frame.
    """

    def __init__(self, manifest: Manifest, graph: bytes, members: Mapping[str, bytes]) -> None:
        self.manifest = manifest
        self.members = dict(members)
        self.graph = graph
        self._session = open_session(graph)
        self._pack = RowPacker(manifest.schema.columns)
        self._tokens = token_makers(manifest, members)
        labels = graph_labels(manifest.labels)
        self._codes = {label: code for code, label in enumerate(labels)}
        self._codes_as_they_are = labels == list(range(len(labels)))
        self.classes_ = _class_array(manifest.labels) if manifest.labels else None
        self._asked = frozenset(column.name for column in manifest.schema.asked)
        self.feature_names_in_ = np.array(
            [column.name for column in manifest.schema.asked], dtype=object
        )

    def __repr__(self) -> str:
        target, columns = self.manifest.target.name, len(self.feature_names_in_)
        return f"Model(target={target!r}, task={self.manifest.task!r}, columns={columns})"

    @property
    def is_regression(self) -> bool:
        """Whether values are predicted, not classes."""
        return self.manifest.task == "regression"

    def predict(self, rows: Any, *, why: bool = False, reading: Any = None) -> Any:
        """Return the label (or value) of each row [N]; None (or nan) for one that is left out.

        Args:
            rows: see the class.
            why: return instead a list of `Explanation`: the prediction with how it moves as each
                column is replaced by its usual value.
            reading: the layout of a file, where it is not found: see `mulle.read`.

        Raises:
            PredictionError: the rows lack a column, or hold what it cannot hold.
        """
        if why:
            return self.explain(rows, reading=reading)
        scores, codes = self._predictions(rows, reading)
        return scores if codes is None else self._labels(codes)

    def predict_proba(self, rows: Any, *, reading: Any = None) -> Array:
        """Return class probabilities [N, C], the columns in the order of `classes_`.

        Args:
            rows, reading: see `predict`.

        Raises:
            UsageError: the model predicts values.
        """
        if self.is_regression:
            raise UsageError("no-probabilities", column=self.manifest.target.name)
        return self._predictions(rows, reading).scores

    def explain(self, rows: Any, *, reading: Any = None) -> list[Explanation]:
        """Return each row's prediction and how it moves as each column takes its usual value."""
        given = self.given(rows, reading)
        return explain(self.predict_arrays, self.manifest, given.inputs, given.empty)

    def given(self, rows: Any, reading: Any = None) -> Given:
        """Read rows by the notation of the model; only their layout is found.

        Args:
            rows, reading: see `predict`.

        Raises:
            PredictionError: the rows lack a column, or hold what it cannot hold.
        """
        schema = self.manifest.schema
        if isinstance(rows, Table):
            return Given(arrays(schema.validate(rows)), None, rows.reading)
        rows = as_row(rows, self._asked)
        if isinstance(rows, Mapping) and not holds_columns(rows):
            return Given(self._pack(schema.row(rows)))
        if reading is None and (cells := schema.cells(rows)) is not None:
            return Given(self._pack.columns(cells))
        if not isinstance(rows, NewRows):
            rows = rows_of(rows, schema.asked, read_options(reading))
        told = note_differences(rows.reading, rows.columns, schema.known, self.manifest.layout)
        return Given(
            arrays(schema.validate(rows.frame)),
            None if rows.empty is None else rows.empty.to_numpy(),
            told,
        )

    def inputs(self, rows: Any) -> dict[str, Array]:
        """Return rows as the arrays that the graph is fed."""
        return self.given(rows).inputs

    def pack(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
        """Return rows that `schema.row` has read as the arrays that the graph is fed."""
        return self._pack(rows[0]) if len(rows) == 1 else self._pack.many(rows)

    def predict_arrays(self, inputs: Mapping[str, Array]) -> Predictions:
        """Return probabilities [N, C] with the labels' codes [N], or values [N], by the graph.

        Args:
            inputs: one array [N, 1] a column.
        """
        rows = len(next(iter(inputs.values())))
        if not rows:
            return self._no_predictions()
        pieces = _pieces(rows, self.manifest.batch_rows)
        if len(pieces) == 1:
            return self._run(inputs)
        parts = _threads(os.getpid(), os.cpu_count() or 1).map(
            lambda piece: self._run({name: column[piece] for name, column in inputs.items()}),
            pieces,
        )
        return Predictions.concatenate(list(parts))  # in order, whoever is done first

    def with_labels(self, scores: Array) -> Predictions:
        """Return scores that this model gave earlier, with the labels that its graph gave then.

        Args:
            scores: probabilities [N, C] or values [N].
        """
        return decided(scores, self.manifest.threshold)

    def _run(self, inputs: Mapping[str, Array]) -> Predictions:
        try:
            tokens = {make.name: make(inputs[column]) for column, make in self._tokens.items()}
            outputs = run(self._session, {**inputs, **tokens} if tokens else inputs)
        except UnicodeEncodeError as error:
            raise half_character(error, PredictionError) from None
        if self.is_regression:
            return Predictions(outputs[0][:, 0])
        labels, probabilities = outputs
        if self._codes_as_they_are:
            return Predictions(probabilities, labels)
        try:
            codes = [self._codes[label] for label in labels.tolist()]
        except KeyError as error:
            raise damaged("", "label-unknown", str(error)) from None
        return Predictions(probabilities, np.array(codes, np.int64))

    def _predictions(self, rows: Any, reading: Any) -> Predictions:
        given = self.given(rows, reading)
        predictions = self.predict_arrays(given.inputs)
        return predictions if given.empty is None else predictions.without(given.empty)

    def _no_predictions(self) -> Predictions:
        if self.is_regression:
            return Predictions(np.zeros(0))
        return Predictions(np.zeros((0, len(self.manifest.labels))), np.zeros(0, np.int64))

    def _labels(self, codes: Array) -> Array:
        labels = np.asarray(self.classes_)[codes]
        if (codes < 0).any():  # rows that are left out
            labels = labels.astype(object)
            labels[codes < 0] = None
        return labels


def _pieces(rows: int, batch_rows: int) -> list[slice]:
    """Cut rows into pieces that one thread runs: batches, and each batch into pieces again.

    Pieces depend on their place in the batch alone, so rows that are taken in several calls, by
    whole batches, get the same answers to the last bit.
    """
    return [
        slice(begin, min(begin + PIECE_ROWS, batch + batch_rows, rows))
        for batch in range(0, rows, batch_rows)
        for begin in range(batch, min(batch + batch_rows, rows), PIECE_ROWS)
    ]


@cache
def _threads(process: int, count: int) -> ThreadPoolExecutor:
    """Return the threads that run graphs, started once in each process."""
    return ThreadPoolExecutor(count, thread_name_prefix=f"mulle-graph-{process}")


def _class_array(labels: tuple[Any, ...]) -> Array:
    """Return the labels [C]; of mixed types each stays what it is."""
    one_type = len({type(label) for label in labels}) == 1
    return np.array(labels, None if one_type else object)


def load(path: str | Path) -> Model:
    """Load a `.mulle` file, once it was checked and its trial rows answered.

    Raises:
        MissingFile: there is no such file.
        BundleError: it is damaged, not to be trusted, of a newer format, or fails its trial.
    """
    path = Path(path)
    return load_bytes(read_bundle(path), str(path))


def load_bytes(data: bytes, where: str = "") -> Model:
    """Load a bundle from its bytes, once they were checked and its trial rows answered.

    Args:
        data: the bytes of a `.mulle` file.
        where: what errors call it.

    Raises:
        BundleError: it is damaged, not to be trusted, of a newer format, or fails its trial.
    """
    manifest, members = unpack_archive(data, where)
    model = Model(manifest, members[MODEL], members)
    check_trial(model, where)
    return model


class WholeModel(NamedTuple):
    """A loaded model with the very bytes that were checked and asked, and their SHA-256."""

    model: Model
    data: bytes
    sha256: str


def load_whole(path: str | Path, sha256: str = "") -> WholeModel:
    """Load a `.mulle` file together with its bytes, which are read once.

    Args:
        path: the file.
        sha256: checksum that it was registered with; "" where it may be any.

    Raises:
        MissingFile, BundleError: see `load`.
        RunError: it has another checksum.
    """
    data, found = read_hashed(Path(path), sha256)
    return WholeModel(load_bytes(data, str(path)), data, found)


def predict(model: Model | str | Path, rows: Any, *, reading: Any = None) -> Any:
    """Return the label (or value) that a model file predicts for each row [N].

    A row that the layout of a file leaves out (blank, a total) keeps its place: None or nan.

    Args:
        model: a model, or the path of its file.
        rows: a dict, a list of dicts, JSON or CSV text, a path, or a frame of any library.
        reading: the layout of a file, where it is not found: see `mulle.read`.

    Raises:
        PredictionError: the rows lack a column, or hold what it cannot hold.
    """
    loaded = load(model) if isinstance(model, str | Path) else model
    return loaded.predict(rows, reading=reading)
