"""Batches of rows: in a new order each epoch, and resumable in the middle of an epoch.

catalogue  ad-epoch ad-iteration ad-minibatch ad-shuffle opt-bgd opt-sgd opt-mbgd
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mulle.errors import DataError
from mulle.nn.randomness import generator
from mulle.nn.tensor import Tensor

Batch = tuple[tuple[Any, ...], Any]  # inputs and target


class Batches:
    """Yield batches of inputs and target, as tensors of the library that the model lives in.

    Args:
        data: inputs (an array, or a tuple of arrays) and target, with equal numbers of rows.
        size: number of rows per batch; None for all.
        like: parameter of the model; the data get its library, type and device.
        shuffle: whether each epoch has a new order.
        drop_last: whether an epoch leaves out the last rows where they fill no batch.

    Attributes:
        rows: number of rows.
        order: indices of the rows in the order of this epoch.
        position: number of rows of this epoch that were yielded.
        end: number of rows that an epoch yields.

    Raises:
        DataError: the data are not arrays of numbers, or their lengths differ.
    """

    def __init__(
        self,
        data: Any,
        size: int | None,
        like: Any,
        *,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        arrays = [_check_array(a, name) for name, a in named_arrays(data)]
        self.rows = _common_length(arrays)
        self.size = min(size or self.rows, self.rows)
        self.shuffle, self.position = shuffle, 0
        self.end = self.rows - self.rows % self.size if drop_last else self.rows
        self.order = np.arange(self.rows)
        self._torch = type(like).__module__.startswith("torch")
        if self._torch:
            self._arrays = [_to_torch(a, like) for a in arrays]
        else:
            self._arrays = [_to_engine(a, like) for a in arrays]
            self._full = self._buffers(self.size)

    def __len__(self) -> int:
        return -(-self.end // self.size)

    def begin(self) -> None:
        """Begin a new epoch."""
        self.position = 0
        if self.shuffle:
            self.order = generator().permutation(self.rows)

    def rest(self) -> Iterator[Batch]:
        """Yield the remaining batches of this epoch; each is overwritten by the next."""
        take = self._take_in_torch if self._torch else self._take
        while self.position < self.end:
            chosen = self.order[self.position : min(self.position + self.size, self.end)]
            self.position += len(chosen)
            yield take(chosen)

    def sample(self, limit: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Return up to `limit` rows, evenly spread, as NumPy arrays: inputs, target."""
        chosen = np.linspace(0, self.rows - 1, min(limit, self.rows)).astype(int)
        if self._torch:
            arrays = [a[chosen].float().cpu().numpy() if a.is_floating_point()
                      else a[chosen].cpu().numpy() for a in self._arrays]  # fmt: skip
        else:
            arrays = [a[chosen] for a in self._arrays]
        return arrays[:-1], arrays[-1]

    def _buffers(self, rows: int) -> list[Tensor]:
        return [Tensor(np.empty_like(a[:rows])) for a in self._arrays]

    def _take(self, chosen: np.ndarray) -> Batch:
        tensors = self._full if len(chosen) == self.size else self._buffers(len(chosen))
        for array, tensor in zip(self._arrays, tensors, strict=True):
            if isinstance(array, np.ndarray):
                array.take(chosen, 0, tensor.data, "clip")  # without checks it needs no buffer
            else:
                tensor.data = array[np.asarray(chosen, like=array)]
        return tuple(tensors[:-1]), tensors[-1]

    def _take_in_torch(self, chosen: np.ndarray) -> Batch:
        import torch

        index = torch.from_numpy(chosen).to(self._arrays[0].device)
        tensors = [a.index_select(0, index) for a in self._arrays]
        return tuple(tensors[:-1]), tensors[-1]


def named_arrays(data: Any) -> list[tuple[str, Any]]:
    """Return inputs and target with the names that messages use."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise DataError("data-form", received=type(data).__name__)
    inputs, target = data
    several = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    names = [f"inputs[{i}]" for i in range(len(several))] if len(several) > 1 else ["inputs"]
    return [*zip(names, several, strict=True), ("target", target)]


def _check_array(array: Any, name: str) -> Any:
    if not hasattr(array, "dtype"):
        raise DataError("data-not-array", part=name, received=type(array).__name__)
    if not hasattr(array, "dim") and array.dtype.kind not in "fiub":
        raise DataError("data-type", part=name, received=array.dtype)
    return array


def _common_length(arrays: Sequence[Any]) -> int:
    lengths = [len(a) for a in arrays]
    if len(set(lengths)) != 1 or not lengths[0]:
        raise DataError("data-lengths", lengths=lengths)
    return lengths[0]


def _to_engine(array: Any, like: Any) -> Any:
    """Convert floats to the model's type, because other types would slow every product down."""
    array = np.asarray(array, like=like.data)
    if array.dtype.kind == "f" and array.dtype != like.dtype:
        array = array.astype(like.dtype)
    return np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array


def _to_torch(array: Any, like: Any) -> Any:
    import torch

    tensor = torch.as_tensor(array, device=like.device)
    return tensor.to(like.dtype) if tensor.is_floating_point() else tensor
