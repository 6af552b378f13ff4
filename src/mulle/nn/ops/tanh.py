"""Hyperbolic tangent: y = tanh x, in (-1, 1); gx = gy (1 - y^2).

shapes  x (*) -> y (*)
source  LeCun et al. 1998, Efficient BackProp, section 4.4
catalogue  act-tanh
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    y = parallel.map_entries(np.tanh, x)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return parallel.map_entries(lambda gy, y: gy * (1 - y * y), gy, saved)


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.tanh(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.tanh(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-100.0, -0.5, 0.0, 0.5, 100.0),))
