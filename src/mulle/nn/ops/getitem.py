"""Indexing by integers, slices, None and `...`; gx is gy where the part was, 0 elsewhere.

shapes  x (*) -> y (*)
source  https://numpy.org/doc/stable/user/basics.indexing.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample


def forward(x: Array, index: Any) -> tuple[Array, Any]:
    return x[index], (x, index)


def backward(gy: Array, saved: Any) -> Array:
    x, index = saved
    gx = np.zeros_like(x)
    if _is_basic(index):
        gx[index] = gy
    else:
        np.add.at(gx, index, gy)  # an id may be taken twice
    return gx


def torch_forward(torch: Any, x: Any, index: Any) -> Any:
    return x[index]


def to_onnx(g: Any, x: Any, index: Any) -> Any:
    if isinstance(index, np.ndarray):
        return g.gather(x, g.constant_of(index), axis=0)
    cuts: list[tuple[int, int, int, int]] = []
    gone: list[int] = []
    new: list[int] = []
    axis = 0
    for part in _full(index, len(x.type.shape)):
        if part is None:
            new.append(axis - len(gone) + len(new))
            continue
        if isinstance(part, int):
            gone.append(axis)
            cuts.append((part, part + 1 or _FAR, axis, 1))
        elif part != slice(None):
            cuts.append(_cut(part, axis))
        axis += 1
    y = x
    if cuts:
        y = g.slice(y, *(g.constant_of(np.array(v, np.int64)) for v in zip(*cuts, strict=True)))
    if gone:
        y = g.squeeze(y, g.constant_of(np.array(gone, np.int64)))
    if new:
        y = g.unsqueeze(y, g.constant_of(np.array(new, np.int64)))
    return y


def _cut(part: slice, axis: int) -> tuple[int, int, int, int]:
    """Return start, end, axis and step as ONNX's Slice takes them."""
    step = part.step or 1
    first, last = (0, _FAR) if step > 0 else (_FAR, -_FAR)
    start = first if part.start is None else part.start
    return start, last if part.stop is None else part.stop, axis, step


_FAR = 2**62


def _full(index: Any, ndim: int) -> list[Any]:
    """Return one part for each axis, and None for each new one."""
    parts = list(index) if isinstance(index, tuple) else [index]
    missing = ndim - sum(part is not None and part is not ... for part in parts)
    at = parts.index(...) if ... in parts else len(parts)
    return parts[:at] + [slice(None)] * missing + parts[at + 1 :]


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is ... or isinstance(part, (int, slice)) for part in parts)


def samples(draw: Draw) -> Iterator[Sample]:
    x = draw.normal(4, 3, 5)
    yield Sample((x,), {"index": 1})
    yield Sample((x,), {"index": -1})
    yield Sample((x,), {"index": (slice(None), -1)})
    yield Sample((x,), {"index": (slice(1, 3), slice(None), slice(0, 4, 2))})
    yield Sample((x,), {"index": (..., slice(2, None))})
    yield Sample((x,), {"index": (slice(None), None, 0)})
    yield Sample((x,), {"index": np.array([0, 2, 2])})
    yield Sample((x,), {"index": 4}, refused="x (*)")
