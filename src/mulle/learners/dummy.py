"""The baseline that every model must beat: the class shares, or the mean, for every row."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph import Matrix
from mulle.learners.base import Classifier, Regressor


class _Dummy:
    native_missing = True
    native_sparse = True
    answer_: Array

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        kind = tags.classifier_tags or tags.regressor_tags
        kind.poor_score = True
        return tags

    def scores(self, x: Matrix) -> Array:
        """Return the same prediction for every row."""
        return np.repeat(self.answer_, x.shape[0], axis=0)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return the prediction, expanded to as many rows as there are."""
        rows = g.slice(g.shape(x), g.constant_of(np.array([0])), g.constant_of(np.array([1])))
        size = g.concat([rows, g.constant_of(np.array([self.answer_.shape[1]]))], axis=0)
        return g.expand(g.constant_of(self.answer_), size)


class DummyClassifier(_Dummy, Classifier):
    """Predict the class shares of the training rows for every row."""

    def learn(self, x: Matrix, y: Array, weight: Array | None, **_: Any) -> None:
        """Learn the shares."""
        counts = np.bincount(y, weights=weight, minlength=len(self.classes_))
        self.answer_ = (counts / counts.sum())[None, :].astype(np.float64)


class DummyRegressor(_Dummy, Regressor):
    """Predict the mean of the training rows for every row."""

    def learn(self, x: Matrix, y: Array, weight: Array | None, **_: Any) -> None:
        """Learn the mean."""
        self.answer_ = np.array([[np.average(y, weights=weight)]], np.float64)
