"""How numbers are kept while training: float32, or mixed with a shorter type in PyTorch.

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
    """All in the type of the parameters."""

    def computing(self) -> AbstractContextManager[Any]:
        """Around the forward pass."""
        return nullcontext()

    def backward(self, loss: Any) -> None:
        """Gradients."""
        loss.backward()

    def unscale(self, optimizer: Optimizer) -> None:
        """Make the gradients what they are."""

    def step(self, optimizer: Optimizer) -> None:
        """One update."""
        optimizer.step()

    def state(self) -> dict[str, Any]:
        """What a resumed training needs."""
        return {}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""


class Mixed(Plain):
    """PyTorch's autocast, and its scaling of the loss for float16.

    Args:
        precision: "float16" or "bfloat16".
        device: where the parameters live.
    """

    def __init__(self, precision: str, device: str) -> None:
        import torch

        self._torch, self._device = torch, device
        self._type = getattr(torch, precision)
        self.scaler = torch.amp.GradScaler(device, enabled=precision == "float16")

    def computing(self) -> AbstractContextManager[Any]:
        """Around the forward pass."""
        return self._torch.autocast(self._device, self._type)

    def backward(self, loss: Any) -> None:
        """Gradients, S times too large."""
        self.scaler.scale(loss).backward()

    def unscale(self, optimizer: Optimizer) -> None:
        """Divide by S."""
        self.scaler.unscale_(_theirs(optimizer))

    def step(self, optimizer: Optimizer) -> None:
        """One update, unless a gradient is not finite."""
        optimizer.steps += 1
        self.scaler.step(_theirs(optimizer))
        self.scaler.update()

    def state(self) -> dict[str, Any]:
        """S and what is counted for it."""
        return dict(self.scaler.state_dict())

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        if state:
            self.scaler.load_state_dict(state)


def _theirs(optimizer: Optimizer) -> Any:
    return optimizer.in_torch.optimizer if optimizer.in_torch is not None else None


def make_precision(precision: str, optimizer: Optimizer) -> Plain:
    """The precision by its name.

    Raises:
        UnknownName: there is none of this name.
        UsageError: the model lives in NumPy, or the optimizer looks at the loss several times.
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
