"""Weights of a graph as initializers, where quantizers, viewers and optimisers look for them.

The library that builds graphs writes every array as the output of a `Constant` node, which all of
them pass over in silence. Weights that are only read transposed are stored transposed, so that a
product's second operand is a weight.

catalogue  onnx-format onnx-opt
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto


def store_weights(model: ModelProto) -> None:
    """Turn the constants of a model's main graph into initializers, in place.

    Only the main graph has them: what stands inside a branch or a loop stays a node.
    """
    graph = model.graph
    for at in reversed(range(len(graph.node))):
        node = graph.node[at]
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            weight = graph.initializer.add()
            weight.CopyFrom(node.attribute[0].t)
            weight.name = node.output[0]
            del graph.node[at]
    _fold_transposes(graph)


def _fold_transposes(graph: GraphProto) -> None:
    """Transpose each weight that nothing but one `Transpose` reads."""
    from onnx import numpy_helper

    weights = {weight.name: weight for weight in graph.initializer}
    readers = Counter(name for node in _nodes(graph) for name in node.input)
    readers.update(output.name for output in graph.output)
    shown = {output.name for output in graph.output}
    for at in reversed(range(len(graph.node))):
        node = graph.node[at]
        if node.op_type != "Transpose" or node.output[0] in shown:
            continue
        weight = weights.get(node.input[0])
        if weight is None or readers[weight.name] > 1:
            continue
        order = [axis for attribute in node.attribute for axis in attribute.ints]
        values = np.transpose(numpy_helper.to_array(weight), order or None)
        weight.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), node.output[0]))
        del graph.node[at]


def _nodes(graph: GraphProto) -> list[NodeProto]:
    """Return the nodes of a graph and of all graphs inside them."""
    found = []
    for node in graph.node:
        found.append(node)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found += _nodes(inner)
    return found
