"""Segments of the flat buffers: consecutive parameters that take their step together.

A step skips a parameter that no gradient reached, and parameters that have taken different numbers
of steps are corrected for their bias differently. Where all parameters take every step, which is
the common case, one segment is the whole buffer.
"""

from __future__ import annotations

from copy import copy
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.nn import parallel
from mulle.nn.arrays import Array

if TYPE_CHECKING:
    from mulle.nn.optim.base import Optimizer


class Segment:
    """Hold views of an optimizer's buffers for the parameters `first` to `last - 1`.

    The arrays that the optimizer's class lists in `memory`, `workspace` and `per_parameter` are
    attributes of the same names: `segment.m` is a view of `optimizer.m`.

    Args:
        optimizer: owner of the buffers.
        first: index of the first parameter.
        last: index after the last parameter.

    Attributes:
        w: values of the parameters, flat.
        grad: gradients of the parameters, flat.
        lr_factor: factor of the learning rate, one number or one for each entry of `w`.
        decay_factor: factor of the weight decay, one number or one for each entry of `w`.
        steps: number of steps these parameters have taken, the current one included.
        rate: learning rate, one number or one for each entry of `w`.
        decay: weight decay, one number or one for each entry of `w`.
    """

    w: Array
    grad: Array

    def __init__(self, optimizer: Optimizer, first: int, last: int) -> None:
        self._optimizer = optimizer
        begin = sum(p.data.size for p in optimizer.parameters[:first])
        size = sum(p.data.size for p in optimizer.parameters[first:last])
        self.entries = slice(begin, begin + size)
        for name in ("w", "grad", *optimizer.memory, *optimizer.workspace):
            setattr(self, name, getattr(optimizer, name)[self.entries])
        for name in optimizer.per_parameter:
            setattr(self, name, getattr(optimizer, name)[first:last])
        self.lr_factor = self._cut(optimizer.lr_factor)
        self.decay_factor = self._cut(optimizer.decay_factor)
        self.steps = 0
        self._tiles: list[Segment] | None = None

    if TYPE_CHECKING:  # the buffers have the names that the optimizer's class lists

        def __getattr__(self, name: str) -> Array: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    @property
    def rate(self) -> Any:
        """The learning rate."""
        return self._optimizer.lr * self.lr_factor

    @property
    def decay(self) -> Any:
        """The weight decay; 0.0 where there is none at all."""
        strength = self._optimizer.weight_decay
        return strength * self.decay_factor if strength else 0.0

    def decayed_grad(self) -> Array:
        """Return the gradient with that of the L2 penalty; `grad` itself where there is none."""
        return self.grad + self.decay * self.w if self._optimizer.weight_decay else self.grad

    def begin_step(self) -> None:
        """Count a step of these parameters."""
        taken = self.taken
        taken += 1
        self.steps = int(taken[0])

    @property
    def tiles(self) -> list[Segment]:
        """The same for parts of the entries, one for each thread."""
        if self._tiles is None:
            local = isinstance(self.w, np.ndarray)
            cuts = parallel.cuts(self.w.size, 1, tile=parallel.LARGE_TILE) if local else []
            self._tiles = [self._tile(cut) for (cut,) in cuts] if len(cuts) > 1 else [self]
        for tile in self._tiles:
            tile.steps = self.steps
        return self._tiles

    def _tile(self, cut: slice) -> Segment:
        optimizer, tile = self._optimizer, copy(self)
        for name in ("w", "grad", *optimizer.memory, *optimizer.workspace):
            setattr(tile, name, getattr(self, name)[cut])
        for name in ("lr_factor", "decay_factor"):
            factor = getattr(self, name)
            setattr(tile, name, factor if isinstance(factor, float) else factor[cut])
        return tile

    def _cut(self, factor: Any) -> Any:
        return factor if isinstance(factor, float) else factor[self.entries]


def runs(keys: list[Any]) -> list[tuple[int, int]]:
    """Return the first index and the index after the last of each run of equal keys.

    Runs whose key is None are left out.

    >>> runs([3, 3, None, 3, 4])
    [(0, 2), (3, 4), (4, 5)]
    """
    if keys and keys[0] is not None and keys.count(keys[0]) == len(keys):
        return [(0, len(keys))]
    found = []
    for key, run in groupby(range(len(keys)), keys.__getitem__):
        indices = list(run)
        if key is not None:
            found.append((indices[0], indices[-1] + 1))
    return found
