"""Parametric ReLU: y = x where x > 0, else a x, a learned: one for all, or one for each channel.

gx = gy or a gy; ga = the sum of gy x where x <= 0. Channels are the second axis.

shapes  x (*), weight (c) -> y (*)
source  He et al. 2015, arXiv:1502.01852, eq. 1
catalogue  act-prelu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._channels import align_channels, onnx_align_channels
from mulle.nn.ops._slope import bend, slope
from mulle.nn.shapes import ContractError


def forward(x: Array, weight: Array) -> tuple[Array, Any]:
    if weight.size not in (1, x.shape[1] if x.ndim > 1 else 1):
        raise ContractError("prelu-weights")
    below = align_channels(weight, x)
    return bend(x, below), (x, below)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    x, below = saved
    over = tuple(i for i in range(x.ndim) if below.size == 1 or i != 1)
    gw = (gy * np.minimum(x, 0)).sum(axis=over).reshape(below.size)
    return gy * slope(x, 1, below), gw


def torch_forward(torch: Any, x: Any, weight: Any) -> Any:
    return torch.nn.functional.prelu(x, weight)


def to_onnx(g: Any, x: Any, weight: Any) -> Any:
    return g.prelu(x, onnx_align_channels(g, weight, x))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(4, 3), draw.array(0.25)))
    yield Sample((draw.normal(4, 3), draw.normal(3)))
    yield Sample((draw.normal(2, 3, 2, 4), draw.normal(3)))
    yield Sample((draw.array(-2.0, -0.0, 0.0, 2.0), draw.array(0.1)), kink=True)
    yield Sample((draw.normal(4, 3), draw.normal(2)), refused="weight (c)")
