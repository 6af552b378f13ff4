"""Layer normalization over the last axis: y = (x - mean) / sqrt(var + eps) * w + b, ddof 0.

With s = 1 / sqrt(var + eps), h = (x - mean) s and gh = gy w:
gx = (gh - mean(gh) - h mean(gh h)) s; gw = the sum of gy h over the rows, gb = that of gy.

shapes  x (..., d), weight (d)?, bias (d)? -> y (..., d)
source  Ba, Kiros & Hinton 2016, arXiv:1607.06450, eq. 4
catalogue  norm-layer
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._standardize import as_rows, gradient, standardize, sum_over_rows


def forward(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float = 1e-5
) -> tuple[Array, Any]:
    h, s = standardize(x, eps)
    if weight is None and bias is None:
        return h, (h, s, weight, bias)
    y = np.empty_like(h)
    parallel.rows(lambda h, y: _scale(h, weight, bias, y), as_rows(h), as_rows(y))
    return y, (h, s, weight, bias)


def _scale(h: Array, weight: Array | None, bias: Array | None, y: Array) -> None:
    # y = h * weight + bias
    if weight is not None:
        h = np.multiply(h, weight, out=y)
    if bias is None:
        return
    np.add(h, bias, out=y)


def backward(gy: Array, saved: Any) -> tuple[Array, Array | None, Array | None]:
    h, s, weight, bias = saved
    gx = gradient(gy, h, s, weight)
    gw = None if weight is None else sum_over_rows(gy, h)
    return gx, gw, None if bias is None else sum_over_rows(gy)


def torch_forward(
    torch: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5
) -> Any:
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
    yield Sample((draw.normal(3, 6), None, draw.normal(6)))
    yield Sample((draw.normal(3, 6) * 1e3 + 1e4, draw.normal(6)))
    yield Sample((draw.normal(3, 6), draw.normal(5), draw.normal(6)), refused="weight (d)?")
