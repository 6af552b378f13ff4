"""Hash strings, the same in Python and in a graph: MurmurHash3 of the UTF-8 bytes.

In a graph this is ONNX Runtime's operator `com.microsoft.MurmurHash3`; in Python scikit-learn's
function. Both are MurmurHash3_x86_32 (A. Appleby), with seed 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from mulle.graph.arrays import Matrix, is_symbolic, unwrap, wrap


def hash_strings(x: Matrix) -> Matrix:
    """Return the signed 32-bit hashes of strings of shape [N, 1], as int64 [N, 1].

    >>> hash_strings(np.array([[""], ["abc"]], dtype=object)).tolist()
    [[0], [-1277324294]]
    """
    if is_symbolic(x):
        from spox import inline

        from mulle.graph.opset import g

        return wrap(g.cast(next(iter(inline(_operator())(text=unwrap(x)).values())), to=np.int64))
    import polars as pl
    from sklearn.utils import murmurhash3_32

    column = pl.Series(x[:, 0], dtype=pl.String)
    known = column.unique()
    hashes = np.array([murmurhash3_32(text.encode()) for text in known.to_list()], np.int64)
    if not len(known):
        return np.zeros((0, 1), np.int64)
    return column.replace_strict(known, pl.Series(hashes)).to_numpy()[:, None]


@cache
def _operator() -> Any:
    """Return a graph of the one non-standard operator: text to its hash."""
    from onnx import TensorProto, helper

    node = helper.make_node(
        "MurmurHash3", ["text"], ["hash"], domain="com.microsoft", seed=0, positive=0
    )
    body = helper.make_graph(
        [node],
        "hash",
        [helper.make_tensor_value_info("text", TensorProto.STRING, ["N", 1])],
        [helper.make_tensor_value_info("hash", TensorProto.INT32, ["N", 1])],
    )
    opsets = [helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("", 21)]
    return helper.make_model(body, opset_imports=opsets)
