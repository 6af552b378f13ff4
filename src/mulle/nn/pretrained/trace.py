"""An embedder as an ONNX model: ids in, one vector a text out, of any number and length."""

from __future__ import annotations

import numpy as np

from mulle import graph
from mulle.nn.export import inference
from mulle.nn.pretrained.pool import Embedder
from mulle.nn.symbol import Symbol, Trace
from mulle.nn.tensor import no_grad

EXAMPLE = (2, 3)  # texts and tokens: small, for the weights are multiplied with it once


def trace_embedder(embedder: Embedder) -> bytes:
    """Return an embedder as an ONNX model.

    Returns:
        Model with the input `ids` (N, T) int64, -1 behind shorter texts, and the output `vector`
        (N, width) float32.
    """
    ids, zero = graph.token_ids(), graph.g.constant_of(np.int64(0))
    known, mask = graph.g.max([ids, zero]), graph.g.greater_or_equal(ids, zero)
    trace = Trace()
    with inference(embedder), no_grad():
        symbols = (
            Symbol(known, np.zeros(EXAMPLE, np.int64), trace),
            Symbol(mask, np.ones(EXAMPLE, np.bool_), trace),
        )
        vector = embedder(*symbols)
    return graph.to_model({"ids": ids}, {"vector": vector.var})
