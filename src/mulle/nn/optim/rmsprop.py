"""RMSprop: steps scaled by a running mean of the squared gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.groups import Group
from mulle.nn.optim.segments import Segment
from mulle.nn.tensor import Parameter


class RMSprop(Optimizer):
    """RMSprop: s <- a s + (1 - a) g^2;  w <- w - lr * g / (sqrt(s) + eps).

    centered:  m <- a m + (1 - a) g, and s - m^2 (the variance) in place of s
    momentum:  v <- b v + g / (sqrt(s) + eps);  w <- w - lr * v

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        alpha: a, the share of the mean that is kept, 0 to 1.
        eps: added to the divisor, against division by 0.
        weight_decay: strength of an L2 penalty in the gradient.
        momentum: b, from 0 to below 1.
        centered: whether to divide by the standard deviation, as above.

    Source: Tieleman & Hinton 2012, lecture 6.5; Graves 2013, arXiv:1308.0850, eq. 38 (centered).

    catalogue  opt-rmsprop
    """

    settings: ClassVar = ("alpha", "eps", "momentum", "centered")
    memory: ClassVar = ("s", "m", "v")

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1e-2,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered

    def update(self, part: Segment) -> None:
        """Make one step of RMSprop."""
        g, keep = part.decayed_grad(), self.alpha
        part.s *= keep
        part.s += (1 - keep) * (g * g)
        size = part.s
        if self.centered:
            part.m *= keep
            part.m += (1 - keep) * g
            size = size - part.m * part.m
        # g / (sqrt(size) + eps)
        size = np.sqrt(size)
        size += self.eps
        np.divide(g, size, out=size)
        if self.momentum:
            part.v *= self.momentum
            part.v += size
            size = part.v
        part.w -= part.rate * size

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.RMSprop(
            parameters, self.lr, self.alpha, self.eps, self.weight_decay, self.momentum,
            self.centered,
        )  # fmt: skip
