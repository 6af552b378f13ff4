"""Square root: y = sqrt(x); gx = gy / (2 y).

shapes  x (*) -> y (*)
source  power rule
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    y = np.sqrt(x)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return gy / (2 * saved)


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.sqrt(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.sqrt(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.uniform(0.1, 5, 2, 3),))
    yield Sample((draw.array(1e-4, 1.0, 1e8),))
