"""The parity proof: the graph against the Python pipeline that it was made from, row by row.

catalogue  onnx-backend onnx-pre
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mulle.arrays import Array
from mulle.bundle.manifest import Proof
from mulle.bundle.stress_rows import stress_rows
from mulle.metrics import HALF, Predictions, decide

if TYPE_CHECKING:
    from mulle.bundle.model import Model

BOUNDARY = 1e-6  # probabilities this close to where the label changes are a tie: either is right
MAX_HELD_OUT = 20_000  # rows of the proof


class Pipeline(Protocol):
    """What a graph was made from, in Python."""

    def predict(self, columns: Mapping[str, Array]) -> Array:
        """Return probabilities [N, C] or values [N], float64, from columns [N, 1]."""

    def split_points(self) -> Mapping[str, Array]:
        """Return the thresholds of trees by column; rows beside them are tried."""


def prove(
    model: Model,
    pipeline: Pipeline,
    held_out: Mapping[str, Array],
    real: Mapping[str, Array],
    *,
    std: float = 1.0,
    seed: int = 0,
) -> Proof:
    """Compare the file's graph with its pipeline on held-out rows and on rows made to be hard.

    Args:
        model: the model, as it is to be shipped.
        pipeline: what its graph was made from.
        held_out: columns [N, 1] of rows that nothing was learned from; 20,000 of them are used.
        real: columns [N, 1] of which hard rows are made.
        std: standard deviation of the target; 1 for classes.
        seed: of the hard rows.
    """
    rng = np.random.default_rng(seed)
    tested = {name: values[:MAX_HELD_OUT] for name, values in held_out.items()}
    columns = model.manifest.schema.columns
    hard = stress_rows(columns, real, pipeline.split_points(), rng)
    both = {name: np.concatenate([tested[name], hard[name]]) for name in tested}
    return compare(
        pipeline.predict(both),
        model.predict_arrays(both),
        generated=len(next(iter(hard.values()))),
        std=std,
        threshold=model.manifest.threshold,
    )


def compare(
    expected: Array,
    predicted: Predictions,
    *,
    generated: int = 0,
    std: float = 1.0,
    threshold: float = HALF,
) -> Proof:
    """Compare predictions.

    Args:
        expected: the pipeline's probabilities [N, C] or values [N].
        predicted: the graph's, with its labels.
        generated: how many of the rows were generated.
        std: standard deviation of the target; 1 for classes.
        threshold: from which probability a row of two classes is positive.
    """
    scores, codes = predicted
    same = (expected == scores) | (np.isnan(expected) & np.isnan(scores))  # also infinities
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(expected - scores))
    largest = float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0))
    flips = near = 0
    if codes is not None:
        close = near_boundary(expected, threshold)
        near = int(close.sum())
        flips = int(((decide(expected, threshold) != codes) & ~close).sum())
    return Proof(
        rows=len(expected),
        generated=generated,
        max_abs_diff=largest,
        max_diff_in_std=largest / std,
        label_flips=flips,
        near_boundary=near,
        std=std,
    )


def near_boundary(expected: Array, threshold: float, width: float = BOUNDARY) -> Array:
    """Return which rows [N] are so close to another label that either is right."""
    if expected.shape[1] == 2:
        return np.asarray(np.abs(expected[:, 1] - threshold) <= width)
    if expected.shape[1] < 2:
        return np.zeros(len(expected), bool)
    best = np.sort(expected, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] <= width)
