"""Read an ONNX file of any maker: its inputs and outputs, or why it cannot become a bundle.

Nothing of it is run here, and no file beside it is read but its weights.

catalogue  onnx-interop onnx-io
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mulle.bundle.networks.heads import cut_heads
from mulle.bundle.trust import foreign_operators
from mulle.errors import MissingFile, UnknownName, UsageError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

MAX_BYTES = 1_900_000_000  # of a graph with its weights; a protobuf ends at 2 GiB
_PICKLED = {".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin"}
_TYPES: dict[str, Any] = {
    "FLOAT": np.float32, "DOUBLE": np.float64, "INT64": np.int64, "INT32": np.int32,
    "BOOL": np.bool_, "STRING": np.str_,
}  # fmt: skip
_HALVES = {"FLOAT16", "BFLOAT16"}


class Input(NamedTuple):
    """An input of a network.

    Attributes:
        name: in the graph.
        dtype: of its numbers, or str.
        shape: of one row, the rows left out.
        rows: how many rows it takes at once; 0 for any number.
    """

    name: str
    dtype: Any
    shape: tuple[int, ...]
    rows: int = 0

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return int(np.prod(self.shape, dtype=np.int64))


def read_graph(source: str | Path | bytes) -> ModelProto:
    """Read an ONNX file with its weights.

    Args:
        source: the path of the file, or its bytes.

    Raises:
        MissingFile: there is no such file, or none with its weights.
        UsageError: it is no ONNX, too large, or has operators of its own.
    """
    from onnx import ModelProto, inliner

    if isinstance(source, bytes):
        data, folder, where = source, None, ""
    else:
        path = Path(source)
        where = str(path)
        if not path.is_file():
            raise MissingFile("network-missing", path=where)
        if path.suffix.lower() in _PICKLED:
            raise UsageError("network-pickled", where=where)
        if path.stat().st_size > MAX_BYTES:
            raise UsageError("network-large", where=where, limit=MAX_BYTES)
        data, folder = path.read_bytes(), path.parent
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:  # protobuf's DecodeError, wherever this version keeps it
        raise UsageError("network-not-onnx", where=where) from error
    if not model.graph.node or not model.opset_import:
        raise UsageError("network-not-onnx", where=where)
    _load_weights(model, folder, where)
    if model.functions:
        model = inliner.inline_local_functions(model)
    if foreign := foreign_operators(model.graph):
        raise UsageError("network-operators", where=where, operators=", ".join(foreign))
    return model


def _load_weights(model: ModelProto, folder: Path | None, where: str) -> None:
    """Read the weights that lie in files beside the graph, and nowhere else."""
    from onnx import external_data_helper as external

    from mulle.bundle.trust import graph_tensors

    sizes = 0
    for tensor in [t for t in graph_tensors(model.graph) if external.uses_external_data(t)]:
        named = external.ExternalDataInfo(tensor)
        place = Path(named.location)
        if place.is_absolute() or ".." in place.parts:
            raise UsageError("network-weights-elsewhere", where=where, file=str(place))
        if folder is None:
            raise UsageError("network-weights-bytes", file=str(place))
        if not (folder / place).is_file():
            raise MissingFile("network-weights-missing", path=str(folder / place), network=where)
        _load_tensor(tensor, folder, where)
        sizes += len(tensor.raw_data)
        if sizes > MAX_BYTES:
            raise UsageError("network-large", where=where, limit=MAX_BYTES)


def _load_tensor(tensor: TensorProto, folder: Path, where: str) -> None:
    from onnx import TensorProto
    from onnx import external_data_helper as external

    try:
        external.load_external_data_for_tensor(tensor, str(folder))
    except Exception as error:  # a file that is too short, a link, an offset beyond it
        cause = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError("network-weights-damaged", where=where, cause=cause) from error
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]


def inputs_of(model: ModelProto, shape: tuple[int, ...] = (), where: str = "") -> list[Input]:
    """Return the inputs of a graph, its weights left out.

    Args:
        model: from `read_graph`.
        shape: of one row at its one input, where the graph leaves lengths free; () if it does not.
        where: the file, for errors.

    Raises:
        UsageError: an input is of a type or shape that columns cannot fill.
    """
    weights = {weight.name for weight in model.graph.initializer}
    values = [value for value in model.graph.input if value.name not in weights]
    if not values:
        raise UsageError("network-no-inputs", where=where)
    return [_input(value, shape if len(values) == 1 else (), where) for value in values]


def _input(value: ValueInfoProto, shape: tuple[int, ...], where: str) -> Input:
    from onnx import TensorProto

    tensor = value.type.tensor_type
    sort = TensorProto.DataType.Name(tensor.elem_type)
    if sort in _HALVES:
        raise UsageError("network-halves", where=where, input=value.name, sort=sort.lower())
    if sort not in _TYPES:
        raise UsageError("network-input-type", where=where, input=value.name, sort=sort.lower())
    dims = [d.dim_value if d.HasField("dim_value") else 0 for d in tensor.shape.dim]
    if not tensor.HasField("shape") or not dims:
        raise UsageError("network-no-shape", where=where, input=value.name)
    rows, free = dims[0], dims[1:]
    if shape:
        fits = len(shape) == len(free) and all(
            known in (0, asked) for known, asked in zip(free, shape, strict=True)
        )
        if not fits:
            raise UsageError("network-shape", where=where, input=value.name,
                             shape=_dims(free), received=_dims(shape))  # fmt: skip
        free = [*shape]
    if 0 in free:
        raise UsageError("network-axes", where=where, input=value.name, shape=_dims(free))
    return Input(value.name, _TYPES[sort], tuple(free), rows)


def _dims(shape: Any) -> str:
    return "(" + ", ".join(["N", *(str(n or "?") for n in shape)]) + ")"


def choose_output(model: ModelProto, name: str, where: str = "") -> ModelProto:
    """Return a graph with one output of numbers: the only one, or the one that is named.

    Where an output is the largest of several numbers, or a dictionary of them, it is the numbers.

    Raises:
        UnknownName: there is no output with that name.
        UsageError: there are several, or it is none of numbers.
    """
    outputs = [output.name for output in model.graph.output]
    if name and name not in outputs:
        raise UnknownName("network-output-unknown", "output", name, outputs, where)
    cut = cut_heads(model)
    sources = [cut.get(output, output) for output in ([name] if name else outputs)]
    numbers = [s for s in dict.fromkeys(sources) if s in cut.values() or _is_float(model.graph, s)]
    if not numbers:
        raise UsageError("network-output-type", where=where, output=name or outputs[0])
    if len(numbers) > 1:
        raise UsageError("network-outputs", where=where, outputs=", ".join(outputs))
    return with_output(model, numbers[0])


def _is_float(graph: GraphProto, name: str) -> bool:
    from onnx import TensorProto

    kind = next(o.type for o in graph.output if o.name == name)
    floats = (TensorProto.FLOAT, TensorProto.DOUBLE)
    return kind.HasField("tensor_type") and kind.tensor_type.elem_type in floats


def with_output(model: ModelProto, name: str) -> ModelProto:
    """Return a graph with one output, and without the nodes that it does not need."""
    from onnx import ModelProto, shape_inference

    known = {o.name: o for o in model.graph.output}
    if name not in known:
        inferred = shape_inference.infer_shapes(model).graph.value_info
        known |= {value.name: value for value in inferred}
    result = ModelProto()
    result.CopyFrom(model)
    del result.graph.output[:]
    result.graph.output.add().CopyFrom(known[name])
    needed = {name}
    for at in reversed(range(len(result.graph.node))):
        node = result.graph.node[at]
        if needed.isdisjoint(node.output):
            del result.graph.node[at]
            continue
        needed |= {*node.input} | _outer_names(node)
    weights = result.graph.initializer
    for at in reversed(range(len(weights))):
        if weights[at].name not in needed:
            del weights[at]
    del result.graph.value_info[:]
    return result


def _outer_names(node: Any) -> set[str]:
    """Return the names that graphs inside a node read."""
    found: set[str] = set()
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            for each in inner.node:
                found |= {*each.input} | _outer_names(each)
            found |= {output.name for output in inner.output}
    return found
