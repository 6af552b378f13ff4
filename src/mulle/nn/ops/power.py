"""Power with a constant exponent: y = x^exponent; gx = gy * exponent * x^(exponent - 1).

shapes  x (*) -> y (*)
source  power rule
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, exponent: float) -> tuple[Array, Any]:
    return x**exponent, (x, exponent)


def backward(gy: Array, saved: Any) -> Array:
    x, exponent = saved
    if exponent == 0:
        return np.zeros_like(gy)  # at 0 too
    return gy * (exponent * x ** (exponent - 1))


def torch_forward(torch: Any, x: Any, exponent: float) -> Any:
    return torch.pow(x, exponent)


def to_onnx(g: Any, x: Any, exponent: float) -> Any:
    return g.pow(x, g.constant_of(np.array(exponent, x.type.dtype)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),), {"exponent": 2})
    yield Sample((draw.normal(2, 3),), {"exponent": 0})
    yield Sample((draw.normal(2, 3),), {"exponent": 3})
    yield Sample((draw.uniform(0.5, 2, 2, 3),), {"exponent": 0.5})
    yield Sample((draw.uniform(0.5, 2, 4),), {"exponent": -1.5})
