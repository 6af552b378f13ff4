"""The parity proof: the graph against the Python pipeline that it was made from, row by row.

catalogue  onnx-backend onnx-pre
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
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
_FAR = 1e6  # standard deviations from what is usual: no prediction of a row that could occur
_ROUNDING = 1e-9  # of the largest sums, what the order of adding changes in them at most
_SAMPLE = 300  # hard rows and held-out rows that are compared in any case
_ROWS_A_PART = 2_000


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
    extreme: bool = True,
    answers: Predictions | None = None,
    stop: Callable[[float], bool] = lambda seconds: False,
) -> Proof:
    """Compare the file's graph with its pipeline on held-out rows and on rows made to be hard.

    A sample comes first: some hard rows and some held-out ones. The rest is compared as long as
    there is time; the proof counts its rows.

    Args:
        model: the model, as it is to be shipped.
        pipeline: what its graph was made from.
        held_out: columns [N, 1] of rows that nothing was learned from; 20,000 of them are used.
        real: columns [N, 1] of which hard rows are made.
        std: standard deviation of the target; 1 for classes.
        seed: of the hard rows.
        extreme: whether numbers of any size are among them, see `stress_rows`.
        answers: of the graph to the held-out rows, where they are known already.
        stop: whether so many seconds of comparing, those of the next part, are too many.
    """
    hard = stress_rows(
        model.manifest.schema.columns,
        real,
        pipeline.split_points(),
        np.random.default_rng(seed),
        extreme=extreme,
    )

    def part(columns: Mapping[str, Array], rows: slice, known: Predictions | None) -> Proof:
        some = {name: values[rows] for name, values in columns.items()}
        graph = (
            model.predict_arrays(some)
            if known is None
            else known.take(np.arange(rows.start, rows.stop))
        )
        return compare(
            pipeline.predict(some),
            graph,
            generated=len(graph.scores) if columns is hard else 0,
            std=std,
            threshold=model.manifest.threshold,
        )

    a_row = 0.0
    sample, *rest = _parts(hard, held_out, answers)
    proof = part(*sample)
    for columns, rows, known in rest:
        if proof.rows > proof.generated and stop(a_row * (rows.stop - rows.start)):
            break
        begin = time.perf_counter()
        proof = _joined(proof, part(columns, rows, known))
        a_row = (time.perf_counter() - begin) / max(1, rows.stop - rows.start)
    return proof


def _parts(
    hard: Mapping[str, Array], held_out: Mapping[str, Array], answers: Predictions | None
) -> Iterator[tuple[Mapping[str, Array], slice, Predictions | None]]:
    """Yield what is compared, the samples first: columns, rows, and the known answers."""
    made, kept = (len(next(iter(columns.values()))) for columns in (hard, held_out))
    kept = min(kept, MAX_HELD_OUT)
    yield hard, slice(0, min(made, _SAMPLE)), None
    yield held_out, slice(0, min(kept, _SAMPLE)), answers
    if made > _SAMPLE:
        yield hard, slice(_SAMPLE, made), None
    for begin in range(_SAMPLE, kept, _ROWS_A_PART):
        yield held_out, slice(begin, min(begin + _ROWS_A_PART, kept)), answers


def _joined(a: Proof, b: Proof) -> Proof:
    """Return the proof of the rows of two."""
    return Proof(
        rows=a.rows + b.rows,
        generated=a.generated + b.generated,
        max_abs_diff=max(a.max_abs_diff, b.max_abs_diff),
        max_diff_in_std=max(a.max_diff_in_std, b.max_diff_in_std),
        label_flips=a.label_flips + b.label_flips,
        near_boundary=a.near_boundary + b.near_boundary,
        std=a.std,
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
    if generated and codes is None:
        difference = np.where(_is_rounding(expected, difference, std), 0.0, difference)
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


def _is_rounding(expected: Array, difference: Array, std: float) -> Array:
    """Return which differences of generated rows are those of sums in another order.

    A linear model answers a cell of 1e39 with a sum that is as large, of which no float64 holds the
    digits that a standard deviation has. What is that far from every usual value is compared with
    the largest sums; all other rows, and all that really occur, are held to the standard deviation.
    """
    known = np.isfinite(expected)
    if not known.any():
        return np.zeros(len(expected), bool)
    far = known & (np.abs(expected - np.median(expected[known])) > _FAR * std)
    return np.asarray(far & (difference <= _ROUNDING * np.abs(expected[known]).max()))


def near_boundary(expected: Array, threshold: float, width: float = BOUNDARY) -> Array:
    """Return which rows [N] are so close to another label that either is right."""
    if expected.shape[1] == 2:
        return np.asarray(np.abs(expected[:, 1] - threshold) <= width)
    if expected.shape[1] < 2:
        return np.zeros(len(expected), bool)
    best = np.sort(expected, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] <= width)
