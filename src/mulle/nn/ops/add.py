"""Sum: y = a + b, broadcasting.

shapes  a (*), b (*) -> y (*)
source  https://numpy.org/doc/stable/user/basics.broadcasting.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink


def forward(a: Array, b: Array) -> tuple[Array, Any]:
    return parallel.map_entries(np.add, a, b), (a, b)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    a, b = saved
    return shrink(gy, a), shrink(gy, b)


def torch_forward(torch: Any, a: Any, b: Any) -> Any:
    return torch.add(a, b)


def to_onnx(g: Any, a: Any, b: Any) -> Any:
    return g.add(a, b)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.normal(2, 3)))
    yield Sample((draw.normal(2, 3), draw.normal(3)))
    yield Sample((draw.normal(2, 1), draw.normal(1, 3)))
    yield Sample((draw.normal(0, 3), draw.normal(3)))
    yield Sample((draw.normal(2, 3), draw.normal(4)), refused="a (*), b (*)")
