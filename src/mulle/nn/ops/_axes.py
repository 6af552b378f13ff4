"""What reductions share: undoing one, and naming its axes in a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

Axes = int | tuple[int, ...] | None


def spread(gradient: Any, x: Any, axis: Axes, keepdims: bool) -> Any:  # noqa: FBT001
    """Repeat what was reduced from x, so that it has the shape of x again."""
    if axis is not None and not keepdims:
        gradient = np.expand_dims(gradient, axis)
    return np.broadcast_to(gradient, x.shape)


def onnx_axes(g: Any, axis: Axes) -> Any:
    """The axes as ONNX's reductions take them; None is all of them."""
    return None if axis is None else g.constant_of(np.atleast_1d(np.array(axis, np.int64)))
