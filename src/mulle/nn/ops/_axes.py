"""Helpers of reductions: undo one, and name its axes in a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

Axes = int | tuple[int, ...] | None


def spread(gradient: Any, x: Any, axis: Axes, keepdims: bool) -> Any:  # noqa: FBT001
    """Repeat the result of a reduction of x to the shape of x."""
    if axis is not None and not keepdims:
        gradient = np.expand_dims(gradient, axis)
    return np.broadcast_to(gradient, x.shape)


def onnx_axes(g: Any, axis: Axes) -> Any:
    """Return the axes as ONNX's reductions take them; None means all."""
    return None if axis is None else g.constant_of(np.atleast_1d(np.array(axis, np.int64)))
