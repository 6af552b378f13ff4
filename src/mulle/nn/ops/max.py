"""Maximum along an axis; gx is gy at the largest value, shared evenly among equal ones.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.amax.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, axis: int) -> tuple[Array, Any]:
    y = x.max(axis=axis)
    return y, (x, y, axis)


def backward(gy: Array, saved: Any) -> Array:
    x, y, axis = saved
    best = x == np.expand_dims(y, axis)
    return best * np.expand_dims(gy / best.sum(axis=axis, dtype=gy.dtype), axis)


def torch_forward(torch: Any, x: Any, axis: int) -> Any:
    return torch.amax(x, dim=axis)


def to_onnx(g: Any, x: Any, axis: int) -> Any:
    return g.reduce_max(x, g.constant_of(np.array([axis])), keepdims=False)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),), {"axis": 0})
    yield Sample((draw.normal(2, 3, 4),), {"axis": -1})
    yield Sample((np.ones((2, 2), draw.dtype),), {"axis": 1}, kink=True)
    yield Sample((draw.normal(2, 3),), {"axis": 2}, refused="x (*)")
