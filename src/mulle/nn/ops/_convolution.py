"""Convolution over any number of axes, as matrix products, and its reverse.

Within a group: y = W X, where a column of X is what one window sees (see `_windows`), and
gW = gy X', gX = W' gy. The transposed convolution is the same with forward and gx exchanged.

X has each entry of x as often as windows see it, so it never exists as a whole: a band of columns
that fits into a processor's cache is copied together, used, and forgotten. Bands depend on the
shapes alone.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mulle.nn import parallel, products
from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP
from mulle.nn.ops._windows import Size, Sizes, Windows, batch_first, batch_last, each, windows
from mulle.nn.shapes import ContractError

BAND = 1 << 17  # entries of the columns of one band: half a megabyte of float32

Gradients = tuple[Array | None, Array | None, Array | None]


def convolve(
    x: Array, weight: Array, bias: Array | None, stride: Size, padding: Size, dilation: Size,
    groups: int,
) -> tuple[Array, Any]:  # fmt: skip
    """Convolve x (n, c, *space) by weight (o, c / groups, *kernel), plus bias (o): (n, o, *out)."""
    channels = weight.shape[1] * groups
    if x.shape[1] != channels or len(weight) % groups:
        raise ContractError(
            "convolution-channels", groups=groups, expected=channels, channels=x.shape[1]
        )
    w = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    seen = w.look_at(w.pad(batch_last(x)))
    y = _multiply(weight, seen, groups, bias)
    return batch_first(y), (seen, weight, bias, w, groups)


def convolve_back(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    """Return the gradients of x, weight and bias of `convolve`."""
    seen, weight, bias, w, groups = saved
    rows = _in_groups(_rows(gy), groups)
    gx = gw = gb = None
    if into[0] is not SKIP:
        gx = batch_first(_gradient_of_x(w, weight, batch_last(gy), groups))
    if into[1] is not SKIP:
        gw = _product_with_columns(rows, seen).reshape(weight.shape)
    if bias is not None and into[2] is not SKIP:
        gb = np.empty_like(bias)
        parallel.rows(_sum, rows.reshape(len(bias), -1), gb)
    return gx, gw, gb


def _sum(rows: Array, totals: Array) -> None:
    np.add.reduce(rows, 1, out=totals)


def _gradient_of_x(w: Windows, weight: Array, gy: Array, groups: int) -> Array:
    """Return gx (c, *space, n): gy (o, *out, n) spread over the windows it was computed from."""
    turned = w.turned
    if turned is None:
        kernels = _in_groups(weight, groups).swapaxes(1, 2)
        spread = products.multiply(kernels, _in_groups(gy, groups))
        return w.scatter(spread, gy.shape[-1])
    # with a stride of 1 it is a convolution too, of gy by the kernels from back to front
    kernels = weight.reshape(groups, len(weight) // groups, *weight.shape[1:]).swapaxes(1, 2)
    kernels = np.flip(kernels, tuple(range(3, kernels.ndim)))
    kernels = kernels.reshape(-1, *kernels.shape[2:])
    return _multiply(kernels, turned.look_at(turned.pad(gy)), groups)


def _multiply(weight: Array, seen: Array, groups: int, bias: Array | None = None) -> Array:
    """Multiply kernels (o, c / groups, *kernel) by what windows see, plus bias: (o, *out, n)."""
    y = np.empty_like(seen, shape=(len(weight), *seen.shape[weight.ndim - 1 :]), order="C")
    rows, kernels = _in_groups(y, groups), _in_groups(weight, groups)

    def multiply(band: slice, at: slice) -> None:
        part = rows[:, :, at]
        np.matmul(kernels, _columns(seen, band, groups), out=part)
        if bias is not None:
            part += bias.reshape(groups, -1, 1)

    products.share(multiply, _bands(seen), seen.size * len(weight))
    return y


def _product_with_columns(rows: Array, seen: Array) -> Array:
    """Multiply rows (groups, o, columns) by the transpose of what windows see, band after band."""
    bands = _bands(seen)
    inside = prod(seen.shape[: seen.ndim // 2]) // len(rows)
    parts = np.empty_like(rows, shape=(len(bands), *rows.shape[:2], inside), order="C")

    def multiply(place: int, band: slice, at: slice) -> None:
        parts[place] = product_over_columns(rows[:, :, at], _columns(seen, band, len(rows)))

    tiles = [(i, *band) for i, band in enumerate(bands)]
    products.share(multiply, tiles, seen.size * rows.shape[1])
    return parts.sum(axis=0)


def _bands(seen: Array) -> list[tuple[slice, slice]]:
    """Cut windows along their first axis into bands whose columns fit into the cache.

    Args:
        seen: what the windows see, (c, *kernel, *out, n).

    Returns:
        for each band its windows along the first axis, and its columns.
    """
    length, *others = seen.shape[seen.ndim // 2 :]
    each_row, rows = prod(others), length
    if isinstance(seen, np.ndarray):
        rows = max(1, BAND * length // max(seen.size, 1))
    bands = [(i, min(i + rows, length)) for i in range(0, length, rows)]
    return [(slice(i, j), slice(i * each_row, j * each_row)) for i, j in bands]


def _columns(seen: Array, band: slice, groups: int) -> Array:
    """Return what each window of a band sees as a column, one matrix per group."""
    inside = seen.ndim // 2
    part = seen[(slice(None),) * inside + (band,)]
    rows = prod(part.shape[:inside]) // groups
    return part.reshape(groups, rows, prod(part.shape[inside:]))


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
    spread = products.multiply(_in_groups(weight, groups).swapaxes(1, 2), rows)
    y = w.scatter(spread, len(x))
    if bias is not None:
        y += bias.reshape(-1, *[1] * (y.ndim - 1))
    return batch_first(y), (rows, x.shape, weight, bias, w, groups)


def convolve_transposed_back(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    """Return the gradients of x, weight and bias of `convolve_transposed`."""
    rows, shape, weight, bias, w, groups = saved
    gx = gw = gb = None
    columns = _columns(w.look_at(w.pad(batch_last(gy))), slice(None), groups)
    if into[0] is not SKIP:
        gx = products.multiply(_in_groups(weight, groups), columns)
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
