"""Stand-ins for tensors, in an ONNX graph being written and in a model being declared.

A `Symbol` carries a graph variable and an example of its value, computed with NumPy as the graph
grows. So shapes are known, but reading the values is refused, because a graph must not depend on
the data it was traced with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mulle.errors import UsageError
from mulle.nn.operators import Operators
from mulle.nn.tensor import as_numpy

if TYPE_CHECKING:
    from mulle.nn.operation import Operation


class Length(int):
    """The example's length of an axis that the graph leaves free, as that of the rows.

    A `reshape` that keeps it where it is keeps it free; computing with it writes the number down.
    """


class Symbol(Operators):
    """Stand for a tensor of a graph being written.

    Attributes:
        var: variable in the graph.
        example: value that NumPy computes for the example.
        trace: graph that it belongs to.
    """

    __slots__ = ("example", "trace", "var")

    def __init__(self, var: Any, example: Any, trace: Trace) -> None:
        self.var, self.example, self.trace = var, example, trace

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the example; the lengths of free axes are `Length`s."""
        example, known = self.example.shape, getattr(self.var.type, "shape", None)
        if known is None or len(known) != len(example):
            return tuple(example)
        pairs = zip(example, known, strict=True)
        return tuple(n if isinstance(k, int) else Length(n) for n, k in pairs)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self.example.ndim)

    @property
    def dtype(self) -> Any:
        """Type of the numbers."""
        return self.example.dtype

    def detach(self) -> Symbol:
        """Return the symbol itself; graphs have no gradients."""
        return self

    def _refuse(self, use: str) -> NoReturn:
        raise UsageError("traces-data", use=use)

    @property
    def data(self) -> NoReturn:
        """Refuse to give values: a symbol has none."""
        self._refuse("data")

    def item(self) -> NoReturn:
        """Refuse to give values: a symbol has none."""
        self._refuse("item")

    def numpy(self) -> NoReturn:
        """Refuse to give values: a symbol has none."""
        self._refuse("numpy")

    def __bool__(self) -> NoReturn:
        self._refuse("condition")

    def __float__(self) -> NoReturn:
        self._refuse("float")

    def __int__(self) -> NoReturn:
        self._refuse("int")

    def __iter__(self) -> NoReturn:
        self._refuse("loop")

    def __lt__(self, other: object) -> NoReturn:
        self._refuse("comparison")

    __gt__ = __le__ = __ge__ = __lt__


class Trace:
    """Hold an ONNX graph that grows as a model is called on its symbols."""

    def __init__(self) -> None:
        self._constants: dict[Any, tuple[Any, Any]] = {}  # a shared weight is stored once

    def add(self, operation: Operation, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """Add the nodes of one operation; return a Symbol for each output."""
        from mulle.graph import g

        inputs = tuple([_as_number(x) for x in inputs])
        arrays = [_example(x) for x in inputs]
        example, _ = operation.compute(arrays, attrs)
        like = example[0] if type(example) is tuple else example
        variables = [self.variable(x, like.dtype) for x in inputs]
        var = operation.module.to_onnx(g, *variables, **attrs)
        if type(example) is tuple:
            return tuple(Symbol(v, e, self) for v, e in zip(var, example, strict=True))
        return Symbol(var, example, self)

    def variable(self, x: Any, dtype: Any) -> Any:
        """Return the variable of a symbol, or a constant of anything else."""
        if x is None:
            return None
        if isinstance(x, Symbol):
            return x.var
        dtype = dtype if isinstance(x, (float, int)) or _is_scalar(x) else None
        key = (id(x), dtype)  # x is kept, so that no other gets its id
        if key not in self._constants:
            from mulle.graph import g

            self._constants[key] = (_constant(g, np.asarray(_example(x), dtype)), x)
        return self._constants[key][0]


def _constant(g: Any, values: np.ndarray) -> Any:
    """Add a constant; float64 values that float32 represents exactly are stored as float32."""
    if values.dtype == np.float64 and values.size > 1:
        small = values.astype(np.float32)
        if np.array_equal(small, values):
            return g.cast(g.constant_of(small), to=np.float64)
    return g.constant_of(values)


def _as_number(x: Any) -> Any:
    """Return a scalar of NumPy as a number of Python, but for float32, as an `Operation` does."""
    return x.item() if _is_scalar(x) and x.dtype != np.float32 else x


def _is_scalar(x: Any) -> bool:
    return isinstance(x, np.generic) or (type(x) is np.ndarray and not x.ndim)


def _example(x: Any) -> Any:
    if isinstance(x, Symbol):
        return x.example
    return x if x is None or isinstance(x, (float, int)) else as_numpy(x)


def symbol(var: Any, example: Any) -> Symbol:
    """Wrap a variable of any graph as an input that a network can be called on.

    Args:
        var: float variable of shape ("N", ...).
        example: array that it could hold.
    """
    return Symbol(var, example, Trace())


class Placeholder(Operators):
    """Stand for the output of a layer that was called on an input of a `Model`.

    Attributes:
        made_by: module or operation that computes it; None for an input.
        inputs: arguments of the call.
        attrs: further arguments by name.
    """

    __slots__ = ("attrs", "inputs", "made_by")

    def __init__(self, made_by: Any, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> None:
        self.made_by, self.inputs, self.attrs = made_by, inputs, attrs
