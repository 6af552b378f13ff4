"""Distances between vectors, and norms.

euclidean    sqrt(sum (a - b)^2)              manhattan  sum |a - b|
minkowski    (sum |a - b|^p)^(1/p), p >= 1    chebyshev  max |a - b|
dot          a . b                            cosine     a . b / (|a| |b|), distance 1 - that
norm         the Minkowski distance to 0

All take (..., d) arrays and work along the last axis. Cosine distance is no metric: it breaks the
triangle inequality. A norm is a length; a penalty adds one of the weights to a loss.

source  Deza & Deza 2016, "Encyclopedia of Distances", chapters 5 and 17
catalogue  dist-euclid dist-manhattan dist-minkowski dist-chebyshev sim-cosine dist-cosine sim-dot
           norm-lp
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array
from mulle.errors import UsageError


def minkowski(a: ArrayLike, b: ArrayLike, p: float = 2.0) -> Array:
    """Return the Minkowski distance of vectors (..., d); p: 1 Manhattan, 2 Euclid, inf Chebyshev.

    Raises:
        UsageError: p is below 1, where it is no metric.

    >>> float(minkowski([0.0, 0.0], [3.0, 4.0])), float(minkowski([0.0, 0.0], [3.0, 4.0], np.inf))
    (5.0, 4.0)
    """
    return norm(np.asarray(a, np.float64) - np.asarray(b, np.float64), p)


def euclidean(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the Euclidean distance of vectors (..., d)."""
    return minkowski(a, b, 2.0)


def manhattan(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the Manhattan distance of vectors (..., d): the way along the blocks of a city."""
    return minkowski(a, b, 1.0)


def chebyshev(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the Chebyshev distance of vectors (..., d): the moves of a king."""
    return minkowski(a, b, np.inf)


def norm(a: ArrayLike, p: float = 2.0) -> Array:
    """Return the norm of vectors (..., d): L1, L2, Lmax for p = 1, 2, inf.

    Raises:
        UsageError: p is below 1.

    >>> [float(norm([3.0, -4.0], p)) for p in (1, 2, np.inf)]
    [7.0, 5.0, 4.0]
    """
    if not p >= 1:
        raise UsageError("p-too-small", p=p)
    size = np.abs(np.asarray(a, np.float64))
    largest = size.max(axis=-1, initial=0.0)
    if np.isinf(p):
        return np.asarray(largest)
    scale = np.where(largest > 0, largest, 1.0)  # so that powers do not overflow
    return np.asarray(scale * ((size / scale[..., None]) ** p).sum(axis=-1) ** (1 / p))


def dot(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the dot product of vectors (..., d); the cosine where both have length 1."""
    return np.asarray((np.asarray(a, np.float64) * np.asarray(b, np.float64)).sum(axis=-1))


def cosine_similarity(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the cosine of vectors (..., d), in [-1, 1]; nan where one has length 0.

    >>> float(cosine_similarity([1.0, 0.0], [1.0, 1.0]).round(4))
    0.7071
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = dot(_unit(a), _unit(b))
    return np.clip(found, -1, 1)


def cosine_distance(a: ArrayLike, b: ArrayLike) -> Array:
    """Return 1 - cosine similarity of vectors (..., d), in [0, 2]."""
    return 1 - cosine_similarity(a, b)


def _unit(a: ArrayLike) -> Array:
    found: Array = np.asarray(a, np.float64) / norm(a)[..., None]
    return found
