"""What a step is: learned once from columns, then computed the same in Python and in a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mulle.errors import UsageError
from mulle.graph import Array, Matrix, is_symbolic
from mulle.table import Storage


class Step(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn transformer whose `compute` is written against the Python array API.

    A subclass gives `learn(x, y)`, which sees NumPy arrays only, and `compute(x)`, which is handed
    NumPy arrays to compute with and `ndonnx` arrays to trace. This class checks shapes and types.

    Attributes:
        storage: what the step takes: numbers (float64, NaN for missing), dates or strings.
        per_column: the step takes one column [N, 1]; a block fits one for each of its columns.
        categorical: the results are category codes, not magnitudes.
        uses_target: `learn` needs y.
    """

    storage: ClassVar[Storage] = Storage.number
    per_column: ClassVar[bool] = False
    categorical: ClassVar[bool] = False
    uses_target: ClassVar[bool] = False

    def learn(self, x: Matrix, y: Array | None) -> None:
        """Learn from x of shape [N, K] and, where `uses_target`, from y of shape [N]."""

    def compute(self, x: Matrix) -> Matrix:
        """The transform: [N, K] to [N, M], with the array API."""
        raise NotImplementedError

    def fit(self, x: Matrix, y: Array | None = None) -> Self:
        """Learn from x of shape [N, K].

        Raises:
            ValueError: x is not two-dimensional, empty, or not of the step's storage.
        """
        self.learn(self._checked(x, reset=True), y)
        return self

    def transform(self, x: Matrix) -> Matrix:
        """Compute for x of shape [N, K]."""
        check_is_fitted(self)
        return self.compute(x if is_symbolic(x) else self._checked(x, reset=False))

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> Array:
        """One name for each result; by default those of the columns."""
        check_is_fitted(self)
        return np.asarray(self.names_out(self._names_in(input_features)), dtype=object)

    def names_out(self, names: list[str]) -> list[str]:
        """Names of the results, given those of the columns."""
        return names

    def _names_in(self, given: Sequence[str] | None) -> list[str]:
        if given is not None:
            return [str(n) for n in given]
        return [f"x{i}" for i in range(self.n_features_in_)]

    def _checked(self, x: Matrix, *, reset: bool) -> Matrix:
        if self.storage is Storage.number and not _is_sparse(x):
            return validate_data(
                self, x, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
            )
        if reset:
            self.n_features_in_ = x.shape[1]
        if x.ndim != 2 or x.shape[1] != self.n_features_in_:
            raise UsageError(
                "shape-mismatch",
                f"{type(self).__name__} was handed an array of shape {x.shape}.",
                fix=f"Give an array of shape (rows, {self.n_features_in_}).",
            )
        return x


def _is_sparse(x: Matrix) -> bool:
    return hasattr(x, "tocsr")
