"""Softplus: y = ln(1 + e^(b x)) / b, and x itself where b x > threshold; always positive.

Computed as (max(b x, 0) + ln(1 + e^-|b x|)) / b, which overflows nowhere. gx = gy / (1 + e^(-b x)).

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._logistic import logistic
from mulle.nn.ops._onnx import number


def forward(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> tuple[Array, Any]:
    # y = (max(beta * x, 0) + ln(1 + e^-|beta * x|)) / beta
    z = x * beta
    y = np.log1p(np.exp(-np.abs(z)))
    y += np.maximum(z, 0)
    y *= 1 / beta
    return np.where(z > threshold, x, y), (z, threshold)


def backward(gy: Array, saved: Any) -> Array:
    z, threshold = saved
    return gy * np.where(z > threshold, 1, logistic(z))


def torch_forward(torch: Any, x: Any, *, beta: float = 1.0, threshold: float = 20.0) -> Any:
    return torch.nn.functional.softplus(x, beta, threshold)


def to_onnx(g: Any, x: Any, *, beta: float = 1.0, threshold: float = 20.0) -> Any:
    z = g.mul(x, number(g, beta, x))
    y = g.div(g.softplus(z), number(g, beta, x))
    return g.where(g.greater(z, number(g, threshold, x)), x, y)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-2.0, 0.5, 0.7, 0.9, 3.0),), {"beta": 2.5, "threshold": 2.0})
    yield Sample((draw.array(-80.0, -1.0, 0.0, 1.0, 80.0),))
