"""Squared error: l = (x - target)^2; gx = 2 (x - target), times 1 / n in the mean.

shapes  x (...), target (...) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
catalogue  loss-mse loss-lsgan
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP, Draw, Sample
from mulle.nn.ops._reduction import onnx_reduce, reduce

POSITIONAL = ("size_average", "reduce", "reduction", "weight")


def forward(x: Array, target: Array, *, reduction: str = "mean") -> tuple[Array, Any]:
    d = x - target
    y, share = reduce(d * d, reduction)
    return y, (d, share)


def backward(gy: Array, saved: Any, into: tuple[Any, ...]) -> tuple[Array, Array | None]:
    d, share = saved
    gx = d * (gy * (2 * share))
    return gx, None if into[1] is SKIP else -gx


def torch_forward(torch: Any, x: Any, target: Any, *, reduction: str = "mean") -> Any:
    return torch.nn.functional.mse_loss(x, target, reduction=reduction)


def to_onnx(g: Any, x: Any, target: Any, *, reduction: str = "mean") -> Any:
    d = g.sub(x, target)
    return onnx_reduce(g, g.mul(d, d), reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(4, 3), draw.normal(4, 3)
    yield Sample((x, target))
    yield Sample((x, target), {"reduction": "sum"})
    yield Sample((x, target), {"reduction": "none"})
    yield Sample((draw.normal(4, 1), draw.normal(4)), refused="x (...), target (...)")
