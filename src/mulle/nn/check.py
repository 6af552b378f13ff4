"""Numerical derivatives, and the gradients of tensors checked against them.

catalogue  ad-numdiff ad-composite
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mulle.errors import RunError
from mulle.nn.tensor import Tensor


def numerical_gradient(
    f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-6, *, forward: bool = False
) -> np.ndarray:
    """Approximate a gradient by central differences: (f(x + h) - f(x - h)) / 2h in each entry.

    The error is O(h^2).

    Args:
        f: function of an array that returns a number.
        x: point to differentiate at, any shape; computed in float64.
        h: length of the step.
        forward: whether to use (f(x + h) - f(x)) / h: error O(h), half the work.

    >>> numerical_gradient(lambda x: float((x**2).sum()), np.array([1.0, -3.0])).round(6).tolist()
    [2.0, -6.0]
    """
    moved, gradient = x.astype(np.float64), np.empty(x.shape)
    here = f(moved) if forward else 0.0
    for i in np.ndindex(x.shape):
        moved[i] = x[i] + h
        above = f(moved)
        moved[i] = x[i] - h
        gradient[i] = (above - here) / h if forward else (above - f(moved)) / (2 * h)
        moved[i] = x[i]
    return gradient


def check_gradients(
    f: Callable[..., Any],
    inputs: Sequence[np.ndarray],
    *,
    h: float = 1e-6,
    rtol: float = 1e-4,
    atol: float = 1e-6,
) -> None:
    """Compare the gradients that `backward` gives with central differences, in float64.

    Args:
        f: function of tensors that returns a tensor; its sum is differentiated.
        inputs: arrays to differentiate at; each is converted to float64.
        h: length of the step.
        rtol: relative difference that is allowed.
        atol: absolute difference that is allowed.

    Raises:
        RunError: they differ; the message names the entry with the largest difference.

    >>> check_gradients(lambda x, y: x * y.exp(), [np.ones((2, 3)), np.zeros(3)])
    """
    arrays = [np.asarray(x, np.float64) for x in inputs]
    tensors = [Tensor(x.copy(), requires_grad=True) for x in arrays]
    y = f(*tensors)
    y.backward(np.ones_like(y.data))
    for k, x in enumerate(arrays):

        def total(moved: np.ndarray, k: int = k) -> float:
            others = [moved if j == k else a for j, a in enumerate(arrays)]
            return float(f(*map(Tensor, others)).data.sum())

        expected = numerical_gradient(total, x, h)
        found = np.zeros_like(x) if tensors[k].grad is None else np.asarray(tensors[k].grad)
        apart = abs(found - expected) - (atol + rtol * abs(expected))
        if not (apart <= 0).all():
            worst = tuple(map(int, np.unravel_index(np.nanargmax(apart), apart.shape)))
            raise RunError(
                "gradient-wrong",
                input=k,
                index=str(worst),
                received=float(found[worst]),
                expected=float(expected[worst]),
            )
