"""The loss of logistic regression and its gradient, minimised by L-BFGS under a clock.

    loss(w, b) = sum_i s_i * -log p_i[y_i] / sum_i s_i + |w|^2 / (2 C sum_i s_i)

with p = sigmoid(x @ w + b) for two classes and softmax(x @ w + b) for more, and s the weights of
the rows. This is scikit-learn's loss; its solver cannot be stopped between two iterations.

Shapes: x [N, F], w [F, M] and b [M], with M = 1 for two classes and M = C for C > 2.
Source: D. Liu and J. Nocedal, Mathematical Programming 45 (1989).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop
from mulle.graph import Matrix

_MAX_CELLS_IN_FLOAT64 = 20_000_000  # 160 MB; beyond, features stay in float32
_GRADIENT_TOLERANCE = 1e-4  # as in scikit-learn
_LOSS_TOLERANCE = 64 * float(np.finfo(np.float64).eps)
_LINE_SEARCHES = 50


class LogisticLoss:
    """The loss for some rows; the parameters are w and b in one vector [(F + 1) M]."""

    def __init__(self, x: Matrix, y: Array, classes: int, weight: Array | None, C: float) -> None:
        cells = x.nnz if hasattr(x, "nnz") else x.size
        self.x = x.astype(np.float64) if cells <= _MAX_CELLS_IN_FLOAT64 else x
        self.y = y
        self.outputs = 1 if classes == 2 else classes
        share = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64)
        total = float(share.sum())
        self.share = share / total
        self.penalty = 1.0 / (C * total)

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return int((self.x.shape[1] + 1) * self.outputs)

    def split(self, parameters: Array) -> tuple[Array, Array]:
        """Return w [F, M] and b [M]."""
        both = parameters.reshape(-1, self.outputs)
        return np.ascontiguousarray(both[:-1]), both[-1].copy()

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        """Return the loss and its gradient [(F + 1) M]."""
        w, b = self.split(parameters)
        linear = np.asarray(self.x @ w.astype(self.x.dtype), np.float64) + b
        losses, error = self._two(linear) if self.outputs == 1 else self._many(linear)
        error *= self.share[:, None]
        gradient = np.asarray(self.x.T @ error.astype(self.x.dtype), np.float64)
        gradient += self.penalty * w
        loss = float(self.share @ losses) + 0.5 * self.penalty * float((w * w).sum())
        return loss, np.concatenate([gradient.ravel(), error.sum(axis=0)])

    def _two(self, linear: Array) -> tuple[Array, Array]:
        """Return -log p [N] and its derivative by the linear scores [N, 1]."""
        from scipy.special import expit

        score = linear[:, 0]
        losses = np.logaddexp(0.0, score) - self.y * score
        return losses, (expit(score) - self.y)[:, None]

    def _many(self, linear: Array) -> tuple[Array, Array]:
        """Return -log p [N] and its derivative by the linear scores [N, C]."""
        rows = np.arange(len(self.y))
        linear -= linear.max(axis=1, keepdims=True)
        right = linear[rows, self.y].copy()
        np.exp(linear, out=linear)
        total = linear.sum(axis=1)
        error = linear / total[:, None]
        error[rows, self.y] -= 1.0
        return np.log(total) - right, error


def minimize_loss(loss: LogisticLoss, max_iter: int, stop: Stop) -> tuple[Array, int]:
    """Return the parameters of least loss, and how many iterations it took.

    Args:
        loss: of which the minimum is looked for, from zeros on.
        max_iter: iterations at most.
        stop: asked after each iteration; when true, the parameters so far are returned.
    """
    from scipy.optimize import minimize

    def callback(intermediate_result: Any) -> None:
        if stop():
            raise StopIteration

    found = minimize(
        loss,
        np.zeros(loss.size),
        jac=True,
        method="L-BFGS-B",
        callback=callback,
        options={
            "maxiter": max_iter,
            "maxls": _LINE_SEARCHES,
            "gtol": _GRADIENT_TOLERANCE,
            "ftol": _LOSS_TOLERANCE,
        },
    )
    return found.x, int(found.nit)
