"""Mish: y = x t, t = tanh(ln(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2).

gx = gy (t + x (1 - t^2) e^x / (1 + e^x)). Beyond x = 20, t is 1 in float64 too.

shapes  x (*) -> y (*)
source  Misra 2019, arXiv:1908.08681, eq. 1
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number

POSITIONAL = ("inplace",)


def forward(x: Array) -> tuple[Array, Any]:
    e = np.exp(np.minimum(x, 20))
    t = e * (e + 2)
    t /= t + 2
    return x * t, (x, e, t)


def backward(gy: Array, saved: Any) -> Array:
    x, e, t = saved
    return gy * (t + x * (1 - t * t) * (e / (1 + e)))


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.nn.functional.mish(x)


def to_onnx(g: Any, x: Any) -> Any:
    # Put together, as in forward: ONNX Runtime has no float64 kernel of it, and its float32 kernel
    # takes ten times as long, and is off by more.
    most, two = number(g, 20.0, x), number(g, 2.0, x)
    e = g.exp(g.min([x, most]))
    t = g.mul(e, g.add(e, two))
    return g.mul(x, g.div(t, g.add(t, two)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-80.0, -5.0, 0.0, 5.0, 19.0, 21.0, 80.0),))
