"""Precision of training: float32, or mixed with a 16-bit type in PyTorch.

In mixed precision, products are computed in 16 bits, while weights, sums and losses stay in 32.
float16 has no numbers below 6e-8, so small gradients would become 0: the loss is multiplied by S
before `backward`, the gradients are divided by S before the step, and a step whose gradients are
not finite is skipped and S halved. bfloat16 has the range of float32 and needs none of this.

Source: Micikevicius et al. 2018, arXiv:1710.03740.

catalogue  amp-mixed amp-scale diag-underflow
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from mulle.errors import UnknownName, UsageError
from mulle.nn.optim import Optimizer

PRECISIONS = ("float32", "float16", "bfloat16")


class Plain:
    """Compute everything in the type of the parameters."""

    def computing(self) -> AbstractContextManager[Any]:
        """Return the context of the forward pass."""
        return nullcontext()

    def backward(self, loss: Any) -> None:
        """Compute the gradients."""
        loss.backward()

    def unscale(self, optimizer: Optimizer) -> None:
        """Undo the scaling of the gradients."""

    def step(self, optimizer: Optimizer) -> None:
        """Make one update."""
        optimizer.step()

    def state(self) -> dict[str, Any]:
        """Return what a resumed training needs."""
        return {}

    def load(self, state: dict[str, Any]) -> None:
        """Restore a state."""


class Mixed(Plain):
    """Use PyTorch's autocast, and its scaling of the loss for float16.

    Args:
        precision: "float16" or "bfloat16".
        device: device type of the parameters, such as "cuda".
    """

    def __init__(self, precision: str, device: str) -> None:
        import torch

        self._torch, self._device = torch, device
        self._type = getattr(torch, precision)
        self.scaler = torch.amp.GradScaler(device, enabled=precision == "float16")

    def computing(self) -> AbstractContextManager[Any]:
        """Return the context of the forward pass."""
        return self._torch.autocast(self._device, self._type)

    def backward(self, loss: Any) -> None:
        """Compute the gradients, multiplied by S."""
        self.scaler.scale(loss).backward()

    def unscale(self, optimizer: Optimizer) -> None:
        """Divide the gradients by S."""
        self.scaler.unscale_(_theirs(optimizer))

    def step(self, optimizer: Optimizer) -> None:
        """Make one update, unless a gradient is not finite."""
        optimizer.steps += 1
        self.scaler.step(_theirs(optimizer))
        self.scaler.update()

    def state(self) -> dict[str, Any]:
        """Return S and its counters."""
        return dict(self.scaler.state_dict())

    def load(self, state: dict[str, Any]) -> None:
        """Restore a state."""
        if state:
            self.scaler.load_state_dict(state)


def _theirs(optimizer: Optimizer) -> Any:
    return optimizer.in_torch.optimizer if optimizer.in_torch is not None else None


def make_precision(precision: str, optimizer: Optimizer) -> Plain:
    """Make a precision by its name.

    Raises:
        UnknownName: there is no precision of this name.
        UsageError: the model lives in NumPy, or the optimizer needs exact losses.
    """
    if precision not in PRECISIONS:
        raise UnknownName("precision-unknown", "precision", precision, PRECISIONS)
    if precision == "float32":
        return Plain()
    if optimizer.in_torch is None:
        raise UsageError("precision-needs-torch", precision=precision)
    if optimizer.wants_closure:
        raise UsageError(
            "precision-with-closure", optimizer=type(optimizer).__name__, precision=precision
        )
    return Mixed(precision, optimizer.parameters[0].device.type)
