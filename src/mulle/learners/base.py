"""The base classes of learners: scikit-learn estimators that can write themselves as ONNX."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import AnyOf, Choice, Interval
from mulle.graph import Matrix
from mulle.metrics import decide
from mulle.settings import Configured

_CELLS_PER_THREAD = 100_000  # below so many, threads wait for each other longer than they work

SEED = Interval(int, 0, 2**31 - 1)  # what all of the libraries take
THREADS = AnyOf(Choice(-1), Interval(int, 1))


class Held(NamedTuple):
    """Rows held out of training, which stops when their score no longer improves.

    Attributes:
        x: features [N, F].
        y: classes or values [N], in the form that `fit` is handed.
    """

    x: Matrix
    y: Array


def threads(n_jobs: int, cells: int) -> int:
    """Return the number of threads to use: one per 100,000 cells, at most `n_jobs` (-1: all).

    >>> [threads(4, cells) for cells in (700 * 10, 250_000, 10_000_000)]
    [1, 2, 4]
    """
    return max(1, min(n_jobs if n_jobs > 0 else os.cpu_count() or 1, cells // _CELLS_PER_THREAD))


class Learner(Configured, BaseEstimator):  # type: ignore[misc]
    """A predictor trained on float32 features, because float32 is what is served.

    A subclass gives `learn`, and `scores` beside `to_onnx`: the same numbers in float64, class
    probabilities [N, C] or values [N, 1].

    A learner that is to stop ends after the round in hand, with what it has.

    Attributes:
        native_missing: takes NaN as it is.
        native_sparse: takes CSR matrices.
        sparse_in_graph: `to_onnx` takes a `SparseMatrix` too.
        rounds: the setting that counts its rounds; "" where it learns in one go.
        pilot_rounds: so many show what one costs.
        least_rounds: with fewer it is not worth having.
    """

    native_missing: ClassVar[bool] = False
    native_sparse: ClassVar[bool] = False
    sparse_in_graph: ClassVar[bool] = False
    rounds: ClassVar[str] = ""
    pilot_rounds: ClassVar[int] = 1
    least_rounds: ClassVar[int] = 1

    def learn(
        self,
        x: Matrix,
        y: Array,
        weight: Array | None,
        *,
        held: Held | None,
        stop: Stop,
        categorical: Sequence[int],
    ) -> None:
        """Train on x [N, F] and y [N] (class codes 0..C-1, or values)."""
        raise NotImplementedError

    def scores(self, x: Matrix) -> Array:
        """Return probabilities [N, C] or values [N, 1], float64."""
        raise NotImplementedError

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return the same as `scores`, as a graph variable."""
        raise NotImplementedError

    def width(self, features: int) -> int:
        """Return how many numbers the graph holds at most for one row of so many features."""
        return features

    def operations(self) -> float:
        """Return about how many operations answering one row takes."""
        return float(self.n_features_in_)

    def nodes(self) -> int:
        """Return how many nodes of trees its graph holds, about."""
        return 0

    def in_rounds(self, rounds: int) -> dict[str, Any]:
        """Return the settings that make the best of so many rounds."""
        return {}

    def most_rounds(self, rows: int) -> int:
        """Return how many rounds it takes at most to learn from so many rows."""
        return int(getattr(self, self.rounds)) if self.rounds else 1

    def round_weight(self) -> float:
        """Return how many times as long a round takes as with the learner's defaults, about."""
        return 1.0

    def final_params(self, fitted: Sequence[Learner]) -> dict[str, Any]:
        """Return settings for training on all rows, learned from the models of the folds."""
        return {}

    def as_trained(self) -> dict[str, Any]:
        """Return the settings with which the same rows give the same model, whatever the clock."""
        return {}

    def fit(
        self,
        X: Matrix,
        y: Array,
        sample_weight: Array | None = None,
        *,
        held: Held | None = None,
        stop: Stop = never,
        categorical: Sequence[int] = (),
    ) -> Self:
        """Train on features and a target.

        Args:
            X: features [N, F].
            y: classes or values [N].
            sample_weight: weights [N].
            held: rows to stop early on; those of classes that training lacks are left out.
            stop: asked again and again; when true, training ends with what it has.
            categorical: positions of the features that are category codes.

        Raises:
            InvalidSetting: a setting is out of range, of another type, or no choice.
            ValueError: shapes or types do not fit; the sentence is scikit-learn's.
        """
        self.check_own_settings()
        X, y = self._validate(X, y)
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        if held is not None:
            held = self._keep_usable(held)
        self.learn(X, y, weight, held=held, stop=stop, categorical=categorical)
        return self

    def _keep_usable(self, held: Held) -> Held | None:
        return held

    def _validate(self, X: Matrix, y: Array) -> tuple[Matrix, Array]:
        X, y = validate_data(self, X, y, dtype=np.float32, y_numeric=True, **self._checks())
        return X, y

    def _validate_new_rows(self, X: Matrix) -> Matrix:
        check_is_fitted(self)
        return validate_data(self, X, reset=False, dtype=np.float32, **self._checks())

    def _checks(self) -> dict[str, Any]:
        finite = "allow-nan" if self.native_missing else True
        return {
            "accept_sparse": "csr" if self.native_sparse else False,
            "ensure_all_finite": finite,
        }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.native_missing
        tags.input_tags.sparse = self.native_sparse
        return tags


class Classifier(ClassifierMixin, Learner):  # type: ignore[misc]
    """The base class of learners of classes; `classes_` holds them in sorted order."""

    def _validate(self, X: Matrix, y: Array) -> tuple[Matrix, Array]:
        from sklearn.utils.multiclass import check_classification_targets

        X, y = validate_data(self, X, y, dtype=np.float32, **self._checks())
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        return X, codes

    def _keep_usable(self, held: Held) -> Held | None:
        known = np.flatnonzero(np.isin(held.y, self.classes_))
        if not len(known):
            return None
        return Held(held.x[known], np.searchsorted(self.classes_, held.y[known]))

    def predict_proba(self, X: Matrix) -> Array:
        """Return class probabilities [N, C]."""
        return self.scores(self._validate_new_rows(X))

    def predict(self, X: Matrix) -> Array:
        """Return the most probable class of each row [N]; of two equals the second."""
        best = decide(self.predict_proba(X))
        return np.asarray(self.classes_[best])


class Regressor(RegressorMixin, Learner):  # type: ignore[misc]
    """The base class of learners of values."""

    def predict(self, X: Matrix) -> Array:
        """Return the predicted values [N]."""
        return self.scores(self._validate_new_rows(X))[:, 0]


def sigmoid(score: Array) -> Array:
    """Return 1 / (1 + exp(-score)), without overflow."""
    from scipy.special import expit

    return np.asarray(expit(score))


def two_columns(p: Array) -> Array:
    """Return [1 - p, p] of shape [N, 2] from p of shape [N]."""
    return np.column_stack([1.0 - p, p])


def two_columns_onnx(g: Any, p: Any) -> Any:
    """Return [1 - p, p] as a graph variable [N, 2] from p of shape [N, 1]."""
    return g.concat([g.sub(g.constant_of(np.float64(1.0)), p), p], axis=1)
