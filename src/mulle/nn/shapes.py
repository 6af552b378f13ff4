"""The `shapes` line of an operation: a contract on the arrays that it takes.

    x (..., in), weight (out, in), bias (out)? -> y (..., out)

A name stands for one length wherever it appears, a number for itself, `...` for any leading or
inner dimensions (the same ones each time), `*` alone for any shape; `?` behind an argument says
that it may be None, `int` or `bool` that it holds no floats, `fixed` that it gets no gradient,
`mask` that it holds floats without a gradient or booleans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

_ARGUMENT = re.compile(r"(\w+) \(([^)]*)\)(\?)?(?: (int|bool|fixed|mask))?")
_KINDS = {"float": "f", "fixed": "f", "int": "iu", "bool": "b", "mask": "fb"}

Lengths = dict[str, Any]  # what each name stands for


class ContractError(ValueError):
    """Arrays or settings that an operation cannot take; its caller adds what it received.

    Args:
        code: stable name of the error.
        values: the blanks of its sentences.
    """

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(code)


class Argument(NamedTuple):
    """Describe one array of the contract.

    Attributes:
        name: name in the signature.
        dims: lengths of the axes, by name or number, `...` or `*`.
        optional: whether it may be None.
        sort: `float`, `int`, `bool`, `fixed` for floats that get no gradient, or `mask` for floats
            without a gradient or booleans.
    """

    name: str
    dims: tuple[str, ...]
    optional: bool = False
    sort: str = "float"

    def takes(self, x: Any, lengths: Lengths) -> bool:
        """Return whether an array fits the known lengths; record the lengths it shows."""
        if x is None:
            return self.optional
        kind = getattr(getattr(x, "dtype", None), "kind", "f")
        return kind in _KINDS[self.sort] and _bind(self.dims, getattr(x, "shape", ()), lengths)


class Contract(NamedTuple):
    """Describe the inputs and outputs of an operation."""

    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    text: str

    def holds(self, arrays: Sequence[Any]) -> bool:
        """Return whether the operation can take these arrays."""
        lengths: Lengths = {}
        if len(arrays) > len(self.inputs):
            return self._repeats(arrays)
        given = [*arrays, *[None] * (len(self.inputs) - len(arrays))]
        return all(a.takes(x, lengths) for a, x in zip(self.inputs, given, strict=True))

    def _repeats(self, arrays: Sequence[Any]) -> bool:
        """Return whether this is a contract of one array of any shape, which takes many."""
        only = self.inputs[0]
        return (
            self.inputs[1:] == () and only.dims == ("*",) and all(only.takes(x, {}) for x in arrays)
        )


def parse(line: str) -> Contract:
    """Read a `shapes` line.

    >>> contract = parse("x (n, in), w (out, in) -> y (n, out)")
    >>> import numpy as np
    >>> contract.holds([np.ones((2, 3)), np.ones((5, 3))])
    True
    >>> contract.holds([np.ones((2, 3)), np.ones((5, 4))])
    False
    """
    left, _, right = line.partition("->")
    return Contract(_arguments(left), _arguments(right), " ".join(line.split()))


def _arguments(text: str) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            name,
            tuple(d.strip() for d in dims.split(",") if d.strip()),
            bool(optional),
            sort or "float",
        )
        for name, dims, optional, sort in _ARGUMENT.findall(text)
    )


def _bind(dims: tuple[str, ...], shape: tuple[int, ...], lengths: Lengths) -> bool:
    if dims == ("*",):
        return True
    if "..." not in dims:
        return len(dims) == len(shape) and _bind_each(dims, shape, lengths)
    before = dims.index("...")
    after = len(dims) - before - 1
    if len(shape) < before + after:
        return False
    inner = shape[before : len(shape) - after]
    outer = shape[:before] + shape[len(shape) - after :]
    named = dims[:before] + dims[before + 1 :]
    return lengths.setdefault("...", inner) == inner and _bind_each(named, outer, lengths)


def _bind_each(dims: tuple[str, ...], shape: tuple[int, ...], lengths: Lengths) -> bool:
    return all(
        int(name) == length if name.isdigit() else lengths.setdefault(name, length) == length
        for name, length in zip(dims, shape, strict=True)
    )
