"""From graph variables to the bytes of an ONNX model with names that cannot clash.

Column names stand on the graph's inputs alone and output names on its outputs; every name inside
is prefixed, so that a column may be called anything, also like a node.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnx import GraphProto
    from spox import Var

_PREFIX = "mulle/"


def to_model(inputs: Mapping[str, Var], outputs: Mapping[str, Var]) -> bytes:
    """Serialize a graph.

    Args:
        inputs: the graph's inputs by column name, as made by `symbols`.
        outputs: what it computes, by name; a name that is also a column gets an underscore.

    Returns:
        An ONNX model.
    """
    from spox import build

    safe_inputs = {f"{_PREFIX}in/{i}": var for i, var in enumerate(inputs.values())}
    safe_outputs = {f"{_PREFIX}out/{i}": var for i, var in enumerate(outputs.values())}
    model = build(safe_inputs, safe_outputs)
    names = dict(zip(safe_inputs, inputs, strict=True))
    for safe, wanted in zip(safe_outputs, outputs, strict=True):
        names[safe] = wanted if wanted not in inputs else f"{wanted}_"
    _rename(model.graph, names)
    model.graph.name = "mulle"
    model.producer_name = "mulle"
    return bytes(model.SerializeToString())


def _rename(graph: GraphProto, names: Mapping[str, str]) -> None:
    def renamed(name: str) -> str:
        if not name or name.startswith(_PREFIX):
            return names.get(name, name)
        return _PREFIX + name

    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = renamed(value.name)
    for node in graph.node:
        _rename_list(node.input, renamed)
        _rename_list(node.output, renamed)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, names)


def _rename_list(values: Any, renamed: Any) -> None:
    values[:] = [renamed(v) for v in values]
