"""Rectified linear unit: y = max(0, x); gx = gy where x > 0, else 0 (so at 0 too).

shapes  x (*) -> y (*)
source  Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines
catalogue  act-relu
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample

POSITIONAL = ("inplace",)


def forward(x: Array) -> tuple[Array, Any]:
    y = np.empty_like(x)
    parallel.entries(lambda x, y: np.maximum(x, 0, out=y), x, y, tile=parallel.LARGE_TILE)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    y, gx = saved, np.empty_like(saved)
    parallel.entries(_pass_on, gy, y, gx, tile=parallel.LARGE_TILE)
    return gx


def _pass_on(gy: Array, y: Array, gx: Array) -> None:
    # gx = gy * (y != 0), where y is nan too; without a copy of the booleans as numbers
    np.not_equal(y, 0, out=gx)
    gx *= gy


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.relu(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.relu(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(0, 3),))
    yield Sample((draw.array(-1e30, -1.0, -0.0, 0.0, 1.0, 1e30),), kink=True)
