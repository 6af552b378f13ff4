"""Repetition along new axes or axes of length 1; -1 keeps a length. gx sums gy over these axes.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink
from mulle.nn.ops._onnx import ids


def forward(x: Array, shape: tuple[int, ...]) -> tuple[Array, Any]:
    own = (1,) * (len(shape) - x.ndim) + x.shape
    full = [old if new == -1 else new for old, new in zip(own, shape, strict=True)]
    return np.broadcast_to(x, full), x


def backward(gy: Array, saved: Any) -> Array:
    return shrink(gy, saved)


def torch_forward(torch: Any, x: Any, shape: tuple[int, ...]) -> Any:
    return x.expand(shape)


def to_onnx(g: Any, x: Any, shape: tuple[int, ...]) -> Any:
    return g.expand(x, ids(g, *(1 if length == -1 else length for length in shape)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(1, 3),), {"shape": (2, 3)})
    yield Sample((draw.normal(3, 1),), {"shape": (-1, 4)})
    yield Sample((draw.normal(3),), {"shape": (2, 4, -1)})
    yield Sample((draw.normal(2, 3),), {"shape": (4, 3)}, refused="x (*)")
    yield Sample((draw.normal(2, 3),), {"shape": (3,)}, refused="x (*)")
