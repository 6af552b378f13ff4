"""Export a model as an ONNX graph, by calling it on symbols, and compare it with NumPy at once.

The number of rows stays free, and so does every other length that the model itself does not fix,
like that of a sequence. The graph is run on the example and on more rows and longer sequences, so
that what the model wrote into it is noticed: a number of rows is refused, another length is fixed
with an `ExportWarning`.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mulle import graph
from mulle.errors import MulleError, RunError
from mulle.files import write_bytes
from mulle.language import messages
from mulle.nn.export_lengths import Axes, free_axes, lengthened
from mulle.nn.module import Module
from mulle.nn.symbol import Symbol, Trace
from mulle.nn.tensor import Tensor, as_numpy, no_grad


class ExportWarning(UserWarning):
    """A length of the example became part of the graph."""


@dataclass(frozen=True)
class Exported:
    """Hold an ONNX model and its difference from NumPy.

    Attributes:
        onnx: the model, as bytes.
        inputs: names of its inputs.
        outputs: names of its outputs.
        difference: largest difference between ONNX Runtime and NumPy, relative to the largest
            output.
        shapes: shape of each input, where a name stands for a length that is free.
    """

    onnx: bytes
    inputs: list[str]
    outputs: list[str]
    difference: float
    shapes: dict[str, tuple[int | str, ...]] = field(default_factory=dict)

    def save(self, path: str | Path) -> Path:
        """Write the model to a file."""
        path = Path(path)
        write_bytes(path, self.onnx)
        return path


def to_onnx(model: Module, *inputs: Any, tolerance: float = 1e-4) -> Exported:
    """Export a model as an ONNX graph.

    Args:
        model: the model; it is exported in inference mode.
        inputs: example arrays; the first axis is the rows, preferably two or more. Floats get the
            type of the model's parameters.
        tolerance: largest difference from NumPy that is allowed, relative to the largest output.

    Returns:
        The graph, and its largest difference. An output that is a tuple or a dictionary, also a
        nested one, becomes several: `output_0`, `output_1_0`, or the keys.

    Raises:
        UsageError: the model uses the values of a tensor.
        RunError: the graph's outputs differ from NumPy's, or the model cannot be written as one.

    >>> from mulle import nn
    >>> net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    >>> done = to_onnx(net, np.ones((2, 3), np.float32))
    >>> done.inputs, done.outputs, done.difference < 1e-6
    (['x'], ['output'], True)
    """
    arrays = _as_model(model, inputs)
    with inference(model), no_grad():
        free = free_axes(lambda xs: _numpy(model, xs), arrays)
        if free:
            try:
                return _export(model, arrays, free, tolerance)
            except MulleError:  # the model wrote a length into the graph
                pass
        done = _export(model, arrays, {}, tolerance)
    _warn_of_fixed(done, free)
    return done


def _as_model(model: Module, inputs: tuple[Any, ...]) -> list[np.ndarray]:
    """Return the example's arrays, floats in the type of the model's parameters."""
    arrays = [as_numpy(x) for x in inputs]
    types = [as_numpy(p).dtype for p in model.parameters()]
    return [x.astype(types[0]) if types and x.dtype.kind == "f" else x for x in arrays]


def _export(
    model: Module, arrays: list[np.ndarray], free: Mapping[Axes, str], tolerance: float
) -> Exported:
    """Trace the model, and compare the graph with it on the example and beyond it."""
    onnx, shapes, wanted = _trace(model, arrays, free)
    session = graph.open_session(onnx)
    difference = 0.0
    for times in (1, 2):
        longer = arrays if times == 1 else lengthened(arrays, list(free))
        rows = [np.concatenate([x] * times) for x in longer]
        answers = _run(session, dict(zip(shapes, rows, strict=True)), times)
        difference = max(difference, _largest_difference(_numpy(model, rows), answers, times))
    if not difference <= tolerance:
        raise RunError("export-differs", difference=difference, tolerance=tolerance)
    return Exported(onnx, list(shapes), wanted, difference, shapes)


def _warn_of_fixed(done: Exported, free: Mapping[Axes, str]) -> None:
    """Say which lengths of the example the graph requires, though the model does not."""
    shapes = list(done.shapes.items())
    for axes in free:
        for i, axis in axes:
            name, shape = shapes[i]
            sentence = messages()("nn-export.fixed", input=name, axis=axis, length=shape[axis])
            warnings.warn(sentence, ExportWarning, stacklevel=3)


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


def _trace(
    model: Module, arrays: list[np.ndarray], free: Mapping[Axes, str]
) -> tuple[bytes, dict[str, tuple[int | str, ...]], list[str]]:
    """Return the graph, the shapes of its inputs, and the names of its outputs."""
    from spox import Tensor as Type
    from spox import argument

    trace, shapes = Trace(), {}
    for i, (name, x) in enumerate(zip(_input_names(model, len(arrays)), arrays, strict=True)):
        named = {axis: length for axes, length in free.items() for j, axis in axes if i == j}
        shapes[name] = ("N", *(named.get(k, n) for k, n in enumerate(x.shape[1:], start=1)))
    variables = {
        name: argument(Type(x.dtype, shape))
        for (name, shape), x in zip(shapes.items(), arrays, strict=True)
    }
    symbols = [Symbol(v, x, trace) for v, x in zip(variables.values(), arrays, strict=True)]
    try:
        found = dict(_named_outputs(model(*symbols)))
        outputs = {name: trace.variable(y, None) for name, y in found.items()}
        return graph.to_model(variables, outputs), shapes, list(outputs)
    except MulleError:
        raise
    except Exception as error:  # the libraries behind have classes of their own for each fault
        cause = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise RunError("export-failed", cause=cause) from error


def _named_outputs(y: Any, name: str = "output") -> Iterator[tuple[str, Any]]:
    """Yield each output with its name; None is none."""
    if isinstance(y, dict):
        for key, part in y.items():
            yield from _named_outputs(part, str(key) if name == "output" else f"{name}_{key}")
    elif isinstance(y, (tuple, list)):
        for i, part in enumerate(y):
            yield from _named_outputs(part, f"{name}_{i}")
    elif y is not None:
        yield name, y


def _input_names(model: Module, count: int) -> list[str]:
    names = [
        p.name
        for p in inspect.signature(model.forward).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return names[:count] if len(names) >= count else [f"input_{i}" for i in range(count)]


def _numpy(model: Module, arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [as_numpy(y) for _, y in _named_outputs(model(*map(Tensor, arrays)))]


def _run(session: Any, feeds: dict[str, np.ndarray], times: int) -> list[np.ndarray]:
    known = {i.name for i in session.get_inputs()}
    try:
        return graph.run(session, {k: v for k, v in feeds.items() if k in known})
    except Exception as error:  # ONNX Runtime raises a class of its own for each sort of fault
        if times == 1:
            raise RunError("export-failed", cause=str(error).splitlines()[0]) from error
        raise _refuse_fixed_rows() from error


def _largest_difference(ours: list[np.ndarray], theirs: list[np.ndarray], times: int) -> float:
    if [y.shape for y in ours] != [t.shape for t in theirs]:
        raise _refuse_fixed_rows()
    sizes = [max(float(np.abs(y).max(initial=0.0)), 1e-12) for y in ours]
    gaps = [float(np.abs(y - t).max(initial=0.0)) for y, t in zip(ours, theirs, strict=True)]
    return max(gap / size for gap, size in zip(gaps, sizes, strict=True))


def _refuse_fixed_rows() -> RunError:
    return RunError("export-rows")
