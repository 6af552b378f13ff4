"""Whether a graph may be run: its inputs, outputs and operators are those of a bundle.

A graph from elsewhere could name files to read, bring operators of its own, or ask for other
columns than the schema; each is refused before ONNX Runtime sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mulle.bundle.manifest import Manifest, damaged
from mulle.graph import output_names
from mulle.table import Column, Storage

if TYPE_CHECKING:
    from onnx import GraphProto, SparseTensorProto, TensorProto, ValueInfoProto

_STANDARD = {"", "ai.onnx", "ai.onnx.ml"}
_ALLOWED = {("com.microsoft", "Tokenizer"), ("com.microsoft", "MurmurHash3")}
_ELEMENTS = {Storage.number: "DOUBLE", Storage.date: "INT64", Storage.string: "STRING"}


def outputs_of(manifest: Manifest) -> list[str]:
    """Return the names of the graph's outputs: `label` and `probabilities`, or `value`."""
    wanted = ["label", "probabilities"] if manifest.labels else ["value"]
    return output_names(manifest.schema.names, wanted)


def check_graph(model: bytes, manifest: Manifest, where: str) -> None:
    """Refuse a graph that is not one of a bundle.

    Raises:
        BundleError: it is no graph, reads files, or has other inputs, outputs or operators.
    """
    from onnx import ModelProto, TensorProto

    proto = ModelProto()
    try:
        proto.ParseFromString(model)
    except Exception as error:  # protobuf's DecodeError, wherever this version keeps it
        raise damaged(where, "not-onnx") from error
    wanted = [_wanted(c) for c in manifest.schema.columns]
    wanted += [(t.name, int(TensorProto.INT64), 2) for t in manifest.tokens.values()]
    if [_signature(i) for i in proto.graph.input] != wanted:
        raise damaged(where, "inputs")
    if [o.name for o in proto.graph.output] != outputs_of(manifest):
        raise damaged(where, "outputs")
    if proto.functions or proto.training_info:
        raise damaged(where, "functions")
    for graph in _graphs(proto.graph):
        _check(graph, where)


def _signature(value: ValueInfoProto) -> tuple[str, int, int]:
    """Return name, element type and number of dimensions."""
    tensor = value.type.tensor_type
    return value.name, tensor.elem_type, len(tensor.shape.dim)


def _wanted(column: Column) -> tuple[str, int, int]:
    from onnx import TensorProto

    return column.name, TensorProto.DataType.Value(_ELEMENTS[column.storage]), 2


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """Return a graph and all graphs inside its nodes; an attribute always has one, even empty."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _graphs(inner)


def _check(graph: GraphProto, where: str) -> None:
    """Refuse foreign operators and data outside the file."""
    if any(t.external_data or t.data_location for t in _tensors(graph)):
        raise damaged(where, "external-data")
    for operator in _foreign(graph):
        raise damaged(where, "operator", operator)


def foreign_operators(graph: GraphProto) -> list[str]:
    """Return the operators of a graph, and of all graphs in it, that no bundle may have."""
    return list(dict.fromkeys(name for inner in _graphs(graph) for name in _foreign(inner)))


def _foreign(graph: GraphProto) -> Iterator[str]:
    for node in graph.node:
        if node.domain not in _STANDARD and (node.domain, node.op_type) not in _ALLOWED:
            yield f"{node.domain}.{node.op_type}"


def graph_tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """Yield the tensors that a graph, and all graphs in it, hold."""
    for inner in _graphs(graph):
        yield from _tensors(inner)


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    yield from _parts(graph.sparse_initializer)
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            yield from _parts([attribute.sparse_tensor, *attribute.sparse_tensors])


def _parts(sparse: Iterable[SparseTensorProto]) -> Iterator[TensorProto]:
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)
