"""Affine map: y = x W' + b; gx = gy W, gW = gy' x, gb = the sum of gy over the rows.

shapes  x (..., in), weight (out, in), bias (out)? -> y (..., out)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
catalogue  net-dense act-linear
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import products
from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP, Draw, Sample


def forward(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, Any]:
    rows, turned = _rows(x), weight.T
    y = products.empty(rows, turned)

    def compute(at: slice) -> None:
        part = np.matmul(rows[at], turned, out=y[at])
        if bias is not None:
            part += bias

    tiles = [(at,) for at in products.cuts(len(rows), weight.size)]
    products.share(compute, tiles, len(rows) * weight.size)
    return _with_rows_of(x, y), (x, weight, bias)


def backward(
    gy: Array, saved: Any, into: tuple[Any, ...]
) -> tuple[Array | None, Array | None, Array | None]:
    x, weight, bias = saved
    rows, inputs = _rows(gy), _rows(x)
    gx = gw = gb = None
    parts = []
    if into[0] is not SKIP:
        gx = products.empty(rows, weight)
        parts += products.parts(rows, weight, gx)
    if into[1] is not SKIP:
        gw = products.empty(rows.T, inputs) if into[1] is None else into[1]
        parts += products.parts(rows.T, inputs, gw)
    if bias is not None and into[2] is not SKIP:
        gb = np.empty_like(bias) if into[2] is None else into[2]
        parts += products.parts(np.ones_like(rows, shape=(1, len(rows))), rows, gb[None])
    products.run(parts)
    gx = None if gx is None else _with_rows_of(x, gx)
    return gx, gw, gb


def _rows(x: Array) -> Array:
    """Reshape to a matrix; one product of many rows takes half the time of many small ones."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _with_rows_of(x: Array, y: Array) -> Array:
    return y if x.ndim == 2 else y.reshape(*x.shape[:-1], y.shape[-1])


def torch_forward(torch: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    return torch.nn.functional.linear(x, weight, bias)


def to_onnx(g: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    if len(x.type.shape) == 2:
        return g.gemm(x, weight, bias, transB=1)
    y = g.matmul(x, g.transpose(weight, perm=(1, 0)))
    return y if bias is None else g.add(y, bias)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(4, 3), draw.normal(2, 3), draw.normal(2)))
    yield Sample((draw.normal(4, 3), draw.normal(2, 3)))
    yield Sample((draw.normal(2, 4, 3), draw.normal(5, 3), draw.normal(5)))
    yield Sample((draw.normal(1, 3), draw.normal(1, 3), draw.normal(1)))
    yield Sample((draw.normal(4, 3), draw.normal(2, 4)), refused="weight (out, in)")
    yield Sample((draw.integers(5, 4, 3), draw.normal(2, 3)), refused="x (..., in)")
