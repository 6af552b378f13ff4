"""Layers that only change shapes; the batch axis stays free in an exported graph."""

from __future__ import annotations

import math
from typing import Any

from mulle.nn.module import Module


class Flatten(Module):
    """Merge several axes into one.

    Args:
        start_dim: first axis to merge.
        end_dim: last axis to merge.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        first, last = self.start_dim % x.ndim, self.end_dim % x.ndim
        length = math.prod(x.shape[first : last + 1])
        return x.reshape(*_batch_free(*x.shape[:first], length, *x.shape[last + 1 :]))


class Unflatten(Module):
    """Split one axis into several.

    Args:
        dim: axis to split.
        unflattened_size: lengths of the new axes.
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        dim, size = self.dim % x.ndim, self.unflattened_size
        if dim == 0:
            return x.reshape(*size, *x.shape[1:])
        if -1 in size:
            known = -math.prod(size)
            size = tuple(x.shape[dim] // known if n == -1 else n for n in size)
        return x.reshape(*_batch_free(*x.shape[:dim], *size, *x.shape[dim + 1 :]))


def _batch_free(*shape: int) -> tuple[int, ...]:
    return (-1, *shape[1:])
