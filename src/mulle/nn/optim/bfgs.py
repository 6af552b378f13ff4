"""BFGS: Newton's direction from an inverse Hessian that is estimated on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

import numpy as np

from mulle.errors import UsageError
from mulle.nn.arrays import Array
from mulle.nn.optim.closure import ClosureOptimizer, Point
from mulle.nn.optim.groups import Group
from mulle.nn.optim.line_search import LineSearch
from mulle.nn.tensor import Parameter

MAX_PARAMETERS = 5_000  # a matrix of 200 MB in float64


class BFGS(ClosureOptimizer):
    """BFGS: w <- w - t H g, t from a line search; step s and change of gradient y update H:

    H <- (I - r s y') H (I - r y s') + r s s',  r = 1 / y's;  before the first, H = y's / y'y I

    Args:
        parameters: parameters to change; at most 5,000 numbers in all, because H has their square.
        lr: first length that the line search tries, above 0.

    Raises:
        UsageError: there are more parameters.

    Source: Nocedal & Wright 2006, Numerical Optimization, algorithm 6.1, eq. 6.20.

    catalogue  opt-bfgs
    """

    memory: ClassVar = ("H",)
    numbers: ClassVar = (*ClosureOptimizer.numbers, "learned")
    H: Array

    def __init__(self, parameters: Iterable[Parameter | Group], lr: float = 1.0) -> None:
        super().__init__(parameters, lr)
        check_size(self, MAX_PARAMETERS, "LBFGS")
        self.learned = 0  # pairs that H has taken in
        if self.in_torch is None:
            self.H = np.eye(len(self.w), dtype=self.w.dtype)

    def advance(self, look: Callable[..., Point]) -> float:
        """Make one move along -H g."""
        here, begin = look(), self.w.copy()
        d = -(self.H @ here.grad)
        if float(d @ here.grad) < 0:
            t = 1.0 if self.learned else min(1.0, 1 / float(abs(here.grad).sum()))
            found = LineSearch(lambda t: look(begin + t * d), d, here).run(t * self.lr)
            self.w[...] = begin + found.t * d
            self._learn(found.t * d, found.point.grad - here.grad)
        return here.loss

    def forget(self) -> None:
        """Begin anew, with the identity for H."""
        super().forget()
        self.learned = 0
        if self.in_torch is None:
            self.H[...] = np.eye(len(self.w))

    def _learn(self, s: Array, y: Array) -> None:
        curvature = float(s @ y)
        if curvature <= 1e-10:
            return
        if not self.learned:
            self.H *= curvature / float(y @ y)
        self.learned += 1
        # The products of the docstring, written out: no product of two matrices is needed.
        r, Hy = 1 / curvature, self.H @ y
        crossed = np.outer(Hy, s)
        self.H -= r * (crossed + crossed.T)
        self.H += (r * (1 + r * float(y @ Hy))) * np.outer(s, s)


def check_size(optimizer: ClosureOptimizer, limit: int, instead: str) -> None:
    """Check that a square matrix over all parameters is not too large.

    Raises:
        UsageError: there are more.
    """
    count = sum(int(np.prod(p.shape)) for p in optimizer.parameters)
    if count > limit:
        raise UsageError(
            "too-many-parameters",
            optimizer=type(optimizer).__name__,
            count=count,
            limit=limit,
            instead=instead,
        )
