"""Quotient: y = a / b, entry by entry, broadcasting; ga = gy / b and gb = -gy * y / b.

shapes  a (*), b (*) -> y (*)
source  https://numpy.org/doc/stable/user/basics.broadcasting.html
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink


def forward(a: Array, b: Array) -> tuple[Array, Any]:
    y = a / b
    return y, (a, b, y)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    a, b, y = saved
    ga = gy / b
    return shrink(ga, a), shrink(-ga * y, b)


def torch_forward(torch: Any, a: Any, b: Any) -> Any:
    return a / b


def to_onnx(g: Any, a: Any, b: Any) -> Any:
    return g.div(a, b)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.uniform(0.5, 2, 2, 3)))
    yield Sample((draw.normal(3), draw.uniform(-2, -0.5, 2, 3)))
    yield Sample((draw.normal(2, 3), draw.uniform(0.5, 2, 2, 1)))
    yield Sample((draw.normal(2, 3), draw.normal(4)), refused="a (*), b (*)")
