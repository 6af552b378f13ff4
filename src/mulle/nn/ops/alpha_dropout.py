"""Dropout for SELU: y = a z + b, z = x where noise >= p, else -1.7581, SELU's lowest value.

a = 1 / sqrt((1 - p) (1 + p 1.7581^2)) and b = a p 1.7581 leave mean 0 and variance 1 as they are.
gx = a gy where noise >= p, else 0.

shapes  x (...), noise (...) fixed -> y (...)
source  Klambauer et al. 2017, arXiv:1706.02515 (new dropout technique)
catalogue  reg-alphadrop
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops.selu import ALPHA, SCALE

LOWEST = -ALPHA * SCALE


def forward(x: Array, noise: Array, *, p: float) -> tuple[Array, Any]:
    a, b = _keeping_moments(p)
    # y = a * where(noise >= p, x, LOWEST) + b
    mask = np.multiply(noise >= p, a, dtype=x.dtype)
    y = np.multiply(noise < p, a * LOWEST, dtype=x.dtype)
    y += x * mask
    y += b
    return y, mask


def _keeping_moments(p: float) -> tuple[float, float]:
    a = ((1 - p) * (1 + p * LOWEST**2)) ** -0.5 if p < 1 else 0.0
    return a, -a * p * LOWEST


def backward(gy: Array, saved: Any) -> Array:
    return gy * saved


def torch_forward(torch: Any, x: Any, noise: Any, *, p: float) -> Any:
    a, b = _keeping_moments(p)
    kept = (noise >= p).to(x.dtype)
    return a * x * kept + (a * LOWEST) * (1 - kept) + b


def to_onnx(g: Any, x: Any, noise: Any, *, p: float) -> Any:
    a, b = _keeping_moments(p)
    y = g.add(g.mul(number(g, a, x), x), number(g, b, x))
    return g.where(g.less(noise, number(g, p, noise)), number(g, a * LOWEST + b, x), y)


def samples(draw: Draw) -> Iterator[Sample]:
    x, noise = draw.normal(4, 3), draw.uniform(0, 1, 4, 3)
    for p in (0.5, 0.1, 0.0, 1.0):
        yield Sample((x, noise), {"p": p})
    yield Sample((x, draw.uniform(0, 1, 3)), {"p": 0.5}, refused="noise (...) fixed")
