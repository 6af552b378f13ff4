"""Find where a loss that is not finite came from: the data, a parameter, a layer, or the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mulle.errors import RunError
from mulle.nn.module import Module, watching
from mulle.nn.tensor import as_numpy, no_grad


def find_not_finite(
    model: Module, inputs: Sequence[Any], *, loss: float, step: int, epoch: int
) -> RunError:
    """Return the error that names the first thing that is not finite.

    Args:
        model: called once more on the inputs.
        inputs: the batch whose loss was not finite.
        loss: value of the loss, nan or infinite.
        step: current step, 1-based.
        epoch: current epoch, 1-based.
    """
    values: dict[str, Any] = {"loss": str(loss), "step": step, "epoch": epoch}
    for i, x in enumerate(inputs):
        if not _is_finite(x):
            return RunError("input-not-finite", input=i, **values)
    found: list[RunError] = []
    names = {id(module): name for name, module in model.named_modules()}

    def watch(module: Module, _: Any, output: Any) -> None:
        outputs = output if type(output) is tuple else (output,)
        if found or all(map(_is_finite, outputs)):
            return
        kind, name = type(module).__name__, names.get(id(module), "")
        layer = f"{name} ({kind})" if name else kind
        broken = [n for n, p in module.named_parameters() if not _is_finite(p)]
        if broken:
            found.append(
                RunError("parameter-not-finite", where=layer, parameter=broken[0], **values)
            )
        else:
            found.append(RunError("output-not-finite", where=layer, **values))

    with watching(watch), no_grad(), np.errstate(all="ignore"):
        model(*inputs)
    return found[0] if found else RunError("loss-not-finite", **values)


def _is_finite(x: Any) -> bool:
    values = as_numpy(x)
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())
