"""Logarithm of softmax: y_i = x_i - m - ln sum_j e^(x_j - m), m the largest.

gx = gy - e^y sum_j gy_j.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
catalogue  act-logsoftmax
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, axis: int = -1) -> tuple[Array, Any]:
    y = x - x.max(axis=axis, keepdims=True, initial=-np.inf)
    y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y, (y, axis)


def backward(gy: Array, saved: Any) -> Array:
    y, axis = saved
    return gy - np.exp(y) * gy.sum(axis=axis, keepdims=True)


def torch_forward(torch: Any, x: Any, axis: int = -1) -> Any:
    return torch.log_softmax(x, dim=axis)


def to_onnx(g: Any, x: Any, axis: int = -1) -> Any:
    return g.log_softmax(x, axis=axis)


_LOG_OF_0 = ("reference",)  # it takes the logarithm of a softmax that has become 0


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3, 4),), {"axis": 1})
    yield Sample((draw.array(1e4, 0.0, -1e4, 1e4 + 1),), not_in=_LOG_OF_0)
    yield Sample((draw.normal(2, 3),), {"axis": 2}, refused="x (*)")
