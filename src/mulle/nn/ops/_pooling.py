"""Max and average pooling over any number of axes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.ops._windows import Size, Windows, batch_first, batch_last, each, windows
from mulle.nn.shapes import ContractError


def over(x: Array, kernel: Size, stride: Size | None, padding: Size, dilation: Size = 1) -> Windows:
    """Return the windows to pool over; they lie side by side where no stride is given.

    Raises:
        ContractError: more than half of a window would lie outside.
    """
    space = x.shape[2:]
    sizes = each(kernel, len(space))
    w = windows(space, sizes, sizes if stride is None else stride, padding, dilation)
    if any(2 * p > k for p, k in zip(w.padding, sizes, strict=True)):
        raise ContractError("pool-padding")
    return w


def max_pool(x: Array, w: Windows) -> tuple[Array, Any]:
    """Return the largest entry of each window, and which cell it was, the first among equals."""
    x = batch_last(x)
    best = np.empty_like(x, shape=(len(x), *w.out, x.shape[-1]), order="C")
    winner = np.zeros_like(best, dtype=np.uint8 if prod(w.kernel) <= 256 else np.int32, order="C")
    parallel.run(lambda at: _find_largest(w, x[at], best[at], winner[at]), _by_channel(best))
    if not (best > -np.inf).all():
        _choose_among_odd(x, w, best, winner)
    return batch_first(best), (winner, w)


def _by_channel(y: Array) -> list[tuple[slice]]:
    """Return the tiles of channels, for an output y (c, *out, n)."""
    return parallel.cuts(len(y), prod(y.shape[1:]), tile=parallel.LARGE_TILE)


def _find_largest(w: Windows, x: Array, best: Array, winner: Array) -> None:
    cells = w.cells(w.pad(x, fill=-np.inf))
    best[...] = next(cells)[1]
    for i, (_, part) in enumerate(cells, start=1):
        # winner = i where part > best;  best = maximum(best, part)
        better = (part > best).astype(winner.dtype)
        better *= i
        np.maximum(winner, better, out=winner)
        np.maximum(best, part, out=best)


def _choose_among_odd(x: Array, w: Windows, best: Array, winner: Array) -> None:
    """Correct the winners of windows with nan, the last of which wins, and of those of -inf alone.

    There the border, which is -inf too, must not win.
    """
    inside = w.pad(np.ones_like(x, shape=(1, *w.space, 1)))
    lowest, found = best == -np.inf, np.zeros_like(best, dtype=bool)
    cells = zip(w.cells(w.pad(x)), w.cells(inside), strict=True)
    for i, ((_, part), (_, within)) in enumerate(cells):
        winner[np.isnan(part) | (lowest & ~found & (within > 0))] = i
        found |= within > 0


def max_pool_back(gy: Array, saved: Any) -> Array:
    """Pass gy to the cell that was largest."""
    winner, w = saved
    gy = np.ascontiguousarray(batch_last(gy), like=gy)
    padded = w.border(gy, len(gy), gy.shape[-1])

    def pass_on(at: slice) -> None:
        for i, (_, part) in enumerate(w.cells(padded[at])):
            # part += gy where winner == i
            won = (winner[at] == i).astype(gy.dtype)
            if w.apart:
                np.multiply(gy[at], won, out=part)
            else:
                part += gy[at] * won

    parallel.run(pass_on, _by_channel(gy))
    return batch_first(w.inner(padded))


def avg_pool(x: Array, w: Windows, count_include_pad: bool) -> tuple[Array, Any]:  # noqa: FBT001
    """Return the mean of each window; padding counts as zeros, or does not count."""
    total = 0.0
    for _, part in w.cells(w.pad(batch_last(x))):
        total = total + part
    count = _counts(w, x) if any(w.padding) and not count_include_pad else float(prod(w.kernel))
    return batch_first(total / count), (w, count)


def avg_pool_back(gy: Array, saved: Any) -> Array:
    """Share gy evenly among the cells of each window."""
    w, count = saved
    share = np.ascontiguousarray(batch_last(gy) / count, like=gy)
    padded = w.border(share, len(share), share.shape[-1])
    for _, part in w.cells(padded):
        part += share
    return batch_first(w.inner(padded))


def _counts(w: Windows, x: Array) -> Array:
    """Count the cells of each window that lie inside, as (1, *out, 1)."""
    inside = w.pad(np.ones_like(x, shape=(1, *w.space, 1)))
    return sum(part for _, part in w.cells(inside))
