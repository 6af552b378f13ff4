"""Hessian-free optimization: Newton's step without its matrix, by conjugate gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.optim.closure import ClosureOptimizer, Point
from mulle.nn.optim.groups import Group
from mulle.nn.optim.newton import curvature
from mulle.nn.tensor import Parameter

MAX_HALVINGS = 30


class HessianFree(ClosureOptimizer):
    """Solve (H + damping I) d = -g by conjugate gradients; w <- w + t d.

    t is halved until the loss falls.

    H v comes from two gradients, so nothing larger than the parameters is kept. Where the curvature
    is negative, the direction reached so far is used.

    Args:
        parameters: parameters to change.
        lr: first length t, above 0.
        damping: added to the diagonal of H, 0 or more; large values give gradient descent.
        max_iter: largest number of conjugate directions.
        tolerance: residual to reach, as a share of the norm of the gradient.

    Source: Martens 2010, Deep learning via Hessian-free optimization, section 3; Nocedal & Wright
        2006, Numerical Optimization, algorithm 7.1.

    catalogue  opt-hf
    """

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1.0,
        *,
        damping: float = 1e-4,
        max_iter: int = 50,
        tolerance: float = 1e-4,
    ) -> None:
        super().__init__(parameters, lr)
        self.damping, self.max_iter, self.tolerance = damping, max_iter, tolerance

    def advance(self, look: Callable[..., Point]) -> float:
        """Make one step: find a direction, then a length."""
        here, begin = look(), self.w.copy()
        d = self._direction(look, begin, here.grad)
        t = self.lr
        for _ in range(MAX_HALVINGS):
            if look(begin + t * d).loss < here.loss:
                return here.loss
            t /= 2
        self.w[...] = begin
        return here.loss

    def _direction(self, look: Callable[..., Point], w: Array, g: Array) -> Array:
        d, r = np.zeros_like(g), -g
        p, size = r, float(r @ r)
        enough = self.tolerance**2 * size
        for _ in range(self.max_iter):
            if size <= enough:
                break
            Hp = curvature(look, w, p) + self.damping * p
            bend = float(p @ Hp)
            if bend <= 0:
                return d if d.any() else -g
            d = d + (size / bend) * p
            r = r - (size / bend) * Hp
            size, before = float(r @ r), size
            p = r + (size / before) * p
        return d
