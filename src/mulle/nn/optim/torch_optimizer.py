"""PyTorch's optimizer for parameters that live in PyTorch, with our learning rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.errors import DataError, UsageError

if TYPE_CHECKING:
    from mulle.nn.optim.base import Optimizer


def lives_in_torch(parameters: Sequence[Any]) -> bool:
    """Return whether these are PyTorch's parameters."""
    return bool(parameters) and type(parameters[0]).__module__.startswith("torch")


class TorchOptimizer:
    """Make the steps of an optimizer by PyTorch's own.

    Args:
        ours: optimizer with the settings, groups, learning rate and weight decay to use.
    """

    def __init__(self, ours: Optimizer) -> None:
        self.ours = ours
        self._optimizer: Any = None

    @property
    def optimizer(self) -> Any:
        """PyTorch's optimizer, with the current learning rate and weight decay in each group."""
        ours = self.ours
        if self._optimizer is None:
            import torch

            self._optimizer = ours.to_torch(
                torch, [{"params": list(g.parameters)} for g in ours.groups]
            )
        for group, theirs in zip(ours.groups, self._optimizer.param_groups, strict=True):
            theirs["lr"] = ours.lr * group.lr_factor
            if "weight_decay" in theirs:
                theirs["weight_decay"] = ours.weight_decay * group.decay_factor
        return self._optimizer

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make one update by PyTorch."""
        return self.optimizer.step(*([] if closure is None else [closure]))

    def state(self) -> dict[str, np.ndarray]:
        """Return PyTorch's state, by the index of the parameter and the name of the entry."""
        from mulle.nn.tensor import as_numpy

        found = {}
        for i, memory in self.optimizer.state_dict()["state"].items():
            for name, value in memory.items():
                if isinstance(value, (list, dict)):
                    raise UsageError("state-not-flat", optimizer=type(self.ours).__name__)
                if value is not None:
                    found[f"{i}.{name}"] = np.array(as_numpy(value))
        return found

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Restore a state of `state`."""
        import torch

        self._optimizer = None  # its settings may have changed
        memory: dict[int, dict[str, Any]] = {}
        sizes = [tuple(p.shape) for p in self.ours.parameters]
        for key, value in state.items():
            number, _, name = key.partition(".")
            known = number.isdigit() and int(number) < len(sizes)
            if not known or np.shape(value) not in {(), sizes[int(number)]}:
                raise DataError("optimizer-state-key", key=key)
            memory.setdefault(int(number), {})[name] = torch.tensor(value)
        for i, found in memory.items():  # its own load_state_dict would round single numbers
            p = self.ours.parameters[i]
            self.optimizer.state[p] = {
                k: v.to(p.device) if v.shape == p.shape else v for k, v in found.items()
            }
