"""A loss that is no number: which layer it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.errors import RunError
from mulle.nn.module import Module, watching
from mulle.nn.tensor import as_numpy, no_grad

if TYPE_CHECKING:
    from mulle.nn.train.loop import Training


def not_finite(training: Training, value: float, inputs: tuple[Any, ...]) -> RunError:
    """The error that names where it began: the data, a parameter, or the output of a layer."""
    model = training.model
    where = _first(model, inputs)
    return RunError(
        "loss-not-finite", where=where, value=value, step=training.step + 1, epoch=training.epoch
    )


def _first(model: Module, inputs: tuple[Any, ...]) -> str:
    for i, x in enumerate(inputs):
        if not _finite(x):
            return f"input {i} of the model holds values that are no numbers"
    names = {id(module): name for name, module in model.named_modules()}
    found: list[str] = []

    def watch(module: Module, _: Any, output: Any) -> None:
        if not found and not all(map(_finite, output if type(output) is tuple else (output,))):
            kind, name = type(module).__name__, names.get(id(module), "")
            broken = [n for n, p in module.named_parameters() if not _finite(p)]
            why = f"its {broken[0]} is no longer finite" if broken else "its output is not finite"
            found.append(f"{name} ({kind}): {why}" if name else f"{kind}: {why}")

    with watching(watch), no_grad(), np.errstate(all="ignore"):
        model(*inputs)
    return found[0] if found else "the loss itself; every layer gives finite numbers"


def _finite(x: Any) -> bool:
    values = as_numpy(x)
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())
