"""The parity proof: the graph against the Python pipeline, row by row.

catalogue  onnx-backend onnx-pre
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.bundle.manifest import Proof

BOUNDARY = 1e-6  # two best probabilities this close are a tie: either label is right


def prove(
    expected: Array, answered: Array, chosen: Array | None, generated: int, std: float
) -> Proof:
    """Compare answers.

    Args:
        expected: the pipeline's probabilities [N, C] or values [N].
        answered: the graph's, of the same shape.
        chosen: the graph's label of each row, as a code [N]; None for regression.
        generated: how many of the rows were generated.
        std: standard deviation of the target; 1 for classes.
    """
    same = (expected == answered) | (np.isnan(expected) & np.isnan(answered))  # also infinities
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(expected - answered))
    largest = float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0))
    flips = near = 0
    if chosen is not None:
        best = np.sort(expected, axis=1)
        close = np.zeros(len(expected), bool)
        if expected.shape[1] > 1:
            close = best[:, -1] - best[:, -2] <= BOUNDARY
        near = int(close.sum())
        flips = int(((expected.argmax(axis=1) != chosen) & ~close).sum())
    return Proof(
        rows=len(expected),
        generated=generated,
        max_abs_diff=largest,
        max_diff_in_std=largest / std,
        label_flips=flips,
        near_boundary=near,
    )
