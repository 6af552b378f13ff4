"""Free the number of rows of a graph that was exported for one row, or for one batch.

Only the declaration is changed: a graph that wrote the number into its nodes as well fails, or
differs from the file as it is, when both are asked the same rows, and is refused by that proof.

catalogue  onnx-trace-shape
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mulle.bundle.networks.foreign import Input

if TYPE_CHECKING:
    from onnx import ModelProto


def free_rows(model: ModelProto, inputs: Sequence[Input], where: str) -> ModelProto:
    """Return the graph for any number of rows.

    Args:
        model: from `foreign.read_graph`.
        inputs: of it.
        where: the file.
    """
    from onnx import ModelProto

    result = ModelProto()
    result.CopyFrom(model)
    names = {taken.name for taken in inputs}
    for value in result.graph.input:
        if value.name in names:
            value.type.tensor_type.shape.dim[0].dim_param = "N"
    for value in result.graph.output:
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_param = "N"
    del result.graph.value_info[:]
    return result
