"""Transposition of two axes.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.swapaxes.html
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, first: int, second: int) -> tuple[Array, Any]:
    return x.swapaxes(first, second), (first, second)


def backward(gy: Array, saved: Any) -> Array:
    return gy.swapaxes(*saved)


def torch_forward(torch: Any, x: Any, first: int, second: int) -> Any:
    return torch.transpose(x, first, second)


def to_onnx(g: Any, x: Any, first: int, second: int) -> Any:
    order = list(range(len(x.type.shape)))
    order[first], order[second] = order[second], order[first]
    return g.transpose(x, perm=order)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),), {"first": 0, "second": 1})
    yield Sample((draw.normal(2, 3, 4),), {"first": 1, "second": -1})
    yield Sample((draw.normal(2, 3),), {"first": 0, "second": 2}, refused="x (*)")
