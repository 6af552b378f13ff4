"""Group normalization: y = (x - mean) s w + b, over each group of channels of each sample.

s = 1 / sqrt(var + eps), var with ddof 0; weight and bias are per channel. With h = (x - mean) s and
gh = gy w: gx = (gh - mean(gh) - h mean(gh h)) s.

shapes  x (n, c, ...), weight (c)?, bias (c)? -> y (n, c, ...)
source  Wu & He 2018, arXiv:1803.08494, eq. 7
"""

import math
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
from mulle.nn.ops._onnx import ids
from mulle.nn.ops._standardize import gradient, standardize
from mulle.nn.shapes import ContractError


def forward(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> tuple[Array, Any]:
    if x.shape[1] % num_groups:
        raise ContractError("normalization-groups", channels=x.shape[1], groups=num_groups)
    groups, s = standardize(
        x.reshape(len(x), num_groups, math.prod(x.shape[1:]) // num_groups), eps
    )
    h = groups.reshape(x.shape)
    return scale_channels(h, weight, bias), (h, groups, s, weight, bias)


def backward(gy: Array, saved: Any) -> tuple[Array, Array | None, Array | None]:
    h, groups, s, weight, bias = saved
    gh = gy if weight is None else gy * align_channels(weight, gy)
    gx = gradient(gh.reshape(groups.shape), groups, s).reshape(h.shape)
    gw = None if weight is None else sum_per_channel(gy, h)
    return gx, gw, None if bias is None else sum_per_channel(gy)


def torch_forward(
    torch: Any,
    x: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> Any:
    if weight is None and bias is not None:  # PyTorch fails at the gradient of a bias alone
        weight = torch.ones_like(bias)
    return torch.nn.functional.group_norm(x, num_groups, weight, bias, eps)


def to_onnx(
    g: Any,
    x: Any,
    weight: Any = None,
    bias: Any = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> Any:
    groups = g.reshape(x, ids(g, 0, num_groups, -1))
    ones, zeros = (g.constant_of(np.full(num_groups, v, x.type.dtype)) for v in (1, 0))
    y = g.reshape(g.instance_normalization(groups, ones, zeros, epsilon=eps), g.shape(x))
    if weight is not None:
        y = g.mul(y, onnx_align_channels(g, weight, x))
    return y if bias is None else g.add(y, onnx_align_channels(g, bias, x))


# The epsilon of the ONNX operator is a float32 attribute: 1e-5 is not quite 1e-5 there.
TOLERANCE = {"onnx": 1e-6}


def samples(draw: Draw) -> Iterator[Sample]:
    weight, bias = draw.normal(4), draw.normal(4)
    yield Sample((draw.normal(3, 4, 5), weight, bias), {"num_groups": 2})
    yield Sample((draw.normal(2, 4, 3, 2), weight), {"num_groups": 4, "eps": 1e-3})
    yield Sample((draw.normal(3, 4), None, bias), {"num_groups": 1})
    yield Sample((draw.normal(3, 4, 5),), {"num_groups": 2})
    yield Sample((draw.normal(3, 4), weight, bias), {"num_groups": 3}, refused="x (n, c, ...)")
    yield Sample((draw.normal(3, 6), weight, bias), {"num_groups": 2}, refused="weight (c)?")
