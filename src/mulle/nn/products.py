"""Matrix products, shared between the engine's threads as the passes between them are.

Each thread computes some of the rows, or of the columns where there are more of them. OpenBLAS
would share a product too, but its threads go on looking for the next one at full speed, for some 25
ms, on the cores where the engine's threads are at work meanwhile: what took 4 ms then took 8.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn import blas, parallel
from mulle.nn.arrays import Array

LEAST = 1 << 22  # multiplications that are worth a thread: 80 microseconds of them
ALONE = 1 << 18  # multiplications up to which OpenBLAS calls no threads by itself, and
ALONE_VECTOR = 1 << 13  # the same where one factor is a vector
EVEN = 16  # rows and columns are cut at multiples of it, as the kernels of products are

Part = tuple[Array, Array, Array]


def multiply(a: Array, b: Array) -> Array:
    """Return the products of stacked matrices, (n, rows, inside) times (n, inside, columns)."""
    if len(a) > 1:  # many are small
        with blas.one_thread():
            return a @ b
    y = empty(a[0], b[0])
    run(parts(a[0], b[0], y))
    return y[None]


def empty(a: Array, b: Array) -> Array:
    """Return an array for the product of two matrices."""
    shape, dtype = (a.shape[0], b.shape[1]), np.result_type(a, b)
    return np.empty_like(a, dtype=dtype, shape=shape, order="C")


def parts(a: Array, b: Array, out: Array) -> list[Part]:
    """Cut a product into one for each thread."""
    (rows, inside), columns = a.shape, b.shape[1]
    if rows >= columns:
        return [(a[at], b, out[at]) for at in cuts(rows, inside * columns)]
    return [(a, b[:, at], out[:, at]) for at in cuts(columns, inside * rows)]


def cuts(length: int, work: int) -> list[slice]:
    """Cut an axis for as many threads as are worth it.

    Args:
        length: length of the axis.
        work: multiplications per position.
    """
    pieces = min(parallel.threads(), max(1, length * work // LEAST))
    step = max(1, -(-length // (pieces * EVEN))) * EVEN
    return [slice(i, min(i + step, length)) for i in range(0, length, step)] or [slice(0, 0)]


def run(products: list[Part]) -> None:
    """Compute the parts of one product or of several."""
    share(_multiply, products, max((_work(a, b) for a, b, _ in products), default=0))


def _work(a: Array, b: Array) -> int:
    weight = 1 if len(a) > 1 else ALONE // ALONE_VECTOR
    return int(a.size * b.shape[1] * weight)


def share(function: Any, tiles: list[Any], work: int) -> None:
    """Call a function of products on each tile, in no order; each product takes one thread.

    Args:
        function: function of a tile, which writes what no other tile reads or writes.
        tiles: arguments of each call.
        work: multiplications of the largest product.
    """
    if work <= ALONE:
        for tile in tiles:
            function(*tile)
        return
    with blas.one_thread():
        parallel.run(function, tiles)


def _multiply(a: Array, b: Array, out: Any) -> None:
    np.matmul(a, b, out=out)
