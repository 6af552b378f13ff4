"""Markov chains, whose next state depends on the present state only.

T[i, j] = P(X_{t+1} = j given X_t = i), each row sums to 1; p_{t+n} = p_t T^n

source  Norris 1997, "Markov Chains", section 1.1
catalogue  stat-markov
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array


def transitions(states: Sequence[Any]) -> tuple[list[Any], Array]:
    """Return the states (k) in order, and the shares (k, k) of steps from each to each.

    A state that is only ever the last keeps to itself.

    >>> names, T = transitions(["sun", "sun", "rain", "sun"])
    >>> names, T.tolist()
    (['rain', 'sun'], [[0.0, 1.0], [0.5, 0.5]])
    """
    names, code = np.unique(np.asarray(states), return_inverse=True)
    k = len(names)
    steps = np.bincount(code[:-1] * k + code[1:], minlength=k * k).reshape(k, k).astype(float)
    still = steps.sum(1) == 0
    steps[still, still] = 1.0
    return names.tolist(), steps / steps.sum(1, keepdims=True)


def after(start: ArrayLike, T: Array, steps: int) -> Array:
    """Return the shares (k,) of the states after a number of steps, from shares (k,).

    >>> after([1.0, 0.0], np.array([[0.0, 1.0], [1.0, 0.0]]), 3).tolist()
    [0.0, 1.0]
    """
    found: Array = np.asarray(start, np.float64) @ np.linalg.matrix_power(T, steps)
    return found
