"""Hinge loss of two classes, -1 and 1: l = max(0, margin - t x), that of a linear SVM.

gx = -t where t x < margin, else 0. x is a score of any size, not a probability.

shapes  x (...), target (...) fixed -> y (*)
source  Cortes & Vapnik 1995, Support-vector networks; https://keras.io/api/losses/hinge_losses/
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import onnx_reduce, reduce
from mulle.nn.shapes import ContractError


def forward(
    x: Array, target: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> tuple[Array, Any]:
    if (np.abs(target) != 1).any():
        raise ContractError("hinge-target")
    short = np.maximum(margin - target * x, 0)
    y, share = reduce(short, reduction)
    return y, (target, short, share)


def backward(gy: Array, saved: Any) -> Array:
    target, short, share = saved
    return -target * (short != 0) * (gy * share)


def torch_forward(
    torch: Any, x: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    losses = torch.relu(margin - target * x)
    return losses if reduction == "none" else getattr(torch, reduction)(losses)


def to_onnx(g: Any, x: Any, target: Any, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    short = g.relu(g.sub(number(g, margin, x), g.mul(target, x)))
    return onnx_reduce(g, short, reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(4, 3), np.sign(draw.normal(4, 3))
    yield Sample((x, target))
    yield Sample((x, target), {"margin": 0.5, "reduction": "sum"})
    yield Sample((x, target), {"reduction": "none"})
    yield Sample((draw.normal(4, 1), target[:, 0]), refused="target (...)")
    yield Sample((x, target * 0), refused="target (...)")
