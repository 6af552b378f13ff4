"""Exponential: y = e^x; gx = gy * y.

shapes  x (*) -> y (*)
source  e^x is its own derivative
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    y = np.exp(x)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return gy * saved


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.exp(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.exp(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-80.0, 0.0, 3.0),))
