"""A network of any maker as a graph, with its own answers to prove that graph by.

an ONNX file      ONNX Runtime on the file as it is
a torch module    PyTorch, in evaluation mode; exported by `torch.onnx` into a temporary file
an `nn` network   the engine in NumPy; exported by `nn.to_onnx`

catalogue  onnx-interop onnx-export onnx-infer
"""

from __future__ import annotations

import inspect
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle.networks.foreign import (
    Input,
    choose_output,
    inputs_of,
    read_graph,
)
from mulle.bundle.networks.heads import last_operator
from mulle.bundle.networks.rows import free_rows
from mulle.errors import BundleError, RunError, UsageError
from mulle.graph import open_session, run

if TYPE_CHECKING:
    from onnx import ModelProto

EXAMPLE_ROWS = 2  # of an export; one row would be taken for a length of 1
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Network:
    """A network that is to become a bundle.

    Attributes:
        graph: with one output.
        inputs: of the graph.
        last: the operator that computes the output; "" where it only reshapes.
        name: what errors and the card call it.
        maker: `onnx`, `torch` or `nn`.
        own: its own answers [N, ...], from its inputs.
    """

    graph: ModelProto
    inputs: list[Input]
    last: str
    name: str
    maker: str
    own: Callable[[list[Array]], Array]

    def ask(self, arrays: list[Array]) -> Array:
        """Return its own numbers [N, M] of some rows.

        Raises:
            UsageError: it gives another number of rows than it was asked.
        """
        rows = len(arrays[0])
        parts = [
            np.asarray(self.own([x[at : at + ROWS_AT_ONCE] for x in arrays]))
            for at in range(0, rows, ROWS_AT_ONCE)
        ]
        answer = np.concatenate(parts) if parts[0].ndim else parts[0]
        if not answer.ndim or len(answer) != rows:
            raise UsageError("network-rows", where=self.name, rows=rows, shape=str(answer.shape))
        return answer.reshape(rows, -1)


def open_network(
    network: Any, columns: int, *, shape: tuple[int, ...] = (), output: str = ""
) -> Network:
    """Return a network as a graph with its own answers.

    Args:
        network: an `nn` network, a torch module, the path of an ONNX file, or its bytes.
        columns: how many columns there are, which decides the input of what has no declared one.
        shape: of one row at its one input, rows left out; () where it is one number a column.
        output: which of several outputs.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is no network, or not one that columns can fill.
        RunError: it cannot be written as a graph, or ONNX Runtime refuses it.
    """
    if isinstance(network, str | Path | bytes):
        return _of_onnx(network, shape, output)
    if type(network).__module__.startswith("onnx.") and hasattr(network, "SerializeToString"):
        return _of_onnx(bytes(network.SerializeToString()), shape, output)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(network, torch.nn.Module):
        return _of_torch(torch, network, columns, shape, output)
    from mulle.nn import Module

    if isinstance(network, Module):
        return _of_engine(network, columns, shape, output)
    raise UsageError("network-unknown", received=type(network).__name__)


def _of_onnx(source: str | Path | bytes, shape: tuple[int, ...], output: str) -> Network:
    name = "" if isinstance(source, bytes) else str(source)
    graph = choose_output(read_graph(source), output, name)
    inputs = inputs_of(graph, shape, name)
    names = [taken.name for taken in inputs]
    session = _session(graph, name)
    one_by_one = any(taken.rows for taken in inputs)
    if one_by_one:
        graph = free_rows(graph, inputs, name)

    def own(arrays: list[Array]) -> Array:
        if not one_by_one:
            return _run(session, dict(zip(names, arrays, strict=True)), name)
        size = max(taken.rows for taken in inputs)
        return _in_batches(lambda some: _run(session, dict(zip(names, some, strict=True)), name),
                           arrays, size)  # fmt: skip

    return Network(graph, inputs, last_operator(graph), name, "onnx", own)


def _in_batches(ask: Callable[[list[Array]], Array], arrays: list[Array], size: int) -> Array:
    """Ask a network that takes a fixed number of rows; the last batch is filled up."""
    rows, parts = len(arrays[0]), []
    for at in range(0, rows, size):
        some = [x[np.minimum(np.arange(at, at + size), rows - 1)] for x in arrays]
        parts.append(ask(some)[: rows - at])
    return np.concatenate(parts)


