"""Operators and methods of tensors: `a + b`, `a @ b`, `a[0]`, `a.sum(0)`.

Shared by tensors that hold numbers and by symbols that stand in an ONNX graph being written.
"""

from __future__ import annotations

from typing import Any


def _do(name: str, *inputs: Any, **attrs: Any) -> Any:
    from mulle.nn.ops import OPS

    return OPS[name](*inputs, **attrs)


class Operators:
    """Provide arithmetic and the usual methods, each an operation of `mulle.nn.ops`."""

    __slots__ = ()
    __array_priority__ = 1000.0
    __array_ufunc__ = None  # so that array + tensor asks the tensor

    def __add__(self, other: Any) -> Any:
        return _do("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _do("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _do("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _do("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _do("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _do("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _do("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _do("divide", other, self)

    def __neg__(self) -> Any:
        return _do("multiply", self, -1.0)

    def __pow__(self, exponent: float) -> Any:
        return _do("power", self, exponent=exponent)

    def __matmul__(self, other: Any) -> Any:
        return _do("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _do("matmul", other, self)

    def __getitem__(self, index: Any) -> Any:
        return _do("getitem", self, index=index)

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Sum over one axis, several, or all of them."""
        return _do("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Any:
        """Average over one axis, several, or all of them."""
        return _do("mean", self, axis=axis, keepdims=keepdims)

    def max(self, axis: int) -> Any:
        """Return the largest values along an axis."""
        return _do("max", self, axis=axis)

    def reshape(self, *shape: int) -> Any:
        """Change the shape; one length may be -1."""
        return _do("reshape", self, shape=shape)

    def transpose(self, first: int, second: int) -> Any:
        """Swap two axes."""
        return _do("transpose", self, first=first, second=second)

    def exp(self) -> Any:
        """Return e^x, entry by entry."""
        return _do("exp", self)

    def log(self) -> Any:
        """Return the natural logarithm, entry by entry."""
        return _do("log", self)

    def tanh(self) -> Any:
        """Return the hyperbolic tangent, entry by entry."""
        return _do("tanh", self)

    def sigmoid(self) -> Any:
        """Return 1 / (1 + e^-x), entry by entry."""
        return _do("sigmoid", self)
