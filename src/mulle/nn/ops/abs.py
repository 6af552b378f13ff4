"""Absolute value: y = |x|; gx = gy sign(x), so 0 at 0.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.abs.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._slope import sign


def forward(x: Array) -> tuple[Array, Any]:
    return np.abs(x), x


def backward(gy: Array, saved: Any) -> Array:
    return gy * sign(saved)


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.abs(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.abs(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-1e30, -0.0, 0.0, 1e30),), kink=True)
