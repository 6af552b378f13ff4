"""Columns through their steps, side by side, as the features of a model."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from scipy import sparse


class Step:
    """Learns from training rows, then changes any rows alike."""

    alone = False  # whether each column has a step of its own
    codes = False  # whether the results are names of categories, not magnitudes

    def fit_transform(self, x: Any, y: Any) -> Any:
        """Learn from the training rows, and return their features."""
        self.fit(x, y)
        return self.transform(x)

    def fit(self, x: Any, y: Any) -> None:
        """Learn from the training rows."""

    def transform(self, x: Any) -> Any:
        """Return the features of rows."""
        return x


def prepare(blocks: Any, train: Any, y: Any, test: Any) -> Any:
    """Return the features of the training and of the test rows, and which of them are codes.

    A block is some columns and the steps that they go through; all is learned from the training
    rows.
    """
    x_parts, test_parts, codes = [], [], []
    for names, steps in blocks:
        alone = any(getattr(step, "alone", False) for step in steps)
        for group in [[name] for name in names] if alone else [names]:
            x, x_test = (
                side_by_side([train[n] for n in group]),
                side_by_side([test[n] for n in group]),
            )
            for step in copy.deepcopy(steps):
                x, x_test = step.fit_transform(x, y), step.transform(x_test)
            x_parts.append(as_float32(x))
            test_parts.append(as_float32(x_test))
            codes += [bool(steps) and getattr(steps[-1], "codes", False)] * x.shape[1]
    return side_by_side(x_parts), side_by_side(test_parts), np.flatnonzero(codes).tolist()


def side_by_side(parts: Any) -> Any:
    """Return matrices as one; sparse where one of them is."""
    if len(parts) == 1:
        return parts[0]
    if any(sparse.issparse(part) for part in parts):
        return sparse.hstack([sparse.csr_matrix(part) for part in parts], format="csr")
    return np.concatenate(parts, axis=1)


def as_float32(x: Any) -> Any:
    """Return features as models take them; what is beyond float32 becomes its largest number."""
    if sparse.issparse(x):
        return x.astype(np.float32)
    most = np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        return np.clip(x.astype(np.float32), -most, most)


def rows_of(columns: Any, rows: Any) -> Any:
    """Return some rows of all columns."""
    return {name: column[rows] for name, column in columns.items()}
