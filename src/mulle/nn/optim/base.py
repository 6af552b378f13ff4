"""Base of the optimizers: parameters in one flat buffer, so that an update is one vector operation.

The parameters' `data` and the slots of their gradients become views of two long arrays. Memory of
the optimizer (momenta, squares) is as long, and so are the factors of parameters that learn at a
rate of their own.

As in PyTorch, a step skips every parameter whose `grad` is None, because it is frozen
(`requires_grad=False`) or because the loss does not depend on it: it does not move, is not decayed,
and its memory and count of steps stay as they are. The others are updated as few long segments.

An optimizer of a model that was moved to PyTorch hands each step to PyTorch's own optimizer.

catalogue  opt-what opt-families opt-gd opt-bgd opt-sgd opt-mbgd reg-decay
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mulle.errors import DataError, UsageError
from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.optim.groups import Group, as_groups
from mulle.nn.optim.segments import Segment, runs
from mulle.nn.optim.torch_optimizer import TorchOptimizer, lives_in_torch
from mulle.nn.tensor import Parameter


class Optimizer:
    """Base class of optimizers; a subclass implements `update` and `to_torch`.

    Args:
        parameters: parameters to change, for example `model.parameters()` or `groups(model, ...)`.
        lr: learning rate, above 0.
        weight_decay: strength of the L2 penalty, added to the gradient as weight_decay * w.

    Attributes:
        w: values of all parameters, flat (not in PyTorch).
        grad: gradients of all parameters, flat (not in PyTorch).
        steps: number of calls of `step`.
        taken: number of steps that each parameter took part in (not in PyTorch).
        lr_factor: factor of the learning rate of each entry of `w`; 1.0 where all have the same.
        decay_factor: factor of the weight decay of each entry of `w`; 1.0 where all have the same.

    Raises:
        UsageError: there are no parameters, or they have different types.
    """

    #: names of the arrays as long as `w` that make up its memory
    memory: ClassVar[Sequence[str]] = ()
    #: names of the arrays with one number for each parameter that belong to its memory
    per_parameter: ClassVar[Sequence[str]] = ("taken",)
    #: names of the single numbers that belong to its memory
    numbers: ClassVar[Sequence[str]] = ("steps", "lr", "weight_decay")
    #: names of further settings, which a loaded state overrides, as in PyTorch
    settings: ClassVar[Sequence[str]] = ()
    #: names of the arrays as long as `w` that a step overwrites
    workspace: ClassVar[Sequence[str]] = ()
    #: whether `step` receives a function that computes loss and gradients again
    wants_closure: ClassVar[bool] = False

    taken: Array

    def __init__(
        self, parameters: Iterable[Parameter | Group], lr: float, *, weight_decay: float = 0.0
    ) -> None:
        self.groups = as_groups(parameters)
        self.parameters = [p for group in self.groups for p in group.parameters]
        self.lr, self.weight_decay, self.steps = lr, weight_decay, 0
        self.in_torch = TorchOptimizer(self) if lives_in_torch(self.parameters) else None
        if self.in_torch is None:
            self.w, self.grad = _flatten(self.parameters)
            self.lr_factor = self._factors("lr_factor")
            self.decay_factor = self._factors("decay_factor")
            for name in (*self.memory, *self.workspace):
                setattr(self, name, np.zeros_like(self.w))
            for name in self.per_parameter:
                setattr(self, name, np.zeros(len(self.parameters), np.int64))
            self._segments: dict[tuple[int, int], Segment] = {}

    def update(self, part: Segment) -> None:
        """Change `part.w` in place, from the gradients, rate, decay and steps of the segment.

        It is called on tiles of a segment, in several threads.
        """
        raise NotImplementedError

    def begin(self, part: Segment) -> None:
        """Begin a step of a segment, before its tiles are updated."""
        part.begin_step()

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch, for parameters or for groups of PyTorch."""
        raise UsageError("optimizer-not-in-torch", optimizer=type(self).__name__)

    def step(self) -> None:
        """Make one update of every parameter that a gradient reached."""
        self.steps += 1
        if self.in_torch is not None:
            self.in_torch.step()
            return
        self.gather()
        reached = [p.grad is not None for p in self.parameters]
        taken = self.taken.tolist()
        if not all(reached):
            taken = [count if r else None for count, r in zip(taken, reached, strict=True)]
        for first, last in runs(taken):
            part = self.segment(first, last)
            self.begin(part)
            parallel.run(self.update, [(tile,) for tile in part.tiles])

    def segment(self, first: int, last: int) -> Segment:
        """Return the views of all buffers for the parameters `first` to `last - 1`."""
        known = self._segments.get((first, last))
        if known is None:
            known = self._segments[first, last] = Segment(self, first, last)
        return known

    def gather(self) -> None:
        """Copy all gradients into `grad`; its entries are 0 where no gradient reached."""
        if self.parameters[0].slot.base is not self.grad:
            raise UsageError("optimizer-replaced")
        for p in self.parameters:
            slot: Array = p.slot
            if p.grad is None:
                slot[...] = 0
            elif p.grad is not slot:
                slot[...] = p.grad
                p.grad = slot

    def zero_grad(self) -> None:
        """Set all gradients to None."""
        for p in self.parameters:
            p.grad = None

    def state_dict(self) -> dict[str, Array]:
        """Return all that the next step depends on, as arrays."""
        values = (*self.numbers, *self.settings)
        state = {name: np.array(getattr(self, name)) for name in values}
        if self.in_torch is not None:
            return {**state, **self.in_torch.state()}
        arrays = (*self.memory, *self.per_parameter)
        return {**state, **{name: getattr(self, name).copy() for name in arrays}}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Restore a saved state; as in PyTorch, its settings replace those of this optimizer.

        Raises:
            DataError: the state belongs to another optimizer or another model.
        """
        own = {name: np.array(getattr(self, name)) for name in self.settings}
        state = {**own, **state}  # files of earlier versions hold no settings
        if self.in_torch is None:
            self._refuse_another(state)
            for name in (*self.memory, *self.per_parameter):
                getattr(self, name)[...] = state[name]
        values = (*self.numbers, *self.settings)
        for name in values:
            setattr(self, name, type(getattr(self, name))(np.asarray(state[name]).tolist()))
        if self.in_torch is not None:
            self.in_torch.load({k: v for k, v in state.items() if k not in values})

    def _refuse_another(self, state: Mapping[str, Array]) -> None:
        own, given = self._shapes(self.state_dict()), self._shapes(state)
        if own != given:
            raise DataError(
                "optimizer-state-differs",
                optimizer=type(self).__name__,
                received=_describe(given),
                expected=_describe(own),
            )

    def _shapes(self, state: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
        return {name: np.shape(value) for name, value in state.items()}

    def _factors(self, name: str) -> Any:
        if all(getattr(group, name) == 1 for group in self.groups):
            return 1.0
        return np.concatenate(
            [np.full_like(p.data.ravel(), getattr(g, name)) for g in self.groups for p in g[0]]
        )


def _describe(shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """List the arrays of a state: their names and shapes."""
    return [f"{name} {shape}" for name, shape in sorted(shapes.items())]


def _flatten(parameters: Sequence[Parameter]) -> tuple[Array, Array]:
    """Make one array of all values and one of all gradients; parameters become views of them."""
    types = {p.data.dtype for p in parameters}
    if not types:
        raise UsageError("optimizer-parameters-none")
    if len(types) > 1:
        raise UsageError("optimizer-parameters-mixed", types=sorted(map(str, types)))
    w = np.concatenate([p.data.ravel() for p in parameters])
    grad = np.zeros_like(w)
    begin = 0
    for p in parameters:
        end = begin + p.data.size
        p.data = w[begin:end].reshape(p.shape)
        p.slot = grad[begin:end].reshape(p.shape)
        begin = end
    return w, grad
