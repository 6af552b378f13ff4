"""What operations on channels share; the channels are the second axis, whatever follows it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.nn.arrays import Array


def flat(x: Array) -> Array:
    """(n, c, ...) -> (n, c, rest)."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def over_channel(a: Array, b: Array | None = None) -> Array:
    """The sum of a, or of a b, over all axes but that of the channels: (n, c, ...) -> (c)."""
    if b is None:
        return np.einsum("ncs->c", flat(a))
    return np.einsum("ncs,ncs->c", flat(a), flat(b))


def beside(v: Array, x: Array) -> Array:
    """One number for each channel, standing where the channels of x are: (c) -> (c, 1, ...)."""
    return v.reshape(v.size, *[1] * (x.ndim - 2))


def scaled(h: Array, weight: Array | None, bias: Array | None) -> Array:
    """h weight + bias, for each channel; h itself where there is neither."""
    if weight is not None:
        h = h * beside(weight, h)
    return h if bias is None else h + beside(bias, h)


def onnx_beside(g: Any, v: Any, x: Any) -> Any:
    """`beside` in a graph."""
    shape = [-1] + [1] * (len(x.type.shape) - 2)
    return g.reshape(v, g.constant_of(np.array(shape, np.int64)))
