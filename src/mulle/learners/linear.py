"""Linear models: logistic regression with a softmax, and ridge regression.

catalogue  lin-logistic lin-softmax lin-ridge lin-multi learn-binary learn-multi learn-discrim
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mulle.graph import Array, Matrix
from mulle.learners.base import (
    Classifier,
    Regressor,
    Stop,
    never,
    sigmoid,
    two_columns,
    two_columns_onnx,
)

_ITERATIONS_BETWEEN_LOOKS = 25


class _Linear:
    native_sparse = True
    weights_: Array  # [F, M]
    bias_: Array  # [M]

    def linear(self, x: Matrix) -> Array:
        """x @ weights + bias in float64, [N, M]."""
        return np.asarray(x.astype(np.float64) @ self.weights_) + self.bias_

    def linear_onnx(self, g: Any, x: Any) -> Any:
        """The same in a graph."""
        product = g.matmul(g.cast(x, to=np.float64), g.constant_of(self.weights_))
        return g.add(product, g.constant_of(self.bias_))


class LogisticRegression(_Linear, Classifier):
    """p = softmax(x @ weights + bias), the weights held small by an L2 penalty.

    Args:
        C: inverse strength of the penalty, as in scikit-learn.
        max_iter: iterations of L-BFGS at most.
    """

    def __init__(self, C: float = 1.0, *, max_iter: int = 300) -> None:
        self.C = C
        self.max_iter = max_iter

    def learn(
        self, x: Matrix, y: Array, weight: Array | None, *, stop: Stop = never, **_: Any
    ) -> None:
        """Train by L-BFGS, looking at the clock every few iterations."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression as Solver

        x = x.astype(np.float64)
        if len(self.classes_) == 1:
            self.weights_, self.bias_ = np.zeros((x.shape[1], 1)), np.full(1, np.inf)
            return
        solver = Solver(C=self.C, warm_start=True, max_iter=_ITERATIONS_BETWEEN_LOOKS)
        for _round in range(0, self.max_iter, _ITERATIONS_BETWEEN_LOOKS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                solver.fit(x, y, sample_weight=weight)
            if solver.n_iter_.max() < _ITERATIONS_BETWEEN_LOOKS or stop():
                break
        self.weights_ = np.ascontiguousarray(solver.coef_.T)
        self.bias_ = solver.intercept_

    def scores(self, x: Matrix) -> Array:
        """Class probabilities."""
        from scipy.special import softmax

        linear = self.linear(x)
        if len(self.classes_) == 1:
            return np.ones((len(linear), 1))
        if linear.shape[1] == 1:
            return two_columns(sigmoid(linear[:, 0]))
        return np.asarray(softmax(linear, axis=1))

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Class probabilities."""
        linear = self.linear_onnx(g, x)
        if len(self.classes_) == 1:
            return g.sigmoid(linear)
        if self.weights_.shape[1] == 1:
            return two_columns_onnx(g, g.sigmoid(linear))
        return g.softmax(linear, axis=1)


class Ridge(_Linear, Regressor):
    """y = x @ weights + bias with the penalty alpha * sum(weights^2).

    Args:
        alpha: strength of the penalty.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def learn(self, x: Matrix, y: Array, weight: Array | None, **_: Any) -> None:
        """Solve."""
        from sklearn.linear_model import Ridge as Solver

        solver = Solver(alpha=self.alpha).fit(
            x.astype(np.float64), y.astype(np.float64), sample_weight=weight
        )
        self.weights_ = np.ascontiguousarray(np.atleast_2d(solver.coef_).T)
        self.bias_ = np.atleast_1d(solver.intercept_).astype(np.float64)

    def scores(self, x: Matrix) -> Array:
        """Values."""
        return self.linear(x)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Values."""
        return self.linear_onnx(g, x)
