"""Selection: y = a where the condition holds, else b, broadcasting; gy goes to the chosen one.

shapes  condition (*) bool, a (*), b (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.where.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink


def forward(condition: Array, a: Array, b: Array) -> tuple[Array, Any]:
    return np.where(condition, a, b), (condition, a, b)


def backward(gy: Array, saved: Any) -> tuple[None, Array, Array]:
    condition, a, b = saved
    return None, shrink(np.where(condition, gy, 0), a), shrink(np.where(condition, 0, gy), b)


def torch_forward(torch: Any, condition: Any, a: Any, b: Any) -> Any:
    return torch.where(condition, a, b)


def to_onnx(g: Any, condition: Any, a: Any, b: Any) -> Any:
    return g.where(condition, a, b)


def samples(draw: Draw) -> Iterator[Sample]:
    chosen = draw.integers(2, 2, 3) > 0
    yield Sample((chosen, draw.normal(2, 3), draw.normal(2, 3)))
    yield Sample((chosen[:1], draw.normal(2, 1), draw.normal(3)))
    yield Sample((chosen, draw.normal(2, 3), draw.normal(4)), refused="condition (*) bool")
    yield Sample((draw.normal(3), draw.normal(3), draw.normal(3)), refused="condition (*) bool")