def _of_engine(net: Any, columns: int, shape: tuple[int, ...], output: str) -> Network:
    from mulle import nn
    from mulle.nn.export import inference
    from mulle.nn.tensor import as_numpy

    types = [as_numpy(p).dtype for p in net.parameters()]
    dtype = types[0] if types else np.dtype(np.float32)
    example = _example(net.forward, columns, shape, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nn.ExportWarning)  # lengths are those of the columns
        done = nn.to_onnx(net, *example)
    name = type(net).__name__
    graph = choose_output(read_graph(done.onnx), output, name)
    at = done.outputs.index(graph.graph.output[0].name) if len(done.outputs) > 1 else 0

    def own(arrays: list[Array]) -> Array:
        with inference(net), nn.no_grad():
            return as_numpy(_flat(net(*arrays))[at])

    inputs = [
        Input(name, x.dtype.type, x.shape[1:]) for name, x in zip(done.inputs, example, strict=True)
    ]
    return Network(graph, inputs, last_operator(graph), name, "nn", own)


def _of_torch(torch: Any, net: Any, columns: int, shape: tuple[int, ...], output: str) -> Network:
    tensors = [p for p in (*net.parameters(), *net.buffers()) if p.is_floating_point()]
    kind = tensors[0].dtype if tensors else torch.float32
    name = type(net).__name__
    if kind not in (torch.float32, torch.float64):
        raise UsageError("network-halves-torch", where=name, sort=str(kind).removeprefix("torch."))
    device = tensors[0].device if tensors else torch.device("cpu")
    dtype = np.dtype(np.float64 if kind == torch.float64 else np.float32)
    example = _example(net.forward, columns, shape, dtype)
    names = [f"input_{i}" for i in range(len(example))]

    def tensors_of(arrays: list[Array]) -> list[Any]:
        return [torch.from_numpy(np.ascontiguousarray(x)).to(device) for x in arrays]

    with tempfile.TemporaryDirectory(prefix="mulle-") as folder, _evaluating(net):
        path = Path(folder) / "network.onnx"
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    net, tuple(tensors_of(example)), str(path), input_names=names, dynamo=False,
                    dynamic_axes={each: {0: "N"} for each in names}, opset_version=17,
                )  # fmt: skip
        except Exception as error:  # PyTorch raises classes of its own for each sort of fault
            raise RunError("network-torch-export", where=name, cause=first_line(error)) from error
        whole = read_graph(path)
    outputs = [o.name for o in whole.graph.output]
    graph = choose_output(whole, output, name)
    at = outputs.index(graph.graph.output[0].name) if len(outputs) > 1 else 0

    def own(arrays: list[Array]) -> Array:
        with _evaluating(net), torch.no_grad():
            return np.asarray(_flat(net(*tensors_of(arrays)))[at].cpu().numpy())

    inputs = [Input(each, dtype.type, x.shape[1:]) for each, x in zip(names, example, strict=True)]
    return Network(graph, inputs, last_operator(graph), name, "torch", own)


@contextmanager
def _evaluating(net: Any) -> Iterator[None]:
    """Put a torch module into evaluation mode for a while; each module returns to its own."""
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _example(forward: Any, columns: int, shape: tuple[int, ...], dtype: Any) -> list[Array]:
    """Return example inputs: a column each where the call asks for that many, else one matrix."""
    empty = inspect.Parameter.empty
    asked = [
        p for p in inspect.signature(forward).parameters.values()
        if p.default is empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    if len(asked) > 1:
        return [np.zeros((EXAMPLE_ROWS, 1), dtype) for _ in asked]
    return [np.zeros((EXAMPLE_ROWS, *(shape or (columns,))), dtype)]


def _flat(answer: Any) -> list[Any]:
    """Return the tensors of an answer in order, of dictionaries and tuples too."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list):
        return [tensor for part in answer for tensor in _flat(part)]
    return [] if answer is None else [answer]


def _session(graph: ModelProto, where: str) -> Any:
    try:
        return open_session(graph.SerializeToString())
    except BundleError as error:
        raise RunError("network-refused", where=where, cause=error.values["error"]) from error


def _run(session: Any, feeds: dict[str, Array], where: str) -> Array:
    try:
        return np.asarray(run(session, feeds)[0])
    except Exception as error:  # ONNX Runtime raises a class of its own for each sort of fault
        raise RunError("network-failed", where=where, cause=first_line(error)) from error


def first_line(error: Exception) -> str:
    """Return what an error of another library says first."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]
