"""The logistic function, whose left tail e^x is kept: it is what a unit that is off learns from."""

from __future__ import annotations

from typing import Any

import numpy as np


def logistic(x: Any) -> Any:
    """Compute 1 / (1 + e^-x); where e^-x overflows, it is 0."""
    with np.errstate(over="ignore"):
        y = np.exp(-x)
    y += 1
    return np.divide(1, y, out=y) if np.ndim(y) else 1 / y
