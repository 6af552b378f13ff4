"""Gradients of inputs that were broadcast to the shape of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.arrays import Array


def shrink(gradient: Array, like: Any) -> Array:
    """Sum a gradient over the axes along which its input was repeated.

    >>> shrink(np.ones((3, 2)), np.ones(2)).tolist()
    [3.0, 3.0]
    """
    shape = np.shape(like)
    if gradient.shape == shape:
        return gradient
    added = gradient.ndim - len(shape)
    repeated = [i + added for i, n in enumerate(shape) if n == 1 and gradient.shape[i + added] != 1]
    return gradient.sum(axis=(*range(added), *repeated)).reshape(shape)
