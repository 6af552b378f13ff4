"""AdaGrad: a rate of its own for each parameter, which only shrinks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.groups import Group
from mulle.nn.optim.segments import Segment
from mulle.nn.tensor import Parameter


class Adagrad(Optimizer):
    """AdaGrad: s <- s + g^2;  w <- w - lr / (1 + (t - 1) lr_decay) * g / (sqrt(s) + eps).

    Every rate falls, because s only grows; that of rarely changed parameters falls less.

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        lr_decay: additional decay of the rate with the number of steps t.
        weight_decay: strength of an L2 penalty in the gradient.
        initial_accumulator_value: initial s, 0 or more.
        eps: added to the divisor, against division by 0.

    Source: Duchi, Hazan & Singer 2011, JMLR 12, figure 1.

    catalogue  opt-adagrad
    """

    settings: ClassVar = ("lr_decay", "eps")
    memory: ClassVar = ("s",)
    s: Array

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1e-2,
        *,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.lr_decay, self.initial, self.eps = lr_decay, initial_accumulator_value, eps
        if self.in_torch is None:
            self.s += initial_accumulator_value

    def update(self, part: Segment) -> None:
        """Make one step of AdaGrad."""
        g = part.decayed_grad()
        part.s += g * g
        # w -= rate / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)
        size = np.sqrt(part.s)
        size += self.eps
        np.divide(g, size, out=size)
        size *= part.rate / (1 + (part.steps - 1) * self.lr_decay)
        part.w -= size

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.Adagrad(
            parameters, self.lr, self.lr_decay, self.weight_decay, self.initial, self.eps
        )
