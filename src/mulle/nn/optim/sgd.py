"""Gradient descent, with or without momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from mulle.errors import UsageError
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.groups import Group
from mulle.nn.optim.segments import Segment
from mulle.nn.tensor import Parameter


class SGD(Optimizer):
    """Gradient descent: w <- w - lr * v, where v is the gradient g, or with momentum b:

    v <- b v + (1 - dampening) g          (v <- g at the first step)
    w <- w - lr * v                       with nesterov: w <- w - lr * (g + b v)

    The training decides which rows a gradient is taken over: all of them (batch gradient descent),
    one (stochastic), or a few (mini-batch).

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        momentum: b, from 0 to below 1.
        dampening: share of the gradient that momentum leaves out, as above.
        weight_decay: strength of an L2 penalty in the gradient.
        nesterov: whether to use the gradient ahead, as above.

    Raises:
        UsageError: nesterov is used without momentum, or with dampening.

    Source: Polyak 1964 (momentum); Sutskever et al. 2013 (as coded with nesterov).

    catalogue  opt-gd opt-bgd opt-sgd opt-mbgd opt-momentum opt-nag reg-decay
    """

    settings: ClassVar = ("momentum", "dampening", "nesterov")
    memory: ClassVar = ("v",)

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and (momentum <= 0 or dampening):
            raise UsageError("nesterov-momentum", momentum=momentum, dampening=dampening)
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.momentum, self.dampening, self.nesterov = momentum, dampening, nesterov

    def update(self, part: Segment) -> None:
        """Make one step of gradient descent."""
        g = part.decayed_grad()
        if not self.momentum:
            part.w -= part.rate * g
            return
        if part.steps == 1:
            part.v[...] = g
        else:
            part.v *= self.momentum
            part.v += (1 - self.dampening) * g if self.dampening else g
        part.w -= part.rate * (g + self.momentum * part.v if self.nesterov else part.v)

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.SGD(
            parameters, self.lr, self.momentum, self.dampening, self.weight_decay, self.nesterov
        )
