"""Helpers of exporters: constants in the type of the graph around them."""

from __future__ import annotations

from typing import Any

import numpy as np


def number(g: Any, value: float, like: Any) -> Any:
    """Return a constant of the type of `like`; attributes are float32 even in float64 graphs."""
    return g.constant_of(np.array(value, like.type.dtype))


def ids(g: Any, *values: int) -> Any:
    """Return a constant array of integers: axes, shapes, positions."""
    return g.constant_of(np.array(values, np.int64))
