"""Splitting along an axis, into as many arrays as it is long; gx is the stack of the gys.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.unbind.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids


def forward(x: Array, axis: int = 0) -> tuple[tuple[Array, ...], Any]:
    return tuple(np.moveaxis(x, axis, 0)), axis


def backward(gys: tuple[Array, ...], saved: Any) -> Array:
    return np.stack(gys, axis=saved)


def torch_forward(torch: Any, x: Any, axis: int = 0) -> Any:
    return torch.unbind(x, dim=axis)


def to_onnx(g: Any, x: Any, axis: int = 0) -> Any:
    parts = x.type.shape[axis]
    cut = g.split(x, axis=axis, num_outputs=parts)
    return tuple(g.squeeze(part, ids(g, axis)) for part in cut)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3, 4),), {"axis": 1})
    yield Sample((draw.normal(2, 1, 4),), {"axis": -2})
    yield Sample((draw.normal(2, 3),), {"axis": 2}, refused="x (*)")
