"""Natural logarithm: y = ln x; gx = gy / x.

shapes  x (*) -> y (*)
source  derivative of the logarithm
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array) -> tuple[Array, Any]:
    return np.log(x), x


def backward(gy: Array, saved: Any) -> Array:
    return gy / saved


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.log(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.log(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.uniform(0.1, 5, 2, 3),))
    yield Sample((draw.array(0.01, 1.0, 1e6),))
