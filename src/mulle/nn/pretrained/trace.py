"""An embedder as an ONNX model: ids and mask in, one vector a text out, of any length."""

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
        Model with the inputs `ids` (N, T) int64 and `mask` (N, T) bool, and the output `vector`
        (N, width) float32.
    """
    from spox import Tensor, argument

    ids, mask = argument(Tensor(np.int64, ("N", "T"))), argument(Tensor(np.bool_, ("N", "T")))
    trace = Trace()
    with inference(embedder), no_grad():
        symbols = (
            Symbol(ids, np.zeros(EXAMPLE, np.int64), trace),
            Symbol(mask, np.ones(EXAMPLE, np.bool_), trace),
        )
        vector = embedder(*symbols)
    return graph.to_model({"ids": ids, "mask": mask}, {"vector": vector.var})
