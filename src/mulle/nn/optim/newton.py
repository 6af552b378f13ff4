"""Newton's method: go to the minimum of the parabola that fits loss, slope and curvature."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.optim.bfgs import check_size
from mulle.nn.optim.closure import ClosureOptimizer, Point
from mulle.nn.optim.groups import Group
from mulle.nn.tensor import Parameter

MAX_PARAMETERS = 1_000


class Newton(ClosureOptimizer):
    """Newton's method: w <- w - lr (H + damping I)^-1 g, H the matrix of second derivatives.

    It goes to any flat point: also to a saddle or a maximum, where H is not positive.

    Args:
        parameters: parameters to change; at most 1,000 numbers, because H takes two gradients each.
        lr: share of the way to go, above 0.
        damping: added to the diagonal of H, 0 or more; large values give gradient descent.

    Source: Nocedal & Wright 2006, Numerical Optimization, eq. 2.15.

    catalogue  opt-newton
    """

    def __init__(
        self, parameters: Iterable[Parameter | Group], lr: float = 1.0, *, damping: float = 0.0
    ) -> None:
        super().__init__(parameters, lr)
        check_size(self, MAX_PARAMETERS, "HessianFree")
        self.damping = damping

    def advance(self, look: Callable[..., Point]) -> float:
        """Make one step of Newton's method."""
        here, begin = look(), self.w.copy()
        trained = self.trained_entries()
        H = hessian(look, begin, trained)
        H[np.diag_indices(len(H))] += self.damping
        begin[trained] -= self.lr * np.linalg.lstsq(H, here.grad[trained])[0]  # H may be singular
        self.w[...] = begin
        return here.loss


def curvature(look: Callable[..., Point], w: Array, v: Array) -> Array:
    """Return H v as (g(w + h v) - g(w - h v)) / 2h, the change of the gradient along v."""
    length = float(np.linalg.norm(v))
    if length == 0:
        return np.zeros_like(v)
    h = float(np.finfo(w.dtype).eps) ** (1 / 3) * (1 + float(np.linalg.norm(w))) / length
    return (look(w + h * v).grad - look(w - h * v).grad) / (2 * h)


def hessian(look: Callable[..., Point], w: Array, entries: Array | None = None) -> Array:
    """Compute the matrix of second derivatives, column by column, and make it symmetric.

    Args:
        look: function that returns the point at an array of parameters.
        w: parameters to compute it at, shape (n,).
        entries: indices of the k entries of `w` to differentiate by; all where None.

    Returns:
        The matrix, shape (k, k).
    """
    entries = np.arange(len(w)) if entries is None else entries
    columns = []
    for j in entries.tolist():
        e = np.zeros_like(w)
        e[j] = 1
        columns.append(curvature(look, w, e)[entries])
    H = np.stack(columns)
    return (H + H.T) / 2
