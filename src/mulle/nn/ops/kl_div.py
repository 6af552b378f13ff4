"""Kullback-Leibler divergence of q = target from p = e^x: l = q (ln q - x), 0 where q is 0.

gx = -q. The divergence of each row is the sum of its l: "batchmean", the mean of that over rows,
is the divergence; "mean" divides by the number of entries, as in PyTorch.

shapes  x (...), target (...) fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
catalogue  loss-kl
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import (
    REDUCTIONS,
    check_probabilities,
    check_reduction,
    onnx_length,
    onnx_reduce,
    reduce,
)

POSITIONAL = ("size_average", "reduce", "reduction", "log_target")


def forward(x: Array, target: Array, *, reduction: str = "batchmean") -> tuple[Array, Any]:
    check_reduction(reduction, ("batchmean", *REDUCTIONS))
    check_probabilities(target, "target")
    losses = target * (np.log(np.where(target > 0, target, 1)) - x)
    if reduction == "batchmean":
        y, share = reduce(losses, "mean", len(x))
    else:
        y, share = reduce(losses, reduction)
    return y, (target, share)


def backward(gy: Array, saved: Any) -> Array:
    target, share = saved
    return target * (gy * -share)


def torch_forward(torch: Any, x: Any, target: Any, *, reduction: str = "batchmean") -> Any:
    if reduction == "mean":  # PyTorch would warn that it is not the divergence
        return torch.nn.functional.kl_div(x, target, reduction="none").mean()
    return torch.nn.functional.kl_div(x, target, reduction=reduction)


def to_onnx(g: Any, x: Any, target: Any, *, reduction: str = "batchmean") -> Any:
    logs = g.log(g.where(g.greater(target, number(g, 0, x)), target, number(g, 1, x)))
    losses = g.mul(target, g.sub(logs, x))
    if reduction == "batchmean":
        return onnx_reduce(g, losses, "mean", onnx_length(g, x, 0))
    return onnx_reduce(g, losses, reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(4, 3), draw.uniform(0, 1, 4, 3)
    target[0] = (1, 0, 0)
    for reduction in ("batchmean", "mean", "sum", "none"):
        yield Sample((x, target), {"reduction": reduction})
    yield Sample((draw.normal(4, 1), draw.uniform(0, 1, 4)), refused="target (...)")
    yield Sample((x, target - 1), refused="target (...)")
