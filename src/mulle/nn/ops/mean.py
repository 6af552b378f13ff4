"""Mean over axes: y = sum of x / n; gx = gy / n, repeated.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.mean.html
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._axes import Axes, onnx_axes, spread


def forward(x: Array, axis: Axes = None, *, keepdims: bool = False) -> tuple[Array, Any]:
    return x.mean(axis=axis, keepdims=keepdims), (x, axis, keepdims)


def backward(gy: Array, saved: Any) -> Array:
    x = saved[0]
    return spread(gy / (x.size / max(gy.size, 1)) if x.size else gy, *saved)


def torch_forward(torch: Any, x: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    return torch.mean(x, dim=axis, keepdim=keepdims)


def to_onnx(g: Any, x: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    return g.reduce_mean(x, onnx_axes(g, axis), keepdims=keepdims)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3),), {"axis": 0})
    yield Sample((draw.normal(2, 3, 4),), {"axis": (0, -1)})
    yield Sample((draw.normal(2, 3),), {"axis": 1, "keepdims": True})
    yield Sample((draw.normal(2, 3),), {"axis": 2}, refused="x (*)")
