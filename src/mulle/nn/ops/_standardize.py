"""Helpers of normalizations: mean 0 and variance 1 along the last axis, and the gradient.

Sums go by einsum, which needs a third of the time of `mean` along short axes.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array


def standardize(x: Array, eps: float) -> tuple[Array, Array]:
    """Return h = (x - mean) s and s = 1 / sqrt(variance + eps)."""
    h = np.empty_like(x, order="C")
    s = np.empty_like(x, shape=(*x.shape[:-1], 1), order="C")
    parallel.rows(partial(_standardize, eps=eps), *map(_as_rows, (x, h, s)))
    return h, s


def _standardize(x: Array, h: Array, s: Array, eps: float) -> None:
    d = x.shape[-1]
    np.subtract(x, np.einsum("ni->n", x)[:, None] / d, out=h)
    s[...] = 1 / np.sqrt(np.einsum("ni,ni->n", h, h)[:, None] / d + eps)
    h *= s


def gradient(gh: Array, h: Array, s: Array) -> Array:
    """Return the gradient by x: gx = (gh - mean(gh) - h mean(gh h)) s."""
    gx = np.empty_like(h)
    parallel.rows(_gradient, *map(_as_rows, (gh, h, s, gx)))
    return gx


def _gradient(gh: Array, h: Array, s: Array, gx: Array) -> None:
    # gx = (gh - mean(gh) - h * mean(gh * h)) * s
    d = h.shape[-1]
    np.multiply(h, np.einsum("ni,ni->n", gh, h)[:, None] / -d, out=gx)
    gx += gh
    gx -= np.einsum("ni->n", gh)[:, None] / d
    gx *= s


def _as_rows(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def sum_over_rows(a: Array, b: Array | None = None, out: Array | None = None) -> Array:
    """Sum a, or a * b, over all axes but the last; of large arrays tile by tile."""
    arrays = [_as_rows(x) for x in (a, b) if x is not None]
    cuts = parallel.cuts(*arrays[0].shape)
    how = "ni->i" if b is None else "ni,ni->i"
    if len(cuts) == 1:
        return np.einsum(how, *arrays, out=out)
    sums = np.empty_like(arrays[0], shape=(len(cuts), arrays[0].shape[1]), order="C")

    def add_up(place: int, at: slice) -> None:
        np.einsum(how, *[x[at] for x in arrays], out=sums[place])

    parallel.run(add_up, [(place, *cut) for place, cut in enumerate(cuts)])
    return np.add.reduce(sums, 0, out=out)
