"""Helpers of operations on channels, which are the second axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.nn.arrays import Array


def flatten_space(x: Array) -> Array:
    """Reshape (n, c, ...) to (n, c, rest)."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def sum_per_channel(a: Array, b: Array | None = None) -> Array:
    """Sum a, or a * b, over all axes but the channels: (n, c, ...) -> (c)."""
    if b is None:
        return np.einsum("ncs->c", flatten_space(a))
    return np.einsum("ncs,ncs->c", flatten_space(a), flatten_space(b))


def align_channels(v: Array, x: Array) -> Array:
    """Reshape one number per channel so that it broadcasts against x: (c) -> (c, 1, ...)."""
    return v.reshape(v.size, *[1] * (x.ndim - 2))


def scale_channels(h: Array, weight: Array | None, bias: Array | None) -> Array:
    """Return h * weight + bias for each channel; h itself where there is neither."""
    if weight is not None:
        h = h * align_channels(weight, h)
    return h if bias is None else h + align_channels(bias, h)


def onnx_align_channels(g: Any, v: Any, x: Any) -> Any:
    """Add `align_channels` to a graph."""
    shape = [-1] + [1] * (len(x.type.shape) - 2)
    return g.reshape(v, g.constant_of(np.array(shape, np.int64)))
