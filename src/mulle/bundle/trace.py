"""From anything that can write itself as ONNX to the graph of a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from mulle.bundle.manifest import graph_labels
from mulle.graph import g, symbols, to_model
from mulle.table import Column


class Traceable(Protocol):
    """What a bundle is made from."""

    def to_onnx(self, inputs: Mapping[str, Any]) -> Any:
        """Probabilities [N, C] or values [N, 1], from graph inputs by column."""


def trace(model: Traceable, columns: Sequence[Column], labels: Sequence[Any]) -> bytes:
    """The ONNX graph from raw columns to `label` and `probabilities`, or to `value`."""
    inputs = symbols(columns)
    scores = model.to_onnx(inputs)
    if not labels:
        return to_model(inputs, {"value": scores})
    best = g.arg_max(scores, axis=1, keepdims=0)
    names = graph_labels(labels)
    table = np.array(names, np.int64 if isinstance(names[0], int) else np.str_)
    label = g.gather(g.constant_of(table), best, axis=0)
    return to_model(inputs, {"label": label, "probabilities": scores})
