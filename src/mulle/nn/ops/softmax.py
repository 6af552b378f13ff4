"""Softmax along an axis: y_i = e^(x_i - m) / sum_j e^(x_j - m), m the largest; positive, sums to 1.

gx = y (gy - sum_j gy_j y_j).

shapes  x (*) -> y (*)
source  Bridle 1990, Probabilistic interpretation of feedforward classification network outputs
catalogue  act-softmax diag-overflow
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, axis: int = -1) -> tuple[Array, Any]:
    # y = e^(x - max) / sum(e^(x - max))
    y = x - x.max(axis=axis, keepdims=True, initial=-np.inf)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y, (y, axis)


def backward(gy: Array, saved: Any) -> Array:
    y, axis = saved
    return y * (gy - (gy * y).sum(axis=axis, keepdims=True))


def torch_forward(torch: Any, x: Any, axis: int = -1) -> Any:
    return torch.softmax(x, dim=axis)


def to_onnx(g: Any, x: Any, axis: int = -1) -> Any:
    return g.softmax(x, axis=axis)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3, 4),), {"axis": 1})
    yield Sample((draw.array(1e4, 0.0, -1e4, 1e4 + 1),))
    yield Sample((draw.normal(2, 3),), {"axis": 2}, refused="x (*)")
