"""What exporters share: numbers, in the type of the graph around them."""

from __future__ import annotations

from typing import Any

import numpy as np


def number(g: Any, value: float, like: Any) -> Any:
    """A constant of the type of `like`: attributes would be float32 in a float64 graph too."""
    return g.constant_of(np.array(value, like.type.dtype))


def ids(g: Any, *values: int) -> Any:
    """A constant array of integers: axes, shapes, positions."""
    return g.constant_of(np.array(values, np.int64))
