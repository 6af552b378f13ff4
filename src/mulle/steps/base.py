"""The base class of steps: learned once from columns, then computed alike in Python and ONNX."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import (
    _check_feature_names_in,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import Interval
from mulle.errors import UsageError
from mulle.graph import Matrix, concat_rows, is_symbolic
from mulle.settings import Configured
from mulle.table import Storage

SEED = Interval(int, 0, 2**32 - 1)  # what NumPy takes
_CELLS_AT_ONCE = 1_000_000  # numbers that are computed before the clock is looked at again
_STRINGS_AT_ONCE = 5_000
_CHARACTERS_AT_ONCE = 1_000_000  # of all strings of a part
_LOOKED_AT = 200  # strings whose length is that of the others


class Step(TransformerMixin, Configured, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn transformer whose `compute` is written against the Python array API.

    A subclass gives `learn(x, y, stop)`, which sees NumPy arrays only, and `compute(x)`, which is
    handed NumPy arrays to compute with and `ndonnx` arrays to trace. This class checks shapes and
    types, and computes many rows some at a time.

    Features that are half made are of no use: a step that is to stop raises `TimeUp`, after the
    pass or the column in hand.

    Attributes:
        storage: what the step takes: numbers (float64, NaN for missing), dates or strings.
        per_column: the step takes one column [N, 1]; a block fits one for each of its columns.
        categorical: the results are category codes, not magnitudes.
        native_missing: takes NaN as it is.
        native_sparse: takes CSR matrices.
        uses_target: `learn` needs y.
        keeps_columns: the first results are the columns themselves.
        takes_vectors: in a graph it is handed the vectors of an encoder, see `Embed`.
        ulps: by how many float32 rounding errors, relative to the largest result of a row, the
            graph may differ from Python; 0 is bit for bit. The step says why.
    """

    storage: ClassVar[Storage] = Storage.number
    per_column: ClassVar[bool] = False
    categorical: ClassVar[bool] = False
    native_missing: ClassVar[bool] = True
    native_sparse: ClassVar[bool] = False
    uses_target: ClassVar[bool] = False
    keeps_columns: ClassVar[bool] = False
    takes_vectors: ClassVar[bool] = False
    ulps: ClassVar[int] = 0

    def learn(self, x: Matrix, y: Array | None, stop: Stop = never) -> None:
        """Learn from x of shape [N, K] and, where `uses_target`, from y of shape [N].

        Args:
            x, y: the training rows.
            stop: asked between passes and columns where they take long; `check(stop)` ends it.
        """

    def compute(self, x: Matrix) -> Matrix:
        """Return the features [N, M] of x [N, K], computed with the array API."""
        raise NotImplementedError

    def fit(self, x: Matrix, y: Array | None = None, *, stop: Stop = never) -> Self:
        """Learn from x of shape [N, K].

        Raises:
            InvalidSetting: a setting is out of range, of another type, or no choice.
            TimeUp: `stop` came true.
            ValueError: x is not two-dimensional, empty, or not of the step's storage; y is
                missing where the step needs it.
        """
        self.check_own_settings()
        check(stop)
        x = self._validate(x, reset=True)
        y = self._validate_target(y, x)
        with warnings.catch_warnings():
            # Columns that are constant or all missing: every step has its answer for them.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            self.learn(x, y, stop)
        return self

    def _validate_target(self, y: Array | None, x: Matrix) -> Array | None:
        if not self.uses_target:
            return None
        if y is None:
            raise UsageError("y-missing", owner=type(self).__name__)
        y = column_or_1d(y)
        check_consistent_length(x, y)
        return np.asarray(y)

    def transform(self, x: Matrix, *, stop: Stop = never) -> Matrix:
        """Return the features [N, M] of x [N, K].

        Raises:
            TimeUp: `stop` came true before all rows were done.
        """
        check_is_fitted(self)
        if is_symbolic(x):
            return self.compute(x)
        return self.compute_in_parts(self._validate(x, reset=False), stop=stop)

    def compute_in_parts(self, x: Matrix, *, stop: Stop = never) -> Matrix:
        """Return the same as `compute`, of many rows some at a time, which takes less memory.

        Raises:
            TimeUp: `stop` came true before all rows were done.
        """
        size = self._rows_at_once(x)
        if x.shape[0] <= size:
            return self.compute(x)
        return concat_rows(self._computed(x, size, stop), x.shape[0])

    def _rows_at_once(self, x: Matrix) -> int:
        if self.storage is Storage.number:
            return max(1, _CELLS_AT_ONCE // max(1, int(x.shape[1])))
        return texts_at_once(x) if self.storage is Storage.string else _STRINGS_AT_ONCE

    def _computed(self, x: Matrix, size: int, stop: Stop) -> Iterator[Matrix]:
        for begin in range(0, x.shape[0], size):
            check(stop)
            yield self.compute(x[begin : begin + size])

    def fit_transform(self, x: Matrix, y: Array | None = None, *, stop: Stop = never) -> Matrix:
        """Learn from x [N, K]; return its features [N, M]."""
        return self.fit(x, y, stop=stop).transform(x, stop=stop)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> Array:
        """Return the names of the features [M]; by default those of the columns."""
        check_is_fitted(self)
        return np.asarray(self.names_out(self._names_in(input_features)), dtype=object)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names of the features, given those of the columns."""
        return names

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.native_missing
        tags.input_tags.sparse = self.native_sparse
        tags.target_tags.required = self.uses_target
        return tags

    def _names_in(self, given: Sequence[str] | None) -> list[str]:
        return [str(name) for name in _check_feature_names_in(self, given)]

    def _validate(self, x: Matrix, *, reset: bool) -> Matrix:
        if self.storage is Storage.number:
            return validate_data(
                self,
                x,
                reset=reset,
                dtype=np.float64,
                accept_sparse="csr" if self.native_sparse else False,
                ensure_all_finite="allow-nan" if self.native_missing else True,
            )
        if reset:
            self.n_features_in_ = x.shape[1]
        if x.ndim != 2 or x.shape[1] != self.n_features_in_:
            raise UsageError(
                "shape-mismatch",
                owner=type(self).__name__,
                expected=self.n_features_in_,
                received=str(x.shape),
            )
        return x


def texts_at_once(x: Matrix) -> int:
    """Return how many rows of strings [N] or [N, K] are computed at once: the fewer the longer."""
    seen = x[:: max(1, len(x) // _LOOKED_AT)]
    of_row = sum(map(len, seen.reshape(-1))) / max(1, len(seen))
    return max(1, min(_STRINGS_AT_ONCE, int(_CHARACTERS_AT_ONCE / max(1.0, of_row))))


def class_codes(y: Array) -> Array | None:
    """Return the codes 0, 1, ... [N] of classes [N]; None where the target is real numbers.

    >>> class_codes(np.array([7, 2, 7])).tolist()
    [1, 0, 1]
    """
    if y.dtype.kind == "f":
        return None
    return np.asarray(np.unique(y, return_inverse=True)[1])


def target_columns(y: Array) -> Array:
    """Return values or membership of the second class [N, 1], or memberships [N, C]."""
    codes = class_codes(y)
    if codes is None or codes.max() < 2:
        return np.asarray(y if codes is None else codes, np.float64)[:, None]
    return np.eye(codes.max() + 1)[codes]
