"""From anything that can write itself as ONNX to the graph of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from mulle.bundle.manifest import Manifest, graph_labels
from mulle.graph import g, symbols, to_model, token_ids, vectors_name


class Traceable(Protocol):
    """What a bundle is made from."""

    def to_onnx(self, inputs: Mapping[str, Any]) -> Any:
        """Return probabilities [N, C] or values [N, 1], from graph inputs by column."""


def trace(pipeline: Traceable, manifest: Manifest) -> bytes:
    """Return the ONNX graph from raw columns to `label` and `probabilities`, or to `value`.

    The label of two classes is decided at the manifest's threshold; see `mulle.metrics.decide`,
    which does the same in Python.
    """
    inputs = symbols(manifest.schema.columns)
    tokens = {column: token_ids() for column in manifest.tokens}
    vectors = {
        vectors_name(column): encoder.inline(tokens[column])
        for column, encoder in getattr(pipeline, "encoders", {}).items()
    }
    scores = pipeline.to_onnx({**inputs, **vectors})
    inputs |= {manifest.tokens[column].name: ids for column, ids in tokens.items()}
    if not manifest.labels:
        return to_model(inputs, {"value": scores})
    if len(manifest.labels) == 2:
        codes = _at_threshold(scores, manifest.threshold)
    else:
        codes = g.arg_max(scores, axis=1, keepdims=0)
    names = graph_labels(manifest.labels)
    table = np.array(names, np.int64 if isinstance(names[0], int) else np.str_)
    label = g.gather(g.constant_of(table), codes, axis=0)
    return to_model(inputs, {"label": label, "probabilities": scores})


def _at_threshold(scores: Any, threshold: float) -> Any:
    """Return 1 where the probability of the second class is at least the threshold, else 0."""
    positive = g.gather(scores, g.constant_of(np.int64(1)), axis=1)
    cut = g.constant_of(np.asarray(threshold, scores.unwrap_tensor().dtype))
    return g.cast(g.greater_or_equal(positive, cut), to=np.int64)
