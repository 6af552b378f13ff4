"""Hard swish: y = x min(max(0, x + 3), 6) / 6; gx = gy (2 x + 3) / 6 within -3..3, else 0 or gy.

shapes  x (*) -> y (*)
source  Howard et al. 2019, arXiv:1905.02244, section 5.2 (MobileNetV3)
catalogue  act-hswish
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample

POSITIONAL = ("inplace",)


def forward(x: Array) -> tuple[Array, Any]:
    return x * (np.clip(x + 3, 0, 6) * (1 / 6)), x


def backward(gy: Array, saved: Any) -> Array:
    x = saved
    # slope = (2 * x + 3) / 6 where -3 < x < 3, 1 from 3 on, else 0
    near = np.fmax(np.fmin(x, 3), -3)
    slope = near * (1 / 3)
    slope += 0.5
    slope *= (near > -3) & (near < 3)
    slope += near == 3
    return gy * slope


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.nn.functional.hardswish(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.hard_swish(x)


# The body of the ONNX operator holds 1/6 in float32, in a float64 graph too.
TOLERANCE = {"onnx": 1e-5}


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(4, 3) * 4,))
    yield Sample((draw.array(-1e4, -3.0, 0.0, 3.0, 1e4),), kink=True)
