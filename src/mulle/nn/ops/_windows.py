"""What convolutions and pooling share: windows that slide over space, the batch axis innermost.

Within these operations x of shape (n, c, *space) is held as (c, *space, n): whatever is cut out of
space is then made of long runs of memory. What they return is a view in the usual order, and what
is done next, entry by entry, keeps to that memory; nothing is turned round between two layers.

source  Krizhevsky 2014, arXiv:1404.5997 (cuda-convnet's order of axes);
        Chellapilla, Puri & Simard 2006, High performance convolutional neural networks (the matrix)
catalogue  conv-size conv-stride conv-pad
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw
from mulle.nn.shapes import ContractError

Sizes = tuple[int, ...]
Size = int | Sizes  # one for all axes of space, or one for each


def batch_last(x: Array) -> Array:
    """(n, c, *space) -> (c, *space, n), a view."""
    return np.moveaxis(x, 0, -1)


def batch_first(x: Array) -> Array:
    """(c, *space, n) -> (n, c, *space), a view."""
    return np.moveaxis(x, -1, 0)


class Windows(NamedTuple):
    """How windows lie in space; each attribute has one entry for each axis of space."""

    space: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes

    @property
    def out(self) -> Sizes:
        """How many windows there are: floor((space + 2 padding - reach) / stride) + 1."""
        return tuple(
            (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(*self, strict=True)
        )

    @property
    def apart(self) -> bool:
        """Whether no two windows share a cell."""
        return all(s > d * (k - 1) for _, k, s, _, d in zip(*self, strict=True))

    def cells(self, padded: Array) -> Iterator[tuple[Sizes, Array]]:
        """Each cell of the kernel, and where in padded space it lies in all the windows."""
        for cell in np.ndindex(*self.kernel):
            cuts = [
                slice(i * d, i * d + s * (n - 1) + 1, s)
                for i, d, s, n in zip(cell, self.dilation, self.stride, self.out, strict=True)
            ]
            yield cell, padded[:, *cuts]

    def inner(self, padded: Array) -> Array:
        """Padded space without its border."""
        cuts = [slice(p, p + n) for p, n in zip(self.padding, self.space, strict=True)]
        return padded[:, *cuts]

    def border(self, like: Array, channels: int, n: int, fill: float = 0.0) -> Array:
        """Padded space in which there is nothing yet."""
        space = [length + 2 * p for length, p in zip(self.space, self.padding, strict=True)]
        return np.full_like(like, fill, shape=(channels, *space, n), order="C")

    def pad(self, x: Array, fill: float = 0.0) -> Array:
        """x (c, *space, n) with a border."""
        if not any(self.padding):
            return x
        padded = self.border(x, len(x), x.shape[-1], fill)
        self.inner(padded)[...] = x
        return padded

    def gather(self, x: Array) -> Array:
        """What is in each cell of each window: (c, *kernel, *out, n) from x (c, *space, n)."""
        columns = np.empty_like(x, shape=(len(x), *self.kernel, *self.out, x.shape[-1]), order="C")
        for cell, part in self.cells(self.pad(x)):
            columns[:, *cell] = part
        return columns

    def scatter(self, columns: Array, n: int) -> Array:
        """The reverse: each of these entries added to where it lies in space."""
        channels = columns.shape[0] * columns.shape[1] // prod(self.kernel)
        columns = columns.reshape(channels, *self.kernel, *self.out, n)
        padded = self.border(columns, channels, n)
        for cell, part in self.cells(padded):
            part += columns[:, *cell]
        return self.inner(padded)


def windows(space: Sizes, kernel: Sizes, stride: Size, padding: Size, dilation: Size) -> Windows:
    """Windows over a space of these lengths.

    Raises:
        ContractError: a setting makes no sense, or not one window fits.
    """
    w = Windows(space, kernel, *(each(v, len(space)) for v in (stride, padding, dilation)))
    if min(w.stride + w.dilation + w.kernel) < 1 or min(w.padding) < 0:
        raise ContractError("window-settings")
    if min(w.out + space) < 1:
        raise ContractError("window-too-large", space=str(space))
    return w


def each(size: Size, axes: int) -> Sizes:
    """One number for each axis.

    >>> each(3, 2), each((1, 2), 2)
    ((3, 3), (1, 2))
    """
    sizes = (size,) * axes if isinstance(size, int) else tuple(size)
    if len(sizes) != axes:
        raise ContractError("window-axes", setting=str(size), count=len(sizes), axes=axes)
    return sizes


def onnx_settings(axes: int, stride: Size, padding: Size, dilation: Size) -> dict[str, Any]:
    """Stride, padding and dilation as attributes of ONNX's operators."""
    return {
        "strides": each(stride, axes),
        "pads": each(padding, axes) * 2,
        "dilations": each(dilation, axes),
    }


def lacking(draw: Draw) -> tuple[str, ...]:
    """Which evaluators of ONNX cannot compute it: ONNX Runtime knows no windows over float64."""
    return ("onnxruntime",) if draw.dtype is np.float64 else ()
