"""Windows that slide over space, for convolutions and pooling; the batch axis is innermost.

Within these operations x of shape (n, c, *space) is stored as (c, *space, n), so that every cut
through space consists of long runs of memory. Results are views in the usual order, and elementwise
operations keep this layout, so nothing is transposed between two layers.

source  Krizhevsky 2014, arXiv:1404.5997 (cuda-convnet's order of axes);
        Chellapilla, Puri & Simard 2006, High performance convolutional neural networks (the matrix)
catalogue  conv-size conv-stride conv-pad
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw
from mulle.nn.shapes import ContractError

Sizes = tuple[int, ...]
Size = int | Sizes  # one for all axes of space, or one for each


def batch_last(x: Array) -> Array:
    """Return a view (c, *space, n) of (n, c, *space)."""
    return np.moveaxis(x, 0, -1)


def batch_first(x: Array) -> Array:
    """Return a view (n, c, *space) of (c, *space, n)."""
    return np.moveaxis(x, -1, 0)


class Windows(NamedTuple):
    """Describe how windows lie in space; each attribute has one entry per axis of space."""

    space: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @property
    def out(self) -> Sizes:
        """Number of windows per axis: floor((space + 2 padding - reach) / stride) + 1."""
        return tuple(
            (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(*self, strict=True)
        )

    @property
    def apart(self) -> bool:
        """Whether no two windows share a cell."""
        return all(s > d * (k - 1) for _, k, s, _, d in zip(*self, strict=True))

    def cells(self, padded: Array) -> Iterator[tuple[Sizes, Array]]:
        """Yield each cell of the kernel, with its positions in padded space in all windows."""
        for cell in np.ndindex(*self.kernel):
            cuts = [
                slice(i * d, i * d + s * (n - 1) + 1, s)
                for i, d, s, n in zip(cell, self.dilation, self.stride, self.out, strict=True)
            ]
            yield cell, padded[:, *cuts]

    def inner(self, padded: Array) -> Array:
        """Return the index of padded space without its border."""
        cuts = [slice(p, p + n) for p, n in zip(self.padding, self.space, strict=True)]
        return padded[:, *cuts]

    def border(self, like: Array, channels: int, n: int, fill: float = 0.0) -> Array:
        """Return an empty padded space."""
        space = [length + 2 * p for length, p in zip(self.space, self.padding, strict=True)]
        return np.full_like(like, fill, shape=(channels, *space, n), order="C")

    def pad(self, x: Array, fill: float = 0.0) -> Array:
        """Add a border to x (c, *space, n)."""
        if not any(self.padding):
            return x
        padded = self.border(x, len(x), x.shape[-1], fill)
        self.inner(padded)[...] = x
        return padded

    def look_at(self, padded: Array) -> Array:
        """Return a view of what all windows see: (c, *kernel, *out, n) of (c, *space, n)."""
        axes = tuple(range(1, 1 + len(self.kernel)))
        reach = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        seen = np.lib.stride_tricks.sliding_window_view(padded, reach, axes)
        first, inside = (
            tuple(slice(None, None, s) for s in v) for v in (self.stride, self.dilation)
        )
        seen = seen[:, *first, :, *inside]
        return np.moveaxis(seen, range(-len(axes), 0), axes)

    @property
    def turned(self) -> Windows | None:
        """The windows over `out` that reach what they were computed from; None with strides."""
        margin = tuple(
            d * (k - 1) - p
            for k, p, d in zip(self.kernel, self.padding, self.dilation, strict=True)
        )
        if max(self.stride) > 1 or min(margin) < 0:
            return None
        return Windows(self.out, self.kernel, self.stride, margin, self.dilation)

    def scatter(self, columns: Array, n: int) -> Array:
        """Reverse `look_at`: add each entry of all windows to its position in space."""
        channels = columns.shape[0] * columns.shape[1] // prod(self.kernel)
        columns = columns.reshape(channels, *self.kernel, *self.out, n)
        padded = self.border(columns, channels, n)

        def add(at: slice) -> None:
            for cell, part in self.cells(padded[at]):
                part += columns[at, *cell]

        size = prod(self.out) * n
        parallel.run(add, parallel.cuts(channels, size, tile=parallel.LARGE_TILE))
        return self.inner(padded)


def windows(space: Sizes, kernel: Sizes, stride: Size, padding: Size, dilation: Size) -> Windows:
    """Return the windows over a space of the given lengths.

    Raises:
        ContractError: a setting is out of range, or no window fits.
    """
    w = Windows(space, kernel, *(each(v, len(space)) for v in (stride, padding, dilation)))
    if min(w.stride + w.dilation + w.kernel) < 1 or min(w.padding) < 0:
        raise ContractError("window-settings")
    if min(w.out + space) < 1:
        raise ContractError("window-too-large", space=str(space))
    return w


def each(size: Size, axes: int) -> Sizes:
    """Return one number for each axis.

    >>> each(3, 2), each((1, 2), 2)
    ((3, 3), (1, 2))
    """
    sizes = (size,) * axes if isinstance(size, int) else tuple(size)
    if len(sizes) != axes:
        raise ContractError("window-axes", setting=str(size), count=len(sizes), axes=axes)
    return sizes


def onnx_settings(axes: int, stride: Size, padding: Size, dilation: Size) -> dict[str, Any]:
    """Return stride, padding and dilation as attributes of ONNX's operators."""
    return {
        "strides": each(stride, axes),
        "pads": each(padding, axes) * 2,
        "dilations": each(dilation, axes),
    }


def lacking(draw: Draw) -> tuple[str, ...]:
    """Return the ONNX evaluators that cannot compute a sample; ONNX Runtime lacks float64."""
    return ("onnxruntime",) if draw.dtype is np.float64 else ()
