"""Clipping: y = min(max(x, low), high); gx = gy within them (and on them), else 0.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number


def forward(x: Array, low: float | None = None, high: float | None = None) -> tuple[Array, Any]:
    return np.clip(x, low, high), (x, low, high)


def backward(gy: Array, saved: Any) -> Array:
    x, low, high = saved
    if low is not None:
        gy = gy * (x >= low)
    if high is not None:
        gy = gy * (x <= high)
    return gy


def torch_forward(torch: Any, x: Any, low: float | None = None, high: float | None = None) -> Any:
    return torch.clamp(x, low, high)


def to_onnx(g: Any, x: Any, low: float | None = None, high: float | None = None) -> Any:
    return g.clip(x, *(None if bound is None else number(g, bound, x) for bound in (low, high)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),), {"low": -0.5, "high": 0.5})
    yield Sample((draw.normal(2, 3),), {"low": 0.1})
    yield Sample((draw.normal(2, 3),), {"high": -0.2})
    yield Sample((draw.array(-1e30, -1.0, 0.0, 1.0, 1e30),), {"low": -1, "high": 1}, kink=True)
