"""Stacking of equal shapes along a new axis; each array gets its slice of gy.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.stack.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids


def forward(*xs: Array, axis: int = 0) -> tuple[Array, Any]:
    return np.stack(xs, axis=axis), axis


def backward(gy: Array, saved: Any) -> tuple[Array, ...]:
    return tuple(np.moveaxis(gy, saved, 0))


def torch_forward(torch: Any, *xs: Any, axis: int = 0) -> Any:
    return torch.stack(xs, dim=axis)


def to_onnx(g: Any, *xs: Any, axis: int = 0) -> Any:
    return g.concat([g.unsqueeze(x, ids(g, axis)) for x in xs], axis=axis)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.normal(2, 3)))
    yield Sample((draw.normal(2, 3), draw.normal(2, 3), draw.normal(2, 3)), {"axis": -1})
    yield Sample((draw.normal(2, 3),), {"axis": 1})
    yield Sample((draw.normal(2, 3), draw.normal(3, 2)), refused="x (*)")
