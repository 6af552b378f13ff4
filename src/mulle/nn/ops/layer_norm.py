"""Layer normalisation over the last axis: y = (x - mean) / sqrt(var + eps) * w + b, ddof 0.

With s = sqrt(var + eps), h = (x - mean) / s and u = gy w:
gx = (u - mean(u) - h mean(u h)) / s.

shapes  x (..., d), weight (d)?, bias (d)? -> y (..., d)
source  Ba, Kiros & Hinton 2016, arXiv:1607.06450, eq. 4
catalogue  norm-layer
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.operation import Array, Draw, Sample


def forward(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float = 1e-5
) -> tuple[Array, Any]:
    d = x.shape[-1]
    h = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(np.einsum("...i,...i->...", h, h)[..., None] / d + eps)
    h *= scale
    y = h if weight is None else h * weight
    if bias is not None:
        y = y + bias
    return y, (h, scale, weight, bias)


def backward(gy: Array, saved: Any) -> tuple[Array, Array | None, Array | None]:
    h, scale, weight, bias = saved
    rows = tuple(range(gy.ndim - 1))
    u = gy if weight is None else gy * weight
    gh = gy * h
    gx = u - u.mean(axis=-1, keepdims=True)
    gx -= h * (u * h).mean(axis=-1, keepdims=True)
    gx *= scale
    gw = None if weight is None else gh.sum(axis=rows)
    return gx, gw, None if bias is None else gy.sum(axis=rows)


def twin(torch: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias, eps)


def to_onnx(g: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    if weight is None:
        weight = g.constant_of(np.ones(x.type.shape[-1], x.type.dtype))
    return g.layer_normalization(x, weight, bias, axis=-1, epsilon=eps)[0]


# The epsilon of the ONNX operator is a float32 attribute: 1e-5 is not quite 1e-5 there.
TOLERANCE = {"onnx": 1e-6}


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(3, 6), draw.normal(6), draw.normal(6)))
    yield Sample((draw.normal(2, 3, 6), draw.normal(6), draw.normal(6)), {"eps": 1e-3})
    yield Sample((draw.normal(3, 6),))
    yield Sample((draw.normal(3, 6), draw.normal(5), draw.normal(6)), refused="weight (d)?")
