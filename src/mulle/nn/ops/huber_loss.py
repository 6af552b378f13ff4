"""Huber loss of d = x - target: l = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2).

With c = min(|d|, delta) both are l = c (|d| - c / 2). gx = d kept within -delta..delta.

shapes  x (...), target (...) -> y (*)
source  Huber 1964, Robust estimation of a location parameter;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP, Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import onnx_reduce, reduce

POSITIONAL = ("reduction", "delta", "weight")


def forward(
    x: Array, target: Array, *, delta: float = 1.0, reduction: str = "mean"
) -> tuple[Array, Any]:
    d = x - target
    size = np.abs(d)
    c = np.minimum(size, delta)
    y, share = reduce(c * (size - 0.5 * c), reduction)
    return y, (d, delta, share)


def backward(gy: Array, saved: Any, into: tuple[Any, ...]) -> tuple[Array, Array | None]:
    d, delta, share = saved
    gx = np.clip(d, -delta, delta) * (gy * share)
    return gx, None if into[1] is SKIP else -gx


def torch_forward(
    torch: Any, x: Any, target: Any, *, delta: float = 1.0, reduction: str = "mean"
) -> Any:
    return torch.nn.functional.huber_loss(x, target, reduction=reduction, delta=delta)


def to_onnx(g: Any, x: Any, target: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    size = g.abs(g.sub(x, target))
    c = g.min([size, number(g, delta, x)])
    return onnx_reduce(g, g.mul(c, g.sub(size, g.mul(number(g, 0.5, x), c))), reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(4, 3), draw.normal(4, 3)
    yield Sample((x, target))
    yield Sample((x, target), {"reduction": "sum"})
    yield Sample((x, target), {"reduction": "none"})
    yield Sample((x, target), {"delta": 0.3})
    yield Sample((x * 1e6, target))
    yield Sample((draw.normal(4, 1), draw.normal(4)), refused="x (...), target (...)")
