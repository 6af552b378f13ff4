"""Embedding of positions: y_i = weight[start + i], a row for each position; gW_{start+i} = gy_i.

Only the length of ids counts, so that a graph takes sequences of any length.

shapes  ids (..., t) int, weight (rows, d) -> y (t, d)
source  Devlin et al. 2019, arXiv:1810.04805, section 3 (learned positions)
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids as constant
from mulle.nn.shapes import ContractError


def forward(ids: Array, weight: Array, *, start: int = 0) -> tuple[Array, Any]:
    stop = start + ids.shape[-1]
    if stop > len(weight):
        raise ContractError("positions-too-few", length=ids.shape[-1], limit=len(weight) - start)
    return weight[start:stop], (weight, start, stop)


def backward(gy: Array, saved: Any) -> tuple[None, Array]:
    weight, start, stop = saved
    gw = np.zeros_like(weight)
    gw[start:stop] = gy
    return None, gw


def torch_forward(torch: Any, ids: Any, weight: Any, *, start: int = 0) -> Any:
    return weight[start : start + ids.shape[-1]]


def to_onnx(g: Any, ids: Any, weight: Any, *, start: int = 0) -> Any:
    length = g.slice(g.shape(ids), constant(g, -1), constant(g, 2**62))
    return g.slice(weight, constant(g, start), g.add(length, constant(g, start)), constant(g, 0))


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.integers(5, 2, 3), draw.normal(4, 6)))
    yield Sample((draw.integers(5, 2, 3), draw.normal(6, 2)), {"start": 2})
    yield Sample((draw.integers(5, 4), draw.normal(4, 3)))
    yield Sample((draw.integers(5, 2, 3), draw.normal(4, 6)), {"start": 2}, refused="ids (..., t)")
    yield Sample((draw.normal(2, 3), draw.normal(4, 6)), refused="ids (..., t)")
