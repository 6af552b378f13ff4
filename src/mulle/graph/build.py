"""Build an ONNX model from graph variables, with names that cannot clash.

Column names stand on the graph's inputs alone and output names on its outputs; every name inside
is prefixed, so that a column may be called anything, also like a node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mulle.graph.weights import store_weights

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto
    from spox import Var

_PREFIX = "mulle"


def to_model(inputs: Mapping[str, Var], outputs: Mapping[str, Var]) -> bytes:
    """Return a graph as the bytes of an ONNX model.

    Args:
        inputs: the graph's inputs by column name, as made by `symbols`.
        outputs: what it computes, by name; a name that is also a column gets underscores.

    Returns:
        An ONNX model.
    """
    from spox import build

    prefix = _prefix(inputs)
    safe_inputs = {f"{prefix}in/{i}": var for i, var in enumerate(inputs.values())}
    safe_outputs = {f"{prefix}out/{i}": var for i, var in enumerate(outputs.values())}
    model = build(safe_inputs, safe_outputs)
    _drop_unused_outputs(model)
    store_weights(model)
    names = dict(zip(safe_inputs, inputs, strict=True))
    names |= zip(safe_outputs, output_names(inputs, outputs), strict=True)
    _rename(model.graph, names, prefix)
    model.graph.name = "mulle"
    model.producer_name = "mulle"
    return bytes(model.SerializeToString())


def output_names(columns: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return the names of outputs: as wanted, with underscores behind names of columns.

    >>> output_names(["label", "label_"], ["label", "probabilities"])
    ['label__', 'probabilities']
    """
    taken = set(columns)
    result = []
    for name in wanted:
        while name in taken:
            name += "_"
        taken.add(name)
        result.append(name)
    return result


def _prefix(columns: Iterable[str]) -> str:
    """Return a prefix that no column's name begins with."""
    prefix = f"{_PREFIX}/"
    while any(name.startswith(prefix) for name in columns):
        prefix += "/"
    return prefix


def _drop_unused_outputs(model: ModelProto) -> None:
    """Remove outputs of operators that no other operator reads.

    ONNX Runtime computes what is named: maxima with their positions take a slow path.
    """
    from onnx.defs import OpSchema, get_schema

    nodes = list(_nodes(model.graph))
    asked = {o.name for o in model.graph.output} | {name for node in nodes for name in node.input}
    asked |= {o.name for node in nodes for a in node.attribute for o in a.g.output}
    versions = {opset.domain: opset.version for opset in model.opset_import}
    for node in nodes:
        while len(node.output) > 1 and node.output[-1] not in asked:
            schema = get_schema(node.op_type, versions[node.domain], node.domain)
            if (
                schema.outputs[len(node.output) - 1].option
                != OpSchema.FormalParameterOption.Optional
            ):
                break
            node.output.pop()


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    """Yield the nodes of a graph and of its subgraphs."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _nodes(attribute.g)


def _rename(graph: GraphProto, names: Mapping[str, str], prefix: str) -> None:
    def renamed(name: str) -> str:
        if not name or name.startswith(prefix):
            return names.get(name, name)
        return prefix + name

    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = renamed(value.name)
    for node in graph.node:
        node.input[:] = [renamed(name) for name in node.input]
        node.output[:] = [renamed(name) for name in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, names, prefix)
