"""Exponential linear unit: y = x where x > 0, else a (e^x - 1), which tends to -a.

gx = gy or gy a e^x = gy (y + a).

shapes  x (*) -> y (*)
source  Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289
catalogue  act-elu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._slope import slope


def forward(x: Array, *, alpha: float = 1.0) -> tuple[Array, Any]:
    low = np.expm1(np.minimum(x, 0))
    low *= alpha
    return np.maximum(x, 0) + low, (x, low, alpha)


def backward(gy: Array, saved: Any) -> Array:
    x, low, alpha = saved
    return gy * (slope(x, 1, alpha) + low)


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
