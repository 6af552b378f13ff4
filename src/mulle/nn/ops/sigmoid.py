"""Logistic function: y = 1 / (1 + e^-x), in (0, 1); gx = gy y (1 - y), at most gy / 4.

Computed as (1 + tanh(x / 2)) / 2, which overflows nowhere.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html
catalogue  act-sigmoid
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    y = 0.5 * np.tanh(0.5 * x) + 0.5
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return gy * (saved * (1 - saved))


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.sigmoid(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.sigmoid(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-200.0, -0.5, 0.0, 0.5, 200.0),))
