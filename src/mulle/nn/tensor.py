"""`Tensor`: an array that remembers how it was computed, so that gradients flow back through it.

Reverse-mode differentiation. Each operation whose inputs need a gradient leaves a `Node`: which
operation, on what, and what it saved for its derivative. `backward` visits the nodes from the last
to the first, hands each the gradient of its outputs, and lets go of what it saved.

The array library comes from the data: NumPy's functions hand arrays of another library (CuPy) to
that library.

catalogue  ad-backprop ad-chain ad-partial ad-forward
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.errors import DataError, UsageError
from mulle.nn.arrays import Array
from mulle.nn.operators import Operators

if TYPE_CHECKING:
    from mulle.nn.operation import Operation


class _Recording(threading.local):
    on = True


recording = _Recording()
_order = count()


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing for gradients, for a while.

    >>> x = Tensor([2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    before, recording.on = recording.on, False
    try:
        yield
    finally:
        recording.on = before


class Node:
    """Record one call of an operation: its inputs, what it saved, the gradients of its outputs."""

    __slots__ = ("grads", "inputs", "operation", "order", "saved", "shapes")

    def __init__(self, operation: Operation, inputs: tuple[Any, ...], saved: Any) -> None:
        self.operation, self.inputs, self.saved = operation, inputs, saved
        self.order = next(_order)
        self.grads: list[Array] = [None]
        self.shapes: Any = None  # of the outputs, where there are several

    def receive(self, index: int, grad: Array) -> None:
        """Add to the gradient of one output."""
        known = self.grads[index]
        # Never in place: an operation may hand the same array to two of its inputs.
        self.grads[index] = grad if known is None else known + grad

    def propagate(self) -> None:
        """Pass the gradients on to the inputs, and free what was saved."""
        if self.inputs is None:
            raise UsageError("graph-freed", operation=self.operation.name)
        for x, grad in zip(self.inputs, self.operation.differentiate(self), strict=False):
            if grad is None or not isinstance(x, Tensor) or not x.requires_grad:
                continue
            if x.node is None:
                x.accumulate(grad)
            else:
                x.node.receive(x.index, grad)
        self.inputs = self.saved = None  # type: ignore[assignment]  # frees the arrays
        self.grads = [None] * len(self.grads)


class Tensor(Operators):
    """Hold an array and its gradient.

    Args:
        data: numbers; lists become float32, arrays keep their type.
        requires_grad: whether `backward` fills `grad`.

    Attributes:
        data: the array.
        grad: gradient of the last `backward`, of the same shape; None before.

    Raises:
        DataError: the data are not numbers.

    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad.tolist()
    [2.0, 4.0, 6.0]
    """

    __slots__ = ("data", "grad", "index", "node", "requires_grad")

    def __init__(self, data: Any, *, requires_grad: bool = False) -> None:
        if not hasattr(data, "__array_function__"):
            data = np.asarray(data)
            data = data.astype(np.float32) if data.dtype == np.float64 else data
        if data.dtype.kind not in "fiub":
            raise DataError("tensor-type", received=data.dtype)
        self.data: Array = data
        self.requires_grad = requires_grad
        self.grad: Array | None = None
        self.node: Node | None = None
        self.index = 0

    @classmethod
    def computed(cls, data: Array, node: Node | None = None, index: int = 0) -> Tensor:
        """Make the output of an operation, without the checks of the constructor."""
        y = cls.__new__(cls)
        y.data, y.grad, y.requires_grad = data, None, node is not None
        y.node, y.index = node, index
        return y

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(self.data.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self.data.ndim)

    @property
    def dtype(self) -> Any:
        """Type of the numbers."""
        return self.data.dtype

    def numpy(self) -> np.ndarray:
        """Return the values as a NumPy array, from any device."""
        return as_numpy(self.data)

    def item(self) -> float:
        """Return the only value as a Python number."""
        return self.data.item()  # type: ignore[no-any-return]

    def detach(self) -> Tensor:
        """Return a tensor with the same array and without its history."""
        return Tensor(self.data)

    def accumulate(self, grad: Array) -> None:
        """Add a gradient."""
        self.grad = grad if self.grad is None else self.grad + grad

    def backward(self, gradient: Array | None = None) -> None:
        """Fill `grad` of all tensors with requires_grad=True that this one was computed from.

        Args:
            gradient: gradient of the final quantity by this tensor; None for a single number.

        Raises:
            UsageError: there is nothing to differentiate, or it was freed by an earlier call.
        """
        if self.node is None:
            raise UsageError("no-graph")
        if gradient is None:
            if self.data.size != 1:
                raise UsageError("not-scalar", shape=str(self.shape))
            gradient = np.ones_like(self.data)
        self.node.receive(self.index, gradient)
        for node in nodes_behind(self.node):
            node.propagate()

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        values = np.array2string(self.numpy(), precision=4, separator=", ", prefix="Tensor(")
        return f"Tensor({values}{', requires_grad=True' if self.requires_grad else ''})"


def as_numpy(value: Any) -> np.ndarray:
    """Return the values of a tensor of any library as a NumPy array."""
    if isinstance(value, Tensor):
        return value.numpy()
    if hasattr(value, "detach"):
        return np.asarray(value.detach().cpu())
    return value.get() if hasattr(value, "get") else np.asarray(value)


def nodes_behind(last: Node) -> list[Node]:
    """Return all nodes that led to this one, the latest first."""
    found, waiting = {last.order: last}, [last]
    while waiting:
        for x in waiting.pop().inputs or ():
            node = x.node if isinstance(x, Tensor) else None
            if node is not None and node.order not in found:
                found[node.order] = node
                waiting.append(node)
    return [found[order] for order in sorted(found, reverse=True)]


class Parameter(Tensor):
    """A tensor that is learned, unless `requires_grad` is False: then it is frozen.

    Attributes:
        slot: its part of an optimizer's flat buffer of gradients; None without an optimizer.
    """

    __slots__ = ("slot",)

    def __init__(self, data: Any) -> None:
        super().__init__(data, requires_grad=True)
        self.slot: Array | None = None

    def accumulate(self, grad: Array) -> None:
        """Add a gradient, in place where the parameter has a slot."""
        if self.slot is None:
            super().accumulate(grad)
        elif self.grad is None:
            if grad is not self.slot:
                self.slot[...] = grad
            self.grad = self.slot
        else:
            self.slot += grad


class Buffer(Tensor):
    """A tensor that belongs to a module's state but is not learned, like a running mean."""

    __slots__ = ()

    def __init__(self, data: Any) -> None:
        super().__init__(data)
