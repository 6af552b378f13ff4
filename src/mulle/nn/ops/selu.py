"""Scaled ELU: y = l x where x > 0, else l a (e^x - 1); keeps mean 0 and variance 1 on average.

l = 1.0507..., a = 1.6733... This holds with LeCun-normal weights, standardized inputs, a plain
stack of dense layers, and alpha dropout.

shapes  x (*) -> y (*)
source  Klambauer et al. 2017, arXiv:1706.02515, eq. 2 and 14
catalogue  act-selu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number

SCALE = 1.0507009873554804934193349852946
ALPHA = 1.6732632423543772848170429916717

POSITIONAL = ("inplace",)


def forward(x: Array) -> tuple[Array, Any]:
    low = np.fmin(x, 0)
    y = np.expm1(low)
    y *= SCALE * ALPHA
    y += SCALE * np.maximum(x, 0)
    return y, (x, low)


def backward(gy: Array, saved: Any) -> Array:
    x, low = saved
    slope = np.exp(low)  # 1 where x > 0, and where x is nan
    slope *= np.multiply(x <= 0, SCALE * (ALPHA - 1), dtype=x.dtype) + SCALE
    return gy * slope


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.selu(x)


def to_onnx(g: Any, x: Any) -> Any:
    if x.type.dtype == np.float32:
        return g.selu(x, alpha=ALPHA, gamma=SCALE)
    # Its attributes are float32 in a float64 graph too: there it is put together, as in forward;
    # Relu, because Where takes ten times as long.
    zero, one, scale, low = (number(g, v, x) for v in (0.0, 1.0, SCALE, SCALE * ALPHA))
    curve = g.mul(low, g.sub(g.exp(g.min([x, zero])), one))
    return g.add(g.mul(scale, g.relu(x)), curve)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(0, 3),))
    yield Sample((draw.array(-1e4, -0.5, 0.5, 1e4),))
