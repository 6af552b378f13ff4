"""Linear models: logistic regression with a softmax, and ridge regression.

catalogue  lin-logistic lin-softmax lin-ridge lin-multi learn-binary learn-multi learn-discrim
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval, Optional
from mulle.graph import Matrix, SparseMatrix
from mulle.learners.base import (
    Classifier,
    Regressor,
    sigmoid,
    two_columns,
    two_columns_onnx,
)
from mulle.learners.logistic_loss import LogisticLoss, minimize_loss
from mulle.settings import Parameters

_MAX_FEATURES_FOR_GCV = 2_000
_ALPHAS = np.logspace(-2, 5, 15)


class _Linear:
    native_sparse = True
    sparse_in_graph = True
    weights_: Array  # [F, M]
    bias_: Array  # [M]

    def linear(self, x: Matrix) -> Array:
        """Return x @ weights + bias in float64, [N, M]."""
        return np.asarray(x.astype(np.float64) @ self.weights_) + self.bias_

    def operations(self) -> float:
        """Return the products of a row."""
        return float(self.weights_.size)

    def linear_onnx(self, g: Any, x: Any) -> Any:
        """Return the same as `linear`, as a graph variable."""
        if isinstance(x, SparseMatrix):
            product = x.matmul(self.weights_)
        else:
            product = g.matmul(g.cast(x, to=np.float64), g.constant_of(self.weights_))
        return g.add(product, g.constant_of(self.bias_))


class LogisticRegression(_Linear, Classifier):
    """Learn classes: p = softmax(x @ weights + bias), with an L2 penalty on the weights.

    Args:
        C: inverse strength of the penalty, as in scikit-learn.
        max_iter: iterations of L-BFGS at most.
    """

    rounds = "max_iter"
    pilot_rounds, least_rounds = 3, 12
    parameters: ClassVar[Parameters] = {
        "C": Interval(float, 0, closed="neither"),
        "max_iter": Interval(int, 1),
    }

    def __init__(self, C: float = 1.0, *, max_iter: int = 300) -> None:
        self.C = C
        self.max_iter = max_iter

    def learn(
        self, x: Matrix, y: Array, weight: Array | None, *, stop: Stop = never, **_: Any
    ) -> None:
        """Train by L-BFGS, which ends after any iteration when `stop` is true."""
        if len(self.classes_) == 1:
            self.weights_, self.bias_ = np.zeros((x.shape[1], 1)), np.full(1, np.inf)
            self.n_iter_ = 0
            return
        loss = LogisticLoss(x, y, len(self.classes_), weight, self.C)
        parameters, self.n_iter_ = minimize_loss(loss, self.max_iter, stop)
        self.weights_, self.bias_ = loss.split(parameters)

    def as_trained(self) -> dict[str, Any]:
        """Return the number of iterations that were made."""
        return {"max_iter": max(1, self.n_iter_)}

    def scores(self, x: Matrix) -> Array:
        """Return class probabilities [N, C]."""
        from scipy.special import softmax

        linear = self.linear(x)
        if len(self.classes_) == 1:
            return np.ones((len(linear), 1))
        if linear.shape[1] == 1:
            return two_columns(sigmoid(linear[:, 0]))
        return np.asarray(softmax(linear, axis=1))

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return class probabilities [N, C]."""
        linear = self.linear_onnx(g, x)
        if len(self.classes_) == 1:
            return g.sigmoid(linear)
        if self.weights_.shape[1] == 1:
            return two_columns_onnx(g, g.sigmoid(linear))
        return g.softmax(linear, axis=1)


class Ridge(_Linear, Regressor):
    """Learn values: y = x @ weights + bias, with the penalty alpha * sum(weights^2).

    Args:
        alpha: strength of the penalty; None has generalized cross-validation choose it where
            there are at most 2,000 features, and takes 1 where there are more.
    """

    parameters: ClassVar[Parameters] = {"alpha": Optional(Interval(float, 0))}

    def __init__(self, alpha: float | None = None) -> None:
        self.alpha = alpha

    def learn(
        self, x: Matrix, y: Array, weight: Array | None, *, stop: Stop = never, **_: Any
    ) -> None:
        """Solve for the weights and the bias.

        When `stop` is true, the strength of the penalty is not chosen.
        """
        from sklearn.linear_model import Ridge as Solver

        x, y = x.astype(np.float64), y.astype(np.float64)
        if self.alpha is None:
            self.alpha_ = 1.0 if stop() else _best_alpha(x, y, weight)
        else:
            self.alpha_ = self.alpha
        solver = Solver(alpha=self.alpha_).fit(x, y, sample_weight=weight)
        self.weights_ = np.ascontiguousarray(np.atleast_2d(solver.coef_).T)
        self.bias_ = np.atleast_1d(solver.intercept_).astype(np.float64)

    def as_trained(self) -> dict[str, Any]:
        """Return the strength of the penalty that was used."""
        return {"alpha": self.alpha_}

    def scores(self, x: Matrix) -> Array:
        """Return the predicted values [N, 1]."""
        return self.linear(x)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return the predicted values [N, 1]."""
        return self.linear_onnx(g, x)


def _best_alpha(x: Matrix, y: Array, weight: Array | None) -> float:
    """Return the penalty of least generalized cross-validation error n RSS / (n - tr H)^2.

    With the eigenvalues d of the centred X'X and c the projections of X'y on its directions,
    tr H = 1 + sum(d / (d + a)) and RSS = y'y - sum(c^2 (d + 2a) / (d + a)^2), so one
    decomposition serves every a. Rows count by their weight.

    Source: G. Golub, M. Heath and G. Wahba, Technometrics 21 (1979), eq. 1.4.
    """
    if x.shape[1] > _MAX_FEATURES_FOR_GCV:
        return 1.0
    w = np.ones(len(y)) if weight is None else weight
    n = w.sum()
    mean = np.asarray(x.T @ w).ravel() / n
    weighted = x.multiply(w[:, None]).tocsr() if hasattr(x, "multiply") else x * w[:, None]
    gram = weighted.T @ x
    gram = (gram.toarray() if hasattr(gram, "toarray") else gram) - n * np.outer(mean, mean)
    centred = y - (w @ y) / n
    values, directions = np.linalg.eigh(gram)
    d = np.maximum(values, 0.0)
    c = directions.T @ (np.asarray(x.T @ (w * centred)).ravel())
    total = w @ centred**2
    errors = []
    for a in _ALPHAS:
        rss = max(0.0, total - (c**2 * (d + 2 * a) / (d + a) ** 2).sum())
        errors.append(rss / max(n - 1 - (d / (d + a)).sum(), 1e-9) ** 2)
    return float(_ALPHAS[int(np.argmin(errors))])
