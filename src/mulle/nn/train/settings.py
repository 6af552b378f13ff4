"""Convert the arguments of `train`, names or objects, to the objects it works with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mulle.errors import UnknownName, UsageError
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.optim import OPTIMIZERS, Optimizer
from mulle.nn.schedules import Constant, Schedule
from mulle.nn.schedules import schedule as named_schedule


def as_optimizer(given: Any, model: Module, lr: float | None) -> Optimizer:
    """Return an optimizer of the model.

    Raises:
        UnknownName: there is no optimizer of this name.
        UsageError: the optimizer holds parameters of another model.
    """
    if isinstance(given, str):
        if given not in OPTIMIZERS:
            raise UnknownName("optimizer-unknown", "optimizer", given, OPTIMIZERS)
        given = OPTIMIZERS[given]
    if not isinstance(given, Optimizer):
        given = given(model.parameters())
    own = {id(p) for p in model.parameters()}
    if not all(id(p) in own for p in given.parameters):
        raise UsageError("optimizer-of-another-model", optimizer=type(given).__name__)
    if lr is not None:
        given.lr = lr
    return given  # type: ignore[no-any-return]


def as_schedule(given: str | Schedule | None, steps: int) -> Schedule:
    """Return a schedule for a number of steps."""
    if isinstance(given, str):
        return named_schedule(given, steps)
    return Constant() if given is None else given


def as_loss(given: Any) -> Callable[[Any, Any], Any]:
    """Return a loss as a function of output and target.

    Raises:
        UnknownName: there is no operation of this name.
    """
    if isinstance(given, str):
        if given not in OPS:
            raise UnknownName("operation-unknown", "loss", given, OPS)
        return OPS[given]
    return given  # type: ignore[no-any-return]


def seed_torch(optimizer: Optimizer, seed: int) -> None:
    """Seed PyTorch's random numbers too, where the model lives in PyTorch."""
    if optimizer.in_torch is not None:
        sys.modules["torch"].manual_seed(seed)
