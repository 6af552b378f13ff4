"""Reshaping in row order; one length may be -1.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.reshape.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.symbol import Length


def forward(x: Array, shape: tuple[int, ...]) -> tuple[Array, Any]:
    return x.reshape(shape), x.shape


def backward(gy: Array, saved: Any) -> Array:
    return gy.reshape(saved)


def torch_forward(torch: Any, x: Any, shape: tuple[int, ...]) -> Any:
    return torch.reshape(x, shape)


def to_onnx(g: Any, x: Any, shape: tuple[int, ...]) -> Any:
    # 0 keeps a length, and so leaves it free
    known = x.type.shape or ()
    free = [isinstance(n, Length) and i < len(known) and not isinstance(known[i], int)
            for i, n in enumerate(shape)]  # fmt: skip
    kept = [0 if f else int(n) for n, f in zip(shape, free, strict=True)]
    return g.reshape(x, g.constant_of(np.array(kept, np.int64)))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 6),), {"shape": (3, 4)})
    yield Sample((draw.normal(2, 3, 4),), {"shape": (2, -1)})
    yield Sample((draw.normal(2, 3),), {"shape": (4, 2)}, refused="x (*)")
