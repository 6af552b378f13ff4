"""Randomised leaky ReLU: y = x where x > 0, else a x, a drawn for each entry by the layer.

shapes  x (...), slope (...) fixed -> y (...)
source  Xu, Wang, Chen & Li 2015, arXiv:1505.00853
catalogue  act-rrelu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.operation import Array, Draw, Sample


def forward(x: Array, slope: Array) -> tuple[Array, Any]:
    slope = np.where(x > 0, 1, slope)
    return x * slope, slope


def backward(gy: Array, saved: Any) -> Array:
    return gy * saved


def twin(torch: Any, x: Any, slope: Any) -> Any:
    return torch.where(x > 0, x, x * slope)


def to_onnx(g: Any, x: Any, slope: Any) -> Any:
    return g.prelu(x, slope)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(4, 3), draw.uniform(1 / 8, 1 / 3, 4, 3)))
    yield Sample((draw.array(-1e30, -0.0, 0.0, 1e30), draw.array(0.1, 0.2, 0.3, 0.2)), kink=True)
    yield Sample((draw.normal(4, 3), draw.uniform(0, 1, 3)), refused="slope (...)")
