"""Sparse matrices in a graph: of columns that are 0 nearly everywhere only the entries are kept.

ONNX has no product with a sparse matrix, but gathering the weights of the entries and adding them
up by row is one, and costs what the entries cost. What knows nothing of entries takes the matrix
as a dense one.

catalogue  txt-sparse
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph.opset import g


@dataclass(frozen=True)
class Entries:
    """The entries of a matrix [N, width] that are not 0.

    Attributes:
        row, column: graph variables, int64 [M].
        values: graph variable, float [M].
        rows: graph variable, int64 [1]: N.
        width: number of columns.
    """

    row: Any
    column: Any
    values: Any
    rows: Any
    width: int

    def sum_by_row(self, values: Any) -> Any:
        """Return the sums [N] of one value [M] for each entry."""
        zeros = g.constant_of_shape(self.rows, value=np.zeros(1))
        return g.scatter_elements(zeros, self.row, values, reduction="add")

    def matmul(self, weights: Array) -> Any:
        """Return the product [N, K] with weights [width, K], float64."""
        values = g.cast(self.values, to=np.float64)
        if weights.shape[1] == 1:
            terms = g.mul(values, g.gather(g.constant_of(weights[:, 0]), self.column))
            return _as_column(self.sum_by_row(terms))
        terms = g.mul(_as_column(values), g.gather(g.constant_of(weights), self.column))
        shape = g.concat([self.rows, g.constant_of(np.array(weights.shape[1:]))], axis=0)
        zeros = g.constant_of_shape(shape, value=np.zeros(1))
        return g.scatter_nd(zeros, _as_column(self.row), terms, reduction="add")

    def dense(self) -> Any:
        """Return the matrix [N, width]."""
        shape = g.concat([self.rows, g.constant_of(np.array([self.width]))], axis=0)
        kind = self.values.unwrap_tensor().dtype
        at = g.concat([_as_column(self.row), _as_column(self.column)], axis=1)
        zeros = g.constant_of_shape(shape, value=np.zeros(1, kind))
        return g.scatter_nd(zeros, at, self.values)


Part = Any  # a graph variable [N, K] of known K, or Entries


@dataclass(frozen=True)
class SparseMatrix:
    """A matrix of a graph whose columns lie in parts, side by side; see `Part`."""

    parts: tuple[Part, ...]

    def matmul(self, weights: Array) -> Any:
        """Return the product with constant weights as a graph variable, float64."""
        total, begin = None, 0
        for part in self.parts:
            some = weights[begin : begin + part_width(part)]
            begin += len(some)
            if isinstance(part, Entries):
                product = part.matmul(some)
            else:
                product = g.matmul(g.cast(part, to=np.float64), g.constant_of(some))
            total = product if total is None else g.add(total, product)
        return total

    def map(self, change: Callable[[Any], Any]) -> SparseMatrix:
        """Return the matrix with each value changed by a function of graph variables: 0 stays 0."""
        return SparseMatrix(
            tuple(
                replace(part, values=change(part.values))
                if isinstance(part, Entries)
                else change(part)
                for part in self.parts
            )
        )

    def unwrap_spox(self) -> Any:
        """Return the dense matrix as a graph variable."""
        dense = [part.dense() if isinstance(part, Entries) else part for part in self.parts]
        return dense[0] if len(dense) == 1 else g.concat(dense, axis=1)


def side_by_side(matrices: Sequence[Any]) -> SparseMatrix | None:
    """Return matrices of a graph, some of them sparse, as one; None where a width is not known.

    Dense parts that meet become one.
    """
    parts: list[Part] = []
    for matrix in matrices:
        more = matrix.parts if isinstance(matrix, SparseMatrix) else (matrix.unwrap_spox(),)
        for part in more:
            if part_width(part) is None:
                return None
            if parts and not isinstance(parts[-1], Entries) and not isinstance(part, Entries):
                part = g.concat([parts.pop(), part], axis=1)
            parts.append(part)
    return SparseMatrix(tuple(parts))


def part_width(part: Part) -> Any:
    """Return the number of columns of a part; None where a graph variable does not tell."""
    if isinstance(part, Entries):
        return part.width
    shape = part.unwrap_tensor().shape
    width = shape[1] if shape is not None and len(shape) == 2 else None
    return width if isinstance(width, int) else None


def _as_column(x: Any) -> Any:
    return g.unsqueeze(x, g.constant_of(np.array([1])))
