"""Operations of steps beyond the Python array API, for NumPy arrays and graph arrays alike.

Handed a NumPy array each function computes; handed an `ndonnx` array it adds the nodes that
compute the same. A step written with the array API and these functions is its own exporter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph.inputs import MISSING_DATE
from mulle.graph.opset import g
from mulle.graph.sparse import SparseMatrix, side_by_side

_FEW_ROWS = 50_000  # that a dictionary finds sooner than a query over a column

Matrix = Any  # a NumPy array, a SciPy CSR matrix, an ndonnx array, or a SparseMatrix


def is_symbolic(x: Matrix) -> bool:
    """Return whether `x` is an array of a graph, which holds no values."""
    return isinstance(x, SparseMatrix) or type(x).__module__.startswith("ndonnx")


def wrap(var: Any) -> Matrix:
    """Return a graph variable as an array that the array API works on."""
    import ndonnx

    return ndonnx.asarray(var)


def unwrap(x: Matrix) -> Any:
    """Return the graph variable behind an array; of a sparse matrix, that of the dense one."""
    return x.unwrap_spox()


def concat(parts: Sequence[Matrix]) -> Matrix:
    """Return matrices side by side; sparse when one of them is.

    >>> concat([np.zeros((2, 1)), np.ones((2, 2))]).shape
    (2, 3)
    """
    if len(parts) == 1:
        return parts[0]
    if is_symbolic(parts[0]):
        if any(isinstance(p, SparseMatrix) for p in parts) and (joined := side_by_side(parts)):
            return joined
        return wrap(g.concat([unwrap(p) for p in parts], axis=1))
    if all(isinstance(p, np.ndarray) for p in parts):
        return np.concatenate(parts, axis=1)
    from scipy import sparse

    return sparse.hstack([sparse.csr_matrix(p) for p in parts], format="csr")


def concat_rows(parts: Iterable[Matrix], rows: int) -> Matrix:
    """Return arrays, or CSR matrices, one below the other.

    Args:
        parts: each is let go as soon as it is copied.
        rows: of all parts.

    >>> concat_rows(iter([np.zeros((2, 1)), np.ones((1, 1))]), 3).shape
    (3, 1)
    """
    parts = iter(parts)
    part = next(parts)
    if not isinstance(part, np.ndarray):
        from scipy import sparse

        return sparse.vstack([part, *parts], format="csr")
    whole = np.empty((rows, *part.shape[1:]), part.dtype)
    whole[: len(part)] = part
    end = len(part)
    for part in parts:
        whole[end : end + len(part)] = part
        end += len(part)
    return whole


def matmul(x: Matrix, weights: Array) -> Matrix:
    """Return x @ weights, for x of shape [N, F] and constant weights of shape [F, M]."""
    if isinstance(x, SparseMatrix):
        return wrap(x.matmul(weights))
    if is_symbolic(x):
        return wrap(g.matmul(unwrap(x), g.constant_of(weights)))
    return x @ weights


def is_missing(x: Matrix) -> Matrix:
    """Return the mask of missing entries of numbers (NaN) or dates (the reserved value)."""
    xp = x.__array_namespace__()
    return xp.isnan(x) if xp.isdtype(x.dtype, "real floating") else x == MISSING_DATE


def lookup(x: Matrix, keys: Sequence[str], values: Array, default: float) -> Matrix:
    """Return `values[i]` for each string that equals `keys[i]`, else `default`.

    Args:
        x: strings of shape [N, 1].
        keys: distinct strings; missing entries are looked up under `MISSING_STRING`.
        values: float64 or int64, one for each key.
        default: the value of every string that is not among the keys.

    Returns:
        Array [N, 1] of the type of `values`.

    >>> x = np.array([["a"], ["z"]], dtype=object)
    >>> lookup(x, ["a", "b"], np.array([1.0, 2.0]), default=0.0).tolist()
    [[1.0], [0.0]]
    """
    values = np.asarray(values)
    if is_symbolic(x):
        node = g.label_encoder(
            unwrap(x),
            keys_tensor=np.array(keys, dtype=object),
            values_tensor=values,
            default_tensor=np.array([default], values.dtype),
        )
        return wrap(node)
    if len(x) < _FEW_ROWS:
        known = dict(zip(keys, values.tolist(), strict=True))
        found = map(known.get, x[:, 0].tolist(), repeat(default))
        return np.fromiter(found, values.dtype, len(x))[:, None]
    import polars as pl

    found = pl.Series(x[:, 0], dtype=pl.String).replace_strict(
        pl.Series(keys, dtype=pl.String), pl.Series(values), default=default
    )
    return found.cast(pl.Float64 if values.dtype.kind == "f" else pl.Int64).to_numpy()[:, None]


def take_rows(table: Array, index: Matrix) -> Matrix:
    """Return the rows [N, M] of a constant table [K, M] at an index [N, 1]."""
    if is_symbolic(index):
        return wrap(g.gather_nd(g.constant_of(table), unwrap(index)))
    return table[index[:, 0]]
