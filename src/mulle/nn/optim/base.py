"""What optimizers share: parameters in one flat buffer, so that an update is one vector operation.

The parameters' `data` and the slots of their gradients become views of two long arrays. An
optimizer sees those alone. What is stored for them (momenta, squares) is as long.

catalogue  opt-what opt-families
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mulle.errors import DataError, UsageError
from mulle.nn.tensor import Parameter

Array = Any


class Optimizer:
    """Turns gradients into new parameters; a subclass gives `update`.

    Args:
        parameters: what it changes, for example `model.parameters()`; others stay as they are.
        lr: learning rate.
        weight_decay: strength of the L2 penalty, added to the gradient as weight_decay * w.

    Attributes:
        w: all parameters, flat.
        grad: their gradients, flat.
        steps: how many updates were made.

    Raises:
        UsageError: there are no parameters, or they have different types.
    """

    #: names of the arrays as long as `w` that make up its memory
    memory: ClassVar[Sequence[str]] = ()

    def __init__(
        self, parameters: Iterable[Parameter], lr: float, *, weight_decay: float = 0.0
    ) -> None:
        self.parameters = list(parameters)
        self.lr, self.weight_decay, self.steps = lr, weight_decay, 0
        self.w, self.grad = _flattened(self.parameters)
        for name in self.memory:
            setattr(self, name, np.zeros_like(self.w))

    def update(self) -> None:
        """Change `w` in place, from `grad`, `lr` and `steps` (1 at the first update)."""
        raise NotImplementedError

    def step(self) -> None:
        """One update. A parameter that no gradient reached counts as one whose gradient is 0."""
        for p in self.parameters:
            slot: Array = p.slot
            if p.grad is None:
                slot[...] = 0
            elif p.grad is not slot:
                slot[...] = p.grad
        self.steps += 1
        self.update()

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for p in self.parameters:
            p.grad = None

    def decayed_grad(self) -> Array:
        """The gradient with that of the L2 penalty; `grad` itself where there is none."""
        return self.grad + self.weight_decay * self.w if self.weight_decay else self.grad

    def state_dict(self) -> dict[str, Array]:
        """All that the next step depends on, as arrays."""
        state = {name: getattr(self, name).copy() for name in self.memory}
        return {**state, "steps": np.array(self.steps), "lr": np.array(self.lr)}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Go on from a saved state.

        Raises:
            DataError: it belongs to another optimizer or another model.
        """
        own = self.state_dict()
        if {k: v.shape for k, v in own.items()} != {k: np.shape(v) for k, v in state.items()}:
            raise DataError(
                "state-of-another-optimizer",
                f"The state saved holds {sorted(state)}, not what {type(self).__name__} needs for "
                f"{len(self.w):,} parameters: {sorted(own)}.",
                fix="Build the optimizer and the model as they were when the state was saved.",
            )
        for name in self.memory:
            getattr(self, name)[...] = state[name]
        self.steps, self.lr = int(state["steps"]), float(state["lr"])


def _flattened(parameters: Sequence[Parameter]) -> tuple[Array, Array]:
    """One array for the values, one for the gradients; the parameters become views of them."""
    types = {p.data.dtype for p in parameters}
    if len(types) != 1:
        raise UsageError(
            "optimizer-parameters",
            f"An optimizer needs parameters of one type; received {len(parameters)} of "
            f"{sorted(map(str, types)) or 'none'}.",
            fix="Hand it model.parameters() of a model with at least one layer that learns.",
        )
    w = np.concatenate([p.data.ravel() for p in parameters])
    grad = np.zeros_like(w)
    begin = 0
    for p in parameters:
        end = begin + p.data.size
        p.data = w[begin:end].reshape(p.shape)
        p.slot = grad[begin:end].reshape(p.shape)
        begin = end
    return w, grad
