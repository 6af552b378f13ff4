"""Swish: y = x s(b x), s the logistic function; SiLU where there is no b (b = 1).

With s = s(b x): gx = gy s (1 + b x (1 - s)); gb = the sum of gy x^2 s (1 - s).

shapes  x (*), beta ()? -> y (*)
source  Ramachandran, Zoph & Le 2017, arXiv:1710.05941; Elfwing et al. 2018, arXiv:1702.03118
catalogue  act-swish
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._logistic import logistic


def forward(x: Array, beta: Array | float | None = None) -> tuple[Array, Any]:
    s = parallel.map_entries(logistic, x if beta is None else x * beta)
    return parallel.map_entries(np.multiply, x, s), (x, beta, s)


def backward(gy: Array, saved: Any) -> tuple[Array, Array | None]:
    x, beta, s = saved
    if beta is None:
        return parallel.map_entries(lambda gy, x, s: gy * (s + x * s * (1 - s)), gy, x, s), None
    slope = x * s * (1 - s)
    gb = (gy * x * slope).sum(keepdims=True).reshape(())
    return gy * (s + beta * slope), gb


def torch_forward(torch: Any, x: Any, beta: Any = None) -> Any:
    return torch.nn.functional.silu(x) if beta is None else x * torch.sigmoid(beta * x)


def to_onnx(g: Any, x: Any, beta: Any = None) -> Any:
    return g.mul(x, g.sigmoid(x if beta is None else g.mul(beta, x)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3), draw.normal()))
    yield Sample((draw.normal(2, 3), np.array(1.7, draw.dtype)))
    yield Sample((draw.array(-80.0, -0.5, 0.0, 0.5, 80.0),))
    yield Sample((draw.normal(2, 3), draw.normal(3)), refused="beta ()?")
