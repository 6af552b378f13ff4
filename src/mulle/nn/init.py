"""Initial weights that keep the variance of activations and gradients level across layers.

fan_in is what flows into a unit, fan_out what flows out of it; for convolutions both count the
kernel's cells.

catalogue  init-why init-xavier-u init-xavier-n init-he-u init-he-n init-lecun init-small
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from mulle.nn.randomness import generator

_zeros: ContextVar[bool] = ContextVar("zeros", default=False)


@contextmanager
def skipped() -> Iterator[None]:
    """Begin with zeros for a while: the weights are loaded right after, and drawing takes time."""
    token = _zeros.set(True)
    try:
        yield
    finally:
        _zeros.reset(token)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight of shape (out, in, *kernel).

    >>> fans((16, 3, 5, 5))
    (75, 400)
    """
    cells = math.prod(shape[2:])
    return shape[1] * cells, shape[0] * cells


def uniform(shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Draw from U(-bound, bound), in float32."""
    if _zeros.get():
        return np.zeros(shape, np.float32)
    return generator().uniform(-bound, bound, size=shape).astype(np.float32)


def normal(shape: tuple[int, ...], std: float = 0.01) -> np.ndarray:
    """Draw from N(0, std^2), in float32."""
    if _zeros.get():
        return np.zeros(shape, np.float32)
    return generator().normal(0.0, std, size=shape).astype(np.float32)


def xavier_uniform(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from U(+-sqrt(6 / (fan_in + fan_out))), for tanh.

    Source: Glorot & Bengio 2010, eq. 16.
    """
    return uniform(shape, math.sqrt(6 / sum(fans(shape))))


def xavier_normal(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from N(0, 2 / (fan_in + fan_out)), for tanh.

    Source: Glorot & Bengio 2010, eq. 12.
    """
    return normal(shape, math.sqrt(2 / sum(fans(shape))))


def he_uniform(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from U(+-sqrt(6 / fan_in)), for ReLU.

    Source: He et al. 2015, arXiv:1502.01852, eq. 10.
    """
    return uniform(shape, math.sqrt(6 / fans(shape)[0]))


def he_normal(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from N(0, 2 / fan_in), for ReLU.

    Source: He et al. 2015, arXiv:1502.01852, eq. 10.
    """
    return normal(shape, math.sqrt(2 / fans(shape)[0]))


def lecun_uniform(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from U(+-sqrt(3 / fan_in)).

    Source: LeCun et al. 1998, Efficient BackProp, section 4.6.
    """
    return uniform(shape, math.sqrt(3 / fans(shape)[0]))


def lecun_normal(shape: tuple[int, ...]) -> np.ndarray:
    """Draw from N(0, 1 / fan_in), for SELU.

    Source: Klambauer et al. 2017, arXiv:1706.02515.
    """
    return normal(shape, math.sqrt(1 / fans(shape)[0]))


def by_fan_in(shape: tuple[int, ...], fan_in: int) -> np.ndarray:
    """Draw from U(+-1 / sqrt(fan_in)), as PyTorch does for linear and convolution layers."""
    return uniform(shape, 1 / math.sqrt(fan_in)) if fan_in else np.zeros(shape, np.float32)
