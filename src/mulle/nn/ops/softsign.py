"""Softsign: y = x / (1 + |x|), in (-1, 1); gx = gy / (1 + |x|)^2.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    scale = 1 / (1 + np.abs(x))
    return x * scale, scale


def backward(gy: Array, saved: Any) -> Array:
    return gy * (saved * saved)


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.nn.functional.softsign(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.softsign(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-1e6, -1.0, 0.0, 1.0, 1e6),))
