"""Base of optimizers that evaluate the loss several times per step, by a function (closure).

    optimizer.step(closure)      closure() -> loss, with the gradients computed

They follow exact gradients, so every step needs the same rows: all of them (`batch_size=None`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from mulle.errors import UsageError
from mulle.nn.arrays import Array
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.groups import Group
from mulle.nn.tensor import Parameter

Closure = Callable[[], Any]


class Point(NamedTuple):
    """Hold the loss and its gradient at some parameters.

    Attributes:
        loss: loss at these parameters.
        grad: gradient of the loss, flat.
    """

    loss: float
    grad: Array


class ClosureOptimizer(Optimizer):
    """Base class of optimizers with a closure; a subclass implements `advance` and `forget`.

    Frozen parameters (`requires_grad=False`) stay where they are. What was learned about the
    curvature holds for one set of trained parameters: when some are frozen or unfrozen, it is
    forgotten. (PyTorch's L-BFGS keeps it, and moves the frozen ones along old directions.)

    Args:
        parameters: parameters to change.
        lr: length of a step in the unit of the rule, above 0; usually 1.

    Raises:
        UsageError: groups have factors of their own, which these steps cannot use.
    """

    wants_closure: ClassVar = True
    per_parameter: ClassVar = ("frozen",)
    frozen: Array

    def __init__(self, parameters: Iterable[Parameter | Group], lr: float = 1.0) -> None:
        super().__init__(parameters, lr)
        if any(group[1:] != (1.0, 1.0) for group in self.groups):
            raise UsageError("factors-unused", optimizer=type(self).__name__)
        self.frozen = np.zeros(len(self.parameters), np.int64)

    def step(self, closure: Closure | None = None) -> Any:
        """Make one step; return the loss before it.

        Args:
            closure: function that calls `zero_grad` and `backward` and returns the loss.

        Raises:
            UsageError: there is no closure.
        """
        if closure is None:
            raise UsageError("closure-missing", optimizer=type(self).__name__)
        self.steps += 1
        frozen = [int(not p.requires_grad) for p in self.parameters]
        if frozen != self.frozen.tolist():
            self.frozen[...] = frozen
            self.forget()
        if self.in_torch is not None:
            return self.in_torch.step(closure)
        return self.advance(lambda w=None: self.look(closure, w))

    def advance(self, look: Callable[..., Point]) -> float:
        """Change `w` in place; return the loss before.

        Args:
            look: function that returns the point at `w`, or at the array it receives.
        """
        raise NotImplementedError

    def forget(self) -> None:
        """Forget the curvature, as if no step had been made."""
        if self.in_torch is not None:
            self.in_torch.optimizer.state.clear()

    def trained_entries(self) -> Array:
        """Return the indices of the entries of `w` that are not frozen."""
        sizes = [p.data.size for p in self.parameters]
        return np.flatnonzero(np.repeat(self.frozen == 0, sizes))

    def look(self, closure: Closure, w: Array | None = None) -> Point:
        """Return loss and gradient at `w`; the parameters stay there."""
        if w is not None:
            self.w[...] = w
        loss = closure()
        self.gather()
        value = float(loss.item() if hasattr(loss, "item") else loss)
        return Point(value, self.grad.copy())
