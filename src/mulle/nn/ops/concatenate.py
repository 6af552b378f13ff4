"""Concatenation along an axis; gy is cut where the arrays met.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.concatenate.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(*xs: Array, axis: int = 0) -> tuple[Array, Any]:
    ends = np.cumsum([x.shape[axis] for x in xs])
    return np.concatenate(xs, axis=axis), (ends[:-1].tolist(), axis)


def backward(gy: Array, saved: Any) -> tuple[Array, ...]:
    ends, axis = saved
    return tuple(np.split(gy, ends, axis=axis))


def torch_forward(torch: Any, *xs: Any, axis: int = 0) -> Any:
    return torch.concatenate(xs, dim=axis)


def to_onnx(g: Any, *xs: Any, axis: int = 0) -> Any:
    return g.concat(xs, axis=axis)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.normal(1, 3), draw.normal(4, 3)))
    yield Sample((draw.normal(2, 3), draw.normal(2, 1)), {"axis": -1})
    yield Sample((draw.normal(2, 3), draw.normal(0, 3)))
    yield Sample((draw.normal(2, 3),), {"axis": 1})
    yield Sample((draw.normal(2, 3), draw.normal(2, 4)), refused="x (*)")
    yield Sample((draw.normal(2, 3), draw.normal(2)), {"axis": 1}, refused="x (*)")
