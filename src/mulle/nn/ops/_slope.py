"""Helpers of piecewise linear activations: one slope above 0, another below.

Without `np.where`: a choice by random signs is guessed wrongly by the processor every other time,
which made it ten times slower than this arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.arrays import Array


def bend(x: Array, below: Any) -> Array:
    """Return x where x > 0, else below * x."""
    y = np.minimum(x, 0) * below
    y += np.maximum(x, 0)
    return y


def slope(x: Array, above: float, below: Any) -> Array:
    """Return `above` where x > 0, else `below`."""
    return np.multiply(x > 0, above - below, dtype=x.dtype) + below


def sign(x: Array) -> Array:
    """Return the signs of x: 0 where x is 0 or, as in PyTorch, nan."""
    return np.subtract(x > 0, x < 0, dtype=x.dtype)
