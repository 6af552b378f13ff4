"""Exponential linear unit: y = x where x > 0, else a (e^x - 1), which tends to -a.

gx = gy or gy a e^x, where e^x is kept: y + a would lose it in the left tail.

shapes  x (*) -> y (*)
source  Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289
catalogue  act-elu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample

POSITIONAL = ("alpha", "inplace")


def forward(x: Array, *, alpha: float = 1.0) -> tuple[Array, Any]:
    low = np.fmin(x, 0)
    y = np.expm1(low)
    y *= alpha
    y += np.maximum(x, 0)
    return y, (x, low, alpha)


def backward(gy: Array, saved: Any) -> Array:
    x, low, alpha = saved
    slope = np.exp(low)  # 1 where x > 0, and where x is nan
    slope *= np.multiply(x <= 0, alpha - 1, dtype=x.dtype) + 1
    return gy * slope


def torch_forward(torch: Any, x: Any, *, alpha: float = 1.0) -> Any:
    return torch.nn.functional.elu(x, alpha)


def to_onnx(g: Any, x: Any, *, alpha: float = 1.0) -> Any:
    return g.elu(x, alpha=alpha)


# Its attribute alpha is a float32 in a float64 graph too.
TOLERANCE = {"onnx": 1e-6}


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3),), {"alpha": 0.7})
    yield Sample((draw.array(-1e4, -0.5, 0.5, 1e4),))
