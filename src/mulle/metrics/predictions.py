"""Predictions of rows: their scores, and for classes the label that goes with them.

The label of a probability is decided in two places only: in the graph that ships (see
`bundle.trace`), and here, for probabilities that no graph has given a label to. Everything that
looks at labels takes them from one of the two.

rule    two classes: the positive one (code 1) where its probability >= threshold;
        more: the class of the largest probability, of equals the first

catalogue  thr-score
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array

HALF = 0.5


class Predictions(NamedTuple):
    """Predictions of N rows.

    Attributes:
        scores: probabilities [N, C], or values [N].
        codes: the code 0..C-1 of each row's label [N]; None for values, or where no label was
            decided.
    """

    scores: Array
    codes: Array | None = None

    def __repr__(self) -> str:
        shape = " x ".join(str(size) for size in self.scores.shape)
        return f"Predictions({shape}{'' if self.codes is None else ', with labels'})"

    @classmethod
    def concatenate(cls, parts: Sequence[Predictions]) -> Predictions:
        """Return the predictions of all parts, at least one, in their order."""
        scores = np.concatenate([part.scores for part in parts])
        codes = [part.codes for part in parts if part.codes is not None]
        return cls(scores, np.concatenate(codes) if len(codes) == len(parts) else None)

    def take(self, rows: Array) -> Predictions:
        """Return the predictions at some positions."""
        return Predictions(self.scores[rows], None if self.codes is None else self.codes[rows])

    def without(self, rows: Array) -> Predictions:
        """Return the predictions with empty ones for some rows: scores nan, code -1.

        Args:
            rows: whether each has none [N], boolean.
        """
        none = rows.reshape(-1, *[1] * (self.scores.ndim - 1))
        codes = None if self.codes is None else np.where(rows, -1, self.codes)
        return Predictions(np.where(none, np.nan, self.scores), codes)


def decide(probabilities: Array, threshold: float = HALF) -> Array:
    """Return the code of the label of each row [N], int64.

    Args:
        probabilities: [N, C].
        threshold: of the positive one of two classes, in 0..1; not used with more classes.

    >>> decide(np.array([[0.8, 0.2], [0.6, 0.4]]), threshold=0.3)
    array([0, 1])
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    return np.asarray(probabilities.argmax(axis=1))


def decided(scores: Array, threshold: float = HALF) -> Predictions:
    """Return scores with the labels that go with them; values have none."""
    return Predictions(scores, decide(scores, threshold) if scores.ndim == 2 else None)
