"""Dropout: y = x / (1 - p) where noise >= p, else 0; the same for gx from gy.

The layer draws the noise uniformly from 0 to 1, so the operation itself is deterministic.

shapes  x (...), noise (...) fixed -> y (...)
source  Srivastava et al. 2014, Dropout, JMLR 15, section 10 (the scaled form)
catalogue  reg-dropout
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number


def forward(x: Array, noise: Array, *, p: float) -> tuple[Array, Any]:
    mask = np.multiply(noise >= p, _scale(p), dtype=x.dtype)
    return x * mask, mask


def _scale(p: float) -> float:
    return 1 / (1 - p) if p < 1 else 0.0


def backward(gy: Array, saved: Any) -> Array:
    return gy * saved


def torch_forward(torch: Any, x: Any, noise: Any, *, p: float) -> Any:
    return torch.where(noise >= p, x / max(1 - p, 1e-9), 0)


def to_onnx(g: Any, x: Any, noise: Any, *, p: float) -> Any:
    y = g.mul(x, number(g, _scale(p), x))
    return g.where(g.less(noise, number(g, p, noise)), number(g, 0, x), y)


def samples(draw: Draw) -> Iterator[Sample]:
    x, noise = draw.normal(4, 3), draw.uniform(0, 1, 4, 3)
    for p in (0.5, 0.1, 0.0, 1.0):
        yield Sample((x, noise), {"p": p})
    yield Sample((x, draw.uniform(0, 1, 3)), {"p": 0.5}, refused="noise (...) fixed")
