"""Helpers of normalizations: mean 0 and variance 1 along the last axis, and the gradient.

Sums go by einsum, which needs a third of the time of `mean` along short axes.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from mulle.nn import blas, parallel
from mulle.nn.arrays import Array


def standardize(x: Array, eps: float) -> tuple[Array, Array]:
    """Return h = (x - mean) s and s = 1 / sqrt(variance + eps)."""
    h = np.empty_like(x, order="C")
    s = np.empty_like(x, shape=(*x.shape[:-1], 1), order="C")
    parallel.rows(partial(_standardize, eps=eps), *map(as_rows, (x, h, s)))
    return h, s


def _standardize(x: Array, h: Array, s: Array, eps: float) -> None:
    d = x.shape[-1]
    np.subtract(x, np.einsum("ni->n", x)[:, None] / d, out=h)
    s[...] = 1 / np.sqrt(np.einsum("ni,ni->n", h, h)[:, None] / d + eps)
    h *= s


def gradient(gy: Array, h: Array, s: Array, weight: Array | None = None) -> Array:
    """Return the gradient by x: gx = (gh - mean(gh) - h mean(gh h)) s, where gh = gy weight."""
    gx = np.empty_like(h)
    parallel.rows(partial(_gradient, weight=weight), *map(as_rows, (gy, h, s, gx)))
    return gx


def _gradient(gy: Array, h: Array, s: Array, gx: Array, weight: Array | None) -> None:
    # gx = (gh - mean(gh) - h * mean(gh * h)) * s
    d = h.shape[-1]
    gh = gy if weight is None else gy * weight
    np.multiply(h, np.einsum("ni,ni->n", gh, h)[:, None] / -d, out=gx)
    gx += gh
    gx -= np.einsum("ni->n", gh)[:, None] / d
    gx *= s


def as_rows(x: Array) -> Array:
    """Reshape to a matrix whose rows are the last axis."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def sum_over_rows(a: Array, b: Array | None = None, out: Array | None = None) -> Array:
    """Sum a, or a * b, over all axes but the last; of large arrays tile by tile."""
    arrays = [as_rows(x) for x in (a, b) if x is not None]
    cuts = parallel.cuts(*arrays[0].shape)
    if len(cuts) == 1:
        with blas.one_thread():
            return _sum_up(*arrays, out=out)
    sums = np.empty_like(arrays[0], shape=(len(cuts), arrays[0].shape[1]), order="C")

    def add_up(place: int, at: slice) -> None:
        _sum_up(*[x[at] for x in arrays], out=sums[place])

    parallel.run(add_up, [(place, *cut) for place, cut in enumerate(cuts)])
    return np.add.reduce(sums, 0, out=out)


def _sum_up(a: Array, b: Array | None = None, *, out: Array | None) -> Array:
    if b is None:  # half the time of a sum along the first axis
        return np.matmul(np.ones_like(a, shape=len(a)), a, out=out)
    return np.einsum("ni,ni->i", a, b, out=out)
