"""ReLU with a ceiling: y = min(max(0, x), 6); gx = gy where 0 < x < 6, else 0.

shapes  x (*) -> y (*)
source  Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10
catalogue  act-relu6
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number

POSITIONAL = ("inplace",)


def forward(x: Array) -> tuple[Array, Any]:
    y = np.clip(x, 0, 6)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return gy * ((saved != 0) & (saved != 6))


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.nn.functional.relu6(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.clip(x, number(g, 0, x), number(g, 6, x))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-2.0, 0.5, 3.0, 5.5, 7.0),))
    yield Sample((draw.array(-1e30, -0.0, 0.0, 1.0, 6.0, 1e30),), kink=True)
