"""An operation: a module with five functions, and the one place that chooses between them.

    forward(x, ..., **attrs) -> (y, saved)      NumPy (or CuPy)
    backward(gy, saved) -> gradients            of the inputs, in their order
    torch_forward(torch, x, ..., **attrs) -> y  the same in PyTorch; `torch` is the module
    to_onnx(g, x, ..., **attrs) -> y            the same as ONNX operators
    samples(draw) -> Sample, ...                the inputs of its generated tests

What an operation does depends on the type of its inputs: a `Tensor` computes and records, a
`torch.Tensor` calls `torch_forward`, a `Symbol` adds nodes to a graph, a `Placeholder` declares.

A `backward` with a third argument `into` receives, for each input, the destination of its gradient:
an array to write it to (those of parameters, without a copy), None for a new array, or `SKIP` where
no gradient is needed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from mulle.errors import DataError, MulleError
from mulle.nn import shapes
from mulle.nn.arguments import Arguments
from mulle.nn.arrays import Array
from mulle.nn.symbol import Placeholder, Symbol
from mulle.nn.tensor import Buffer, Node, Parameter, Tensor, recording

FUNCTIONS = ("forward", "backward", "torch_forward", "to_onnx", "samples")
FACTS = ("shapes", "source")
_ENGINE = {Tensor, Parameter, Buffer}

SKIP: Any = object()  # no gradient is needed here


class Draw:
    """Draw random arrays for samples.

    Args:
        rng: generator of the numbers.
        dtype: float32 or float64, the type of all arrays but integers.
    """

    def __init__(self, rng: np.random.Generator, dtype: type) -> None:
        self.rng, self.dtype = rng, dtype

    def normal(self, *shape: int) -> Array:
        """Draw standard normal numbers."""
        return self.rng.normal(size=shape).astype(self.dtype)

    def uniform(self, low: float, high: float, *shape: int) -> Array:
        """Draw uniform numbers from `low` to `high`."""
        return self.rng.uniform(low, high, size=shape).astype(self.dtype)

    def integers(self, high: int, *shape: int) -> Array:
        """Draw integers from 0 to high - 1."""
        return self.rng.integers(high, size=shape)

    def array(self, *values: float) -> Array:
        """Return an array of the given numbers."""
        return np.array(values, self.dtype)


class Sample(NamedTuple):
    """Hold inputs that an operation is tested on.

    Attributes:
        inputs: arrays, in order.
        attrs: further arguments of the operation.
        refused: if not empty, the call must fail, with this in its fix.
        kink: the derivative is not defined or jumps here, so no finite differences are taken.
        not_in: ONNX evaluators that cannot compute it correctly (a comment says why).
    """

    inputs: tuple[Any, ...]
    attrs: dict[str, Any] = {}  # noqa: RUF012 - never written to
    refused: str = ""
    kink: bool = False
    not_in: tuple[str, ...] = ()


class ShapeError(DataError):
    """Arrays or settings that do not fit an operation; `where` becomes the path of the layer."""


class Operation:
    """Make the module of an operation callable.

    Args:
        module: one of `mulle.nn.ops`.

    Raises:
        MulleError: the module lacks a function or a fact in its docstring.
    """

    def __init__(self, module: ModuleType) -> None:
        self.name = module.__name__.rpartition(".")[2]
        facts = _parse_facts(module.__doc__ or "")
        lacking = [f for f in FUNCTIONS if not hasattr(module, f)]
        lacking += [f for f in FACTS if f not in facts]
        if lacking:
            raise MulleError(
                "operation-incomplete",
                where=f"mulle/nn/ops/{self.name}.py",
                operation=self.name,
                missing=lacking,
                functions=FUNCTIONS,
                facts=FACTS,
            )
        self.module = module
        self.__doc__ = module.__doc__
        self.contract = shapes.parse(facts["shapes"])
        self.arguments = Arguments(self.name, module, self.contract)
        self._most, self._settings = self.arguments.most, self.arguments.settings
        self.tolerance: dict[str, float] = getattr(module, "TOLERANCE", {})
        self._forward, self._backward = module.forward, module.backward
        self.in_place = len(inspect.signature(module.backward).parameters) > 2
        self._fitting: set[Any] = set()  # shapes and types that are known to keep the contract

    def __call__(self, *inputs: Any, **attrs: Any) -> Any:
        """Compute, call PyTorch, add nodes, or declare, depending on the inputs."""
        if len(inputs) > self._most or (attrs and not attrs.keys() <= self._settings):
            inputs, attrs = self.arguments.sort(inputs, attrs)
        arrays, remember = [], False
        for x in inputs:
            if type(x) in _ENGINE:
                arrays.append(x.data)
                remember = remember or x.requires_grad
            elif isinstance(x, np.generic) or (type(x) is np.ndarray and not x.ndim):
                # as a number of Python, it takes the type of the others
                arrays.append(x if x.dtype == np.float32 else x.item())
            elif x is None or isinstance(x, (np.ndarray, float, int)):
                arrays.append(x)
            else:
                return self._dispatch(inputs, attrs)
        y, saved = self.compute(arrays, attrs)
        node = Node(self, inputs, saved) if remember and recording.on else None
        if type(y) is not tuple:
            return Tensor.computed(y, node)
        if node is not None:
            node.grads, node.shapes = [None] * len(y), y
        return tuple([Tensor.computed(part, node, i) for i, part in enumerate(y)])

    def compute(self, arrays: Sequence[Any], attrs: dict[str, Any]) -> tuple[Any, Any]:
        """Call `forward`, after checking shapes and types that are new."""
        key = tuple([(a.shape, a.dtype) if hasattr(a, "shape") else a is None for a in arrays])
        if key not in self._fitting:
            if not self.contract.holds(arrays):
                raise self._refusal("operation-shapes", arrays)
            self._fitting.add(key)
        try:
            y, saved = self._forward(*arrays, **attrs)
        except shapes.ContractError as error:
            raise self._refusal(error.code, arrays, attrs, **error.values) from error
        except (ValueError, IndexError) as error:
            if isinstance(error, MulleError):
                raise
            raise self._refusal("operation-failed", arrays, attrs, error=error) from error
        return (np.asarray(y) if isinstance(y, np.generic) else y), saved

    def differentiate(self, node: Node) -> tuple[Any, ...]:
        """Return the gradients of a node's inputs, once its outputs have received theirs."""
        if node.shapes is None:
            gy = node.grads[0]
        else:
            gy = tuple(
                np.zeros_like(y) if g is None else g
                for y, g in zip(node.shapes, node.grads, strict=True)
            )
        if self.in_place:
            into = tuple([_destination(x) for x in node.inputs])
            grads = self._backward(gy, node.saved, into)
        else:
            grads = self._backward(gy, node.saved)
        return grads if type(grads) is tuple else (grads,)

    def _dispatch(self, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        if any(isinstance(x, Placeholder) for x in inputs):
            return Placeholder(self, inputs, attrs)
        symbol = next((x for x in inputs if isinstance(x, Symbol)), None)
        if symbol is not None:
            return symbol.trace.add(self, inputs, attrs)
        torch = sys.modules.get("torch")
        if torch is not None and any(isinstance(x, torch.Tensor) for x in inputs):
            return self.module.torch_forward(torch, *_as_torch(torch, inputs), **attrs)
        keep = (type(None), Tensor, np.ndarray, float, int)
        return self(*[x if isinstance(x, keep) else Tensor(x) for x in inputs], **attrs)

    def _refusal(
        self, code: str, arrays: Sequence[Any], attrs: dict[str, Any] | None = None, **values: Any
    ) -> ShapeError:
        """Make the error that lists what the operation received and what it takes."""
        names = [a.name for a in self.contract.inputs]
        names += [f"{names[-1]}{i}" for i in range(len(names), len(arrays))]
        received = [
            f"{name} {_describe(a)}"
            for name, a in zip(names, arrays, strict=False)
            if a is not None
        ]
        received += [f"{k}={v!r}" for k, v in (attrs or {}).items()]
        return ShapeError(
            code,
            operation=self.name,
            received=received,
            contract=self.contract.text,
            **values,
        )

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _destination(x: Any) -> Any:
    if not isinstance(x, Tensor) or not x.requires_grad:
        return SKIP
    return x.slot if type(x) is Parameter and x.grad is None else None


def _describe(a: Any) -> str:
    if not hasattr(a, "shape"):
        return repr(a)
    return f"{tuple(a.shape)}" + ("" if a.dtype.kind == "f" else f" {a.dtype}")


def _as_torch(torch: Any, inputs: Sequence[Any]) -> list[Any]:
    like = next(x for x in inputs if isinstance(x, torch.Tensor))
    return [
        torch.as_tensor(x.numpy() if isinstance(x, Tensor) else x, device=like.device)
        if isinstance(x, (Tensor, np.ndarray))
        else x
        for x in inputs
    ]


def _parse_facts(docstring: str) -> dict[str, str]:
    """Parse the lines `word  text` of a docstring, with their indented continuation lines."""
    facts: dict[str, str] = {}
    last = ""
    for line in docstring.splitlines():
        word, gap, text = line.partition("  ")
        if gap and word.isidentifier():
            facts[word], last = text.strip(), word
        elif last and line.startswith("  "):
            facts[last] += " " + line.strip()
        else:
            last = ""
    return facts
