"""How the columns of a table reach the inputs of a network.

by name    each input takes the column of its name, where every input takes one number a row
in turn    else the columns fill the inputs in the order given: an input [N, 8] takes eight of them,
           an image [N, 1, 28, 28] takes 784

Where a network has no answer for a missing number, the column's usual value (the median) stands in
for it, in the file itself, and the file says so.

shapes  each column [N, 1] float64 or strings -> inputs [N, ...] of the network's types
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle.networks.foreign import Input
from mulle.errors import UsageError
from mulle.graph import g
from mulle.table import Column, Storage

MAX_PROBED = 64  # columns that are tried empty one by one; of more, blocks of them are


@dataclass(frozen=True)
class Feed:
    """Which columns fill which input, and what stands in for missing numbers.

    Attributes:
        inputs: of the network.
        names: of the columns of each input, in order.
        fill: by column, what stands in for a missing number.
        by_name: whether each input takes the column of its name.
    """

    inputs: Sequence[Input]
    names: Sequence[Sequence[str]]
    fill: Mapping[str, float] = field(default_factory=dict)
    by_name: bool = False

    @property
    def columns(self) -> list[str]:
        """All columns, in the order of the inputs."""
        return [name for names in self.names for name in names]

    def arrays(self, columns: Mapping[str, Array]) -> list[Array]:
        """Return the network's inputs of some rows, with NumPy."""
        return [
            self._array(taken, names, columns)
            for taken, names in zip(self.inputs, self.names, strict=True)
        ]

    def _array(self, taken: Input, names: Sequence[str], columns: Mapping[str, Array]) -> Array:
        if taken.dtype is np.str_:
            texts = np.concatenate([columns[name] for name in names], axis=1)
            return np.asarray(texts.astype(object).reshape(-1, *taken.shape))
        filled = []
        for name in names:
            x = columns[name]
            filled.append(np.where(np.isnan(x), self.fill[name], x) if name in self.fill else x)
        x = np.concatenate(filled, axis=1).reshape(-1, *taken.shape)
        with np.errstate(over="ignore"):  # beyond float32: infinite, as in the graph
            return np.asarray(x.astype(taken.dtype))

    def to_onnx(self, variables: Mapping[str, Any]) -> list[Any]:
        """Return the network's inputs as graph variables."""
        return [
            self._variable(taken, names, variables)
            for taken, names in zip(self.inputs, self.names, strict=True)
        ]

    def _variable(self, taken: Input, names: Sequence[str], variables: Mapping[str, Any]) -> Any:
        parts = [variables[name] for name in names]
        x = g.concat(parts, axis=1) if len(parts) > 1 else parts[0]
        if taken.dtype is not np.str_:
            if any(name in self.fill for name in names):
                usual = np.array([[self.fill.get(name, np.nan) for name in names]])
                x = g.where(g.isnan(x), g.constant_of(usual), x)
            if taken.dtype is not np.float64:
                x = g.cast(x, to=taken.dtype)
        if taken.shape == (len(names),):
            return x
        return g.reshape(x, g.constant_of(np.array([-1, *taken.shape], np.int64)))


def plan_feed(inputs: Sequence[Input], columns: Sequence[Column], where: str = "") -> Feed:
    """Return how columns fill inputs.

    Args:
        inputs: of the network.
        columns: in the order they are given.
        where: the network, for errors.

    Raises:
        UsageError: there are too few or too many columns, or one cannot be read by its input.
    """
    known = {column.name: column for column in columns}
    by_name = {taken.name for taken in inputs} == set(known) and len(known) == len(inputs)
    if by_name:
        names = [[taken.name] for taken in inputs]
    else:
        width = sum(taken.width for taken in inputs)
        if width != len(columns):
            raise UsageError("network-columns", where=where, width=width, count=len(columns),
                             columns=_listed(columns))  # fmt: skip
        order, names = iter(known), []
        for taken in inputs:
            names.append([next(order) for _ in range(taken.width)])
    for taken, some in zip(inputs, names, strict=True):
        for name in some:
            _check_storage(taken, known[name], where)
    return Feed(inputs, names, by_name=by_name)


def _check_storage(taken: Input, column: Column, where: str) -> None:
    wanted = Storage.string if taken.dtype is np.str_ else Storage.number
    if column.storage is not wanted:
        code = "network-column-text" if wanted is Storage.number else "network-column-number"
        raise UsageError(code, where=where, column=column.name, input=taken.name,
                         kind=column.kind.value)  # fmt: skip


def _listed(columns: Sequence[Column], most: int = 8) -> str:
    names = [column.name for column in columns]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def with_fill(
    feed: Feed,
    ask: Callable[[list[Array]], Array],
    columns: Mapping[str, Array],
    usual: Mapping[str, Any],
) -> Feed:
    """Return the feed with what stands in for missing numbers, where the network has no answer.

    Args:
        feed: from `plan_feed`.
        ask: the network: inputs to numbers [N, M].
        columns: some rows [N, 1] a column.
        usual: by column, its median.
    """
    kinds = [(name, taken.dtype) for taken, names in zip(feed.inputs, feed.names, strict=True)
             for name in names]  # fmt: skip
    numbers = [name for name, dtype in kinds if dtype is not np.str_]
    whole = [name for name, dtype in kinds if dtype in (np.int64, np.int32, np.bool_)]
    usual_row = {name: x[:1].copy() for name, x in columns.items()}
    for name in numbers:
        usual_row[name] = np.array([[float(usual.get(name) or 0.0)]])
    need = set(whole)
    for block in _blocks([name for name in numbers if name not in need]):
        empty = usual_row | {name: np.array([[np.nan]]) for name in block}
        with np.errstate(all="ignore"):
            answer = ask(replace(feed, fill=dict.fromkeys(whole, 0.0)).arrays(empty))
        if not np.isfinite(answer).all():
            need |= {*block}
    fill = {name: float(usual.get(name) or 0.0) for name in numbers if name in need}
    return replace(feed, fill=fill)


def _blocks(names: list[str]) -> list[list[str]]:
    size = max(1, -(-len(names) // MAX_PROBED))
    return [names[at : at + size] for at in range(0, len(names), size)]
