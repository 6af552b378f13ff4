"""Padding with a constant: widths holds (before, after) for each axis; gx is gy without it.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.pad.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids, number
from mulle.nn.shapes import ContractError

Widths = tuple[tuple[int, int], ...]


def forward(x: Array, widths: Widths, *, value: float = 0.0) -> tuple[Array, Any]:
    if len(widths) != x.ndim:
        raise ContractError("pad-widths", axes=x.ndim)
    return np.pad(x, widths, constant_values=value), (x.shape, widths)


def backward(gy: Array, saved: Any) -> Array:
    shape, widths = saved
    return gy[tuple(slice(w[0], w[0] + n) for w, n in zip(widths, shape, strict=True))]


def torch_forward(torch: Any, x: Any, widths: Widths, *, value: float = 0.0) -> Any:
    flat = [w for pair in reversed(widths) for w in pair]  # from the last axis to the first
    return torch.nn.functional.pad(x, flat, value=value)


def to_onnx(g: Any, x: Any, widths: Widths, *, value: float = 0.0) -> Any:
    before, after = zip(*widths, strict=True)
    return g.pad(x, ids(g, *before, *after), number(g, value, x))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),), {"widths": ((1, 0), (0, 2))})
    yield Sample((draw.normal(2, 3, 2),), {"widths": ((0, 0), (1, 1), (2, 1)), "value": -1.5})
    yield Sample((draw.normal(2, 3),), {"widths": ((0, 0), (0, 0))})
    yield Sample((draw.normal(2, 3),), {"widths": ((1, 1),)}, refused="x (*)")
    yield Sample((draw.normal(2),), {"widths": ((-1, 1),)}, refused="x (*)")
