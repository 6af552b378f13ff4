"""Batch normalization in training: y = (x - mean) s w + b, s = 1 / sqrt(var + eps), per channel.

Mean and variance (ddof 0) are those of the m values of a channel in this batch; they are outputs
too, for running averages. With h = (x - mean) s:
gx = s w (gy - mean(gy) - h mean(gy h)), and gmean / m + 2 gvar h / (s m) from the other two;
gw = the sum of gy h, gb = the sum of gy.

shapes  x (n, c, ...), weight (c)?, bias (c)? -> y (n, c, ...), mean (c), var (c)
source  Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1
catalogue  norm-batch
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._channels import (
    align_channels,
    onnx_align_channels,
    scale_channels,
    sum_per_channel,
)
from mulle.nn.ops._onnx import ids, number
from mulle.nn.shapes import ContractError


def forward(
    x: Array, weight: Array | None = None, bias: Array | None = None, *, eps: float = 1e-5
) -> tuple[tuple[Array, Array, Array], Any]:
    m = x.size // max(x.shape[1], 1)
    if m < 2:
        raise ContractError("batch-norm-one-value")
    mean = sum_per_channel(x) / m
    h = x - align_channels(mean, x)
    var = sum_per_channel(h, h) / m
    s = 1 / np.sqrt(var + eps)
    h *= align_channels(s, h)
    return (scale_channels(h, weight, bias), mean, var), (h, s, m, weight, bias)


def backward(
    gradients: tuple[Array, Array, Array], saved: Any
) -> tuple[Array, Array | None, Array | None]:
    h, s, m, weight, bias = saved
    gy, gmean, gvar = gradients
    gw, gb = sum_per_channel(gy, h), sum_per_channel(gy)
    slope = s if weight is None else s * weight
    # gx = s * w * (gy - mean(gy) - h * mean(gy * h)) + gmean / m + 2 * gvar * h / (s * m)
    gx = h * align_channels((2 * gvar / s - slope * gw) / m, h)
    gx += align_channels(slope, gy) * gy
    gx += align_channels((gmean - slope * gb) / m, h)
    return gx, None if weight is None else gw, None if bias is None else gb


def torch_forward(
    torch: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5
) -> Any:
    axes = (0, *range(2, x.ndim))
    var, mean = torch.var_mean(x, axes, correction=0)
    batch_norm = torch.nn.functional.batch_norm
    return batch_norm(x, None, None, weight, bias, training=True, eps=eps), mean, var


def to_onnx(g: Any, x: Any, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    axes = ids(g, 0, *range(2, len(x.type.shape)))
    mean = g.reduce_mean(x, axes)
    y = g.sub(x, mean)
    var = g.reduce_mean(g.mul(y, y), axes)
    y = g.div(y, g.sqrt(g.add(var, number(g, eps, x))))
    if weight is not None:
        y = g.mul(y, onnx_align_channels(g, weight, x))
    if bias is not None:
        y = g.add(y, onnx_align_channels(g, bias, x))
    return y, g.reshape(mean, ids(g, -1)), g.reshape(var, ids(g, -1))


def samples(draw: Draw) -> Iterator[Sample]:
    weight, bias = draw.normal(3), draw.normal(3)
    yield Sample((draw.normal(8, 3), weight, bias))
    yield Sample((draw.normal(4, 3, 5), weight, bias), {"eps": 1e-3})
    yield Sample((draw.normal(2, 3, 4, 2), weight))
    yield Sample((draw.normal(8, 3), None, bias))
    yield Sample((draw.normal(8, 3) * 10 + 100,))
    yield Sample((draw.normal(1, 3), weight, bias), refused="x (n, c, ...)")
    yield Sample((draw.normal(8, 4), weight, bias), refused="weight (c)?")
    yield Sample((draw.normal(8),), refused="x (n, c, ...)")
