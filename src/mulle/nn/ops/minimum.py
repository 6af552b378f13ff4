"""Elementwise minimum, broadcasting; gy goes to the smaller entry, half to each of equal ones.

shapes  a (*), b (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.minimum.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink


def forward(a: Array, b: Array) -> tuple[Array, Any]:
    return np.minimum(a, b), (a, b)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    a, b = saved
    # half to each of equal ones; nan neither wins nor loses, so both get all
    tie = 0.5 * gy * (a == b)
    return shrink(gy * ~(a >= b) + tie, a), shrink(gy * ~(b >= a) + tie, b)


def torch_forward(torch: Any, a: Any, b: Any) -> Any:
    return torch.minimum(*(torch.as_tensor(x) for x in (a, b)))


def to_onnx(g: Any, a: Any, b: Any) -> Any:
    return g.min([a, b])


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.normal(2, 3)))
    yield Sample((draw.normal(2, 3), draw.normal(3)))
    yield Sample((draw.normal(2, 1), draw.normal(1, 3)))
    yield Sample((draw.array(1.0, 2.0), draw.array(1.0, 1.0)), kink=True)
    yield Sample((draw.normal(2, 3), draw.normal(4)), refused="a (*), b (*)")
