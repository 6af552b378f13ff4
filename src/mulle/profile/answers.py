"""What a model answered, counted: classes and how sure it was of them, or values.

Confidence is the probability of the positive class of two, of the chosen class of more, in fifty
bins of equal width. With known labels the bins also count how often the answer came true, and so
what a probability of this model is worth: its calibration.

source  Guo et al. 2017, arXiv:1706.04599, section 2 (reliability by bins)
"""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile.columns import profile_column
from mulle.profile.counts import NumberCounts, frame_of, frames_differ
from mulle.table import Column, Kind, Storage

BINS = 50
EDGES = [k / BINS for k in range(1, BINS)]


class Answers(msgspec.Struct):
    """Of a classifier or a regression.

    Attributes:
        chosen: rows by class; empty for a regression.
        values: the confidences, or the predicted values.
        true: of the rows of each bin of confidences, how many came true (the row is of the
            positive class of two, or the chosen class is the row's); empty where no label is known.

    >>> labels = np.array([0, 1])
    >>> seen = Answers.of(np.array([[0.9, 0.1], [0.2, 0.8]]), labels, y=np.array([0, 1]))
    >>> seen.chosen, seen.values.moments.max, sum(seen.true)
    ([1, 1], 0.8, 1)
    """

    chosen: list[int]
    values: NumberCounts
    true: list[int] = []

    @classmethod
    def of(cls, answers: Array, codes: Array | None = None, y: Array | None = None) -> Answers:
        """Count predictions; the edges of values are those of these.

        Args:
            answers: probabilities (n, C), or values (n,).
            codes: (n,) of the labels that the model gave; None for values.
            y: (n,) codes of the true labels, where they are known.
        """
        if answers.ndim == 2:
            seen = cls([0] * answers.shape[1], NumberCounts(list(EDGES)))
        else:
            column = Column("", Kind.continuous, Storage.number)
            found = profile_column(column, pl.Series(answers.astype(np.float64)))
            frame = frame_of(found)
            seen = cls([], frame if isinstance(frame, NumberCounts) else NumberCounts([]))
        seen.add(answers, codes)
        if y is not None and answers.ndim == 2 and len(y):
            came = y == 1 if answers.shape[1] == 2 else codes == y
            place = np.searchsorted(EDGES, _confidence(answers), side="right")
            seen.true = np.bincount(place, came, BINS).astype(int).tolist()
        return seen

    @property
    def rows(self) -> int:
        """Rows that were answered."""
        return self.values.rows

    def add(self, answers: Array, codes: Array | None = None) -> None:
        """Count further predictions: probabilities (n, C) with their labels (n,), or values (n,).

        Labels are the model's own: which probability is enough for one is for its graph to say.
        """
        if self.chosen:
            more = np.bincount(np.asarray(codes), minlength=len(self.chosen)).tolist()
            self.chosen = [a + b for a, b in zip(self.chosen, more, strict=True)]
            answers = _confidence(answers)
        self.values.add(np.asarray(answers, np.float64))

    def merge(self, other: Answers) -> None:
        """Add the answers of another one of the same frame."""
        if len(self.chosen) != len(other.chosen):
            raise frames_differ()
        self.chosen = [a + b for a, b in zip(self.chosen, other.chosen, strict=True)]
        self.values.merge(other.values)

    def empty(self) -> Answers:
        """The frame without answers."""
        return Answers([0] * len(self.chosen), self.values.empty())


def _confidence(answers: Array) -> Array:
    found: Array = answers[:, 1] if answers.shape[1] == 2 else answers.max(1)
    return found
