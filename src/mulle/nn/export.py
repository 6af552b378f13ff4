"""Export a model as an ONNX graph, by calling it on symbols, and compare it with NumPy at once.

The number of rows stays free; all other lengths are those of the example. The graph is run on the
example and on twice as many rows, so a model that wrote the number of rows into it is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mulle import graph
from mulle.errors import RunError
from mulle.files import write_bytes
from mulle.nn.module import Module
from mulle.nn.symbol import Symbol, Trace
from mulle.nn.tensor import Tensor, as_numpy, no_grad


@dataclass(frozen=True)
class Exported:
    """Hold an ONNX model and its difference from NumPy.

    Attributes:
        onnx: the model, as bytes.
        inputs: names of its inputs.
        outputs: names of its outputs.
        difference: largest difference between ONNX Runtime and NumPy, relative to the largest
            output.
    """

    onnx: bytes
    inputs: list[str]
    outputs: list[str]
    difference: float

    def save(self, path: str | Path) -> Path:
        """Write the model to a file."""
        path = Path(path)
        write_bytes(path, self.onnx)
        return path


def to_onnx(model: Module, *inputs: Any, tolerance: float = 1e-4) -> Exported:
    """Export a model as an ONNX graph.

    Args:
        model: the model; it is exported in inference mode.
        inputs: example arrays; the first axis is the rows, preferably two or more.
        tolerance: largest difference from NumPy that is allowed, relative to the largest output.

    Returns:
        The graph, and its largest difference.

    Raises:
        UsageError: the model uses the values of a tensor.
        RunError: the graph's outputs differ from NumPy's.

    >>> from mulle import nn
    >>> net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    >>> done = to_onnx(net, np.ones((2, 3), np.float32))
    >>> done.inputs, done.outputs, done.difference < 1e-6
    (['x'], ['output'], True)
    """
    arrays = [np.asarray(x) for x in inputs]
    with inference(model), no_grad():
        onnx, names, wanted = _trace(model, arrays)
        session = graph.open_session(onnx)
        difference = 0.0
        for times in (1, 2):
            rows = [np.concatenate([x] * times) for x in arrays]
            answers = _run(session, dict(zip(names, rows, strict=True)), times)
            difference = max(difference, _largest_difference(_numpy(model, rows), answers, times))
    if not difference <= tolerance:
        raise RunError("export-differs", difference=difference, tolerance=tolerance)
    return Exported(onnx, names, wanted, difference)


@contextmanager
def inference(model: Module) -> Iterator[None]:
    """Put a model into inference mode for a while; every module returns to its own mode."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


def _trace(model: Module, arrays: list[np.ndarray]) -> tuple[bytes, list[str], list[str]]:
    from spox import Tensor as Type
    from spox import argument

    trace, names = Trace(), _input_names(model, len(arrays))
    variables = {
        name: argument(Type(x.dtype, ("N", *x.shape[1:])))
        for name, x in zip(names, arrays, strict=True)
    }
    symbols = [Symbol(v, x, trace) for v, x in zip(variables.values(), arrays, strict=True)]
    found = _tuple(model(*symbols))
    wanted = ["output"] if len(found) == 1 else [f"output_{i}" for i in range(len(found))]
    outputs = {name: trace.variable(y, None) for name, y in zip(wanted, found, strict=True)}
    return graph.to_model(variables, outputs), names, wanted


def _input_names(model: Module, count: int) -> list[str]:
    names = [
        p.name
        for p in inspect.signature(model.forward).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return names[:count] if len(names) >= count else [f"input_{i}" for i in range(count)]


def _numpy(model: Module, arrays: list[np.ndarray]) -> list[np.ndarray]:
    found = _tuple(model(*map(Tensor, arrays)))
    return [as_numpy(y) for y in found]


def _run(session: Any, feeds: dict[str, np.ndarray], times: int) -> list[np.ndarray]:
    known = {i.name for i in session.get_inputs()}
    try:
        return graph.run(session, {k: v for k, v in feeds.items() if k in known})
    except Exception as error:  # ONNX Runtime raises a class of its own for each sort of fault
        if times == 1:
            raise
        raise _refuse_fixed_rows() from error


def _largest_difference(ours: list[np.ndarray], theirs: list[np.ndarray], times: int) -> float:
    if [y.shape for y in ours] != [t.shape for t in theirs]:
        raise _refuse_fixed_rows()
    sizes = [max(float(np.abs(y).max(initial=0.0)), 1e-12) for y in ours]
    gaps = [float(np.abs(y - t).max(initial=0.0)) for y, t in zip(ours, theirs, strict=True)]
    return max(gap / size for gap, size in zip(gaps, sizes, strict=True))


def _refuse_fixed_rows() -> RunError:
    return RunError("export-rows")


def _tuple(y: Any) -> tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)
