"""Batch normalization at inference: y = (x - mean) s w + b, s = 1 / sqrt(var + eps), per channel.

Mean and variance are the running ones of training. gx = gy s w; gw = the sum of gy (x - mean) s,
gb = that of gy.

shapes  x (n, c, ...), mean (c) fixed, var (c) fixed, weight (c)?, bias (c)? -> y (n, c, ...)
source  Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 2
catalogue  norm-batch-eval
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._channels import align_channels, scale_channels, sum_per_channel


def forward(
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[Array, Any]:
    s = 1 / np.sqrt(var + eps)
    h = (x - align_channels(mean, x)) * align_channels(s, x)
    return scale_channels(h, weight, bias), (h, s, weight, bias)


def backward(gy: Array, saved: Any) -> tuple[Array, None, None, Array | None, Array | None]:
    h, s, weight, bias = saved
    gx = gy * align_channels(s if weight is None else s * weight, gy)
    gw = None if weight is None else sum_per_channel(gy, h)
    return gx, None, None, gw, None if bias is None else sum_per_channel(gy)


def torch_forward(
    torch: Any,
    x: Any,
    mean: Any,
    var: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    eps: float = 1e-5,
) -> Any:
    return torch.nn.functional.batch_norm(x, mean, var, weight, bias, eps=eps)


def to_onnx(
    g: Any,
    x: Any,
    mean: Any,
    var: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    eps: float = 1e-5,
) -> Any:
    c = x.type.shape[1]
    if weight is None:
        weight = g.constant_of(np.ones(c, x.type.dtype))
    if bias is None:
        bias = g.constant_of(np.zeros(c, x.type.dtype))
    return g.batch_normalization(x, weight, bias, mean, var, epsilon=eps)


# The epsilon of the ONNX operator is a float32 attribute: 1e-5 is not quite 1e-5 there.
TOLERANCE = {"onnx": 1e-6}


def samples(draw: Draw) -> Iterator[Sample]:
    weight, bias, mean, var = draw.normal(3), draw.normal(3), draw.normal(3), draw.uniform(1, 2, 3)
    yield Sample((draw.normal(8, 3), mean, var, weight, bias))
    yield Sample((draw.normal(2, 3, 4, 2), mean, var, weight), {"eps": 0.1})
    yield Sample((draw.normal(1, 3, 5), mean, var, None, bias))
    yield Sample((draw.normal(0, 3), mean, var))
    yield Sample((draw.normal(8, 4), mean, var), refused="mean (c) fixed")
