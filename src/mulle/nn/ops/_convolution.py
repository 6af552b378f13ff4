"""Convolution over any number of axes, as one matrix product, and its reverse.

Within a group: y = W X, where a column of X is what one window sees (see `_windows`), and
gW = gy X', gX = W' gy. The transposed convolution is the same with forward and gx exchanged.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP
from mulle.nn.ops._windows import Size, Sizes, Windows, batch_first, batch_last, each, windows
from mulle.nn.shapes import ContractError

Gradients = tuple[Array | None, Array | None, Array | None]


def convolve(
    x: Array, weight: Array, bias: Array | None, stride: Size, padding: Size, dilation: Size,
    groups: int,
) -> tuple[Array, Any]:  # fmt: skip
    """Convolve x (n, c, *space) by weight (o, c / groups, *kernel), plus bias (o): (n, o, *out)."""
    channels, n = weight.shape[1] * groups, len(x)
    if x.shape[1] != channels or len(weight) % groups:
        raise ContractError(
            "convolution-channels", groups=groups, expected=channels, channels=x.shape[1]
        )
    w = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    columns = _columns(w, x, groups)
    y = (_in_groups(weight, groups) @ columns).reshape(len(weight), prod(w.out) * n)
    if bias is not None:
        parallel.rows(_add, y, bias[:, None], tile=parallel.LARGE_TILE)
    saved = columns, weight, bias, w, groups
    return batch_first(y.reshape(len(weight), *w.out, n)), saved


def convolve_back(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    """Return the gradients of x, weight and bias of `convolve`."""
    columns, weight, bias, w, groups = saved
    rows = _rows(gy)
    grouped = _in_groups(rows, groups)
    gx = gw = gb = None
    if into[0] is not SKIP:
        spread = _in_groups(weight, groups).swapaxes(1, 2) @ grouped
        gx = batch_first(w.scatter(spread, len(gy)))
    if into[1] is not SKIP:
        gw = product_over_columns(grouped, columns).reshape(weight.shape)
    if bias is not None and into[2] is not SKIP:
        gb = np.empty_like(bias)
        parallel.rows(_sum, rows, gb, tile=parallel.LARGE_TILE)
    return gx, gw, gb


def _add(y: Array, bias: Array) -> None:
    y += bias


def _sum(rows: Array, totals: Array) -> None:
    np.add.reduce(rows, 1, out=totals)


def convolve_transposed(
    x: Array, weight: Array, bias: Array | None, stride: Size, padding: Size, dilation: Size,
    groups: int, output_padding: Size,
) -> tuple[Array, Any]:  # fmt: skip
    """Spread x (n, c, *space) by weight (c, o / groups, *kernel): y (n, o, *out), plus bias (o)."""
    if len(weight) % groups:
        raise ContractError("convolution-transposed-groups", channels=len(weight), groups=groups)
    w = windows(
        _enlarged(x.shape[2:], weight.shape[2:], stride, padding, dilation, output_padding),
        weight.shape[2:], stride, padding, dilation,
    )  # fmt: skip
    rows = _in_groups(_rows(x), groups)
    spread = _in_groups(weight, groups).swapaxes(1, 2) @ rows
    y = w.scatter(spread, len(x))
    if bias is not None:
        y += bias.reshape(-1, *[1] * (y.ndim - 1))
    return batch_first(y), (rows, x.shape, weight, bias, w, groups)


def convolve_transposed_back(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    """Return the gradients of x, weight and bias of `convolve_transposed`."""
    rows, shape, weight, bias, w, groups = saved
    gx = gw = gb = None
    columns = _columns(w, gy, groups)
    if into[0] is not SKIP:
        gx = _in_groups(weight, groups) @ columns
        gx = batch_first(gx.reshape(len(weight), *shape[2:], shape[0]))
    if into[1] is not SKIP:
        gw = product_over_columns(rows, columns).reshape(weight.shape)
    if bias is not None and into[2] is not SKIP:
        gb = gy.sum(axis=(0, *range(2, gy.ndim)))
    return gx, gw, gb


def product_over_columns(a: Array, b: Array) -> Array:
    """Multiply a (groups, m, columns) by the transpose of b (groups, k, columns).

    A small result of long sums is slow in BLAS; adding shorter sums takes a third of the time.
    """
    parts = 16 if a.shape[1] * b.shape[1] < 512 and a.shape[2] % 16 == 0 else 1
    cut = [m.reshape(*m.shape[:2], parts, m.shape[2] // parts).swapaxes(1, 2) for m in (a, b)]
    return (cut[1] @ cut[0].swapaxes(2, 3)).sum(axis=1).swapaxes(1, 2)


def _columns(w: Windows, x: Array, groups: int) -> Array:
    """Return the entries of each window as a column of a matrix, one matrix per group."""
    inside = x.shape[1] // groups * prod(w.kernel)
    return w.gather(batch_last(x)).reshape(groups, inside, prod(w.out) * len(x))


def _rows(x: Array) -> Array:
    """Reshape (n, c, *space) to (c, space * n), in row order."""
    return batch_last(x).reshape(x.shape[1], prod(x.shape[2:]) * len(x))


def _in_groups(x: Array, groups: int) -> Array:
    """Split the first axis into groups: one matrix per group."""
    return x.reshape(groups, len(x) // groups, prod(x.shape[1:]))


def _enlarged(
    space: Sizes, kernel: Sizes, stride: Size, padding: Size, dilation: Size, more: Size
) -> Sizes:
    """Return the space that has as many windows as x has positions; `more` chooses among them."""
    axes = len(space)
    settings = (each(v, axes) for v in (stride, padding, dilation, more))
    return tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + 1 + m
        for n, k, s, p, d, m in zip(space, kernel, *settings, strict=True)
    )
