"""Answered batches that wait to be counted: a lock is all that they cost a request.

The buffer holds a few thousand rows at most. While more rows come than may be counted, whole
batches are left out, evenly; the number of rows that were answered stays exact.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from mulle.arrays import Array

BATCH_ROWS = 2_000  # rows that are counted at once; each time costs as much as some hundred rows
MAX_ROWS = 8_000  # rows that wait; of a larger batch as many are kept, evenly spaced
Batch = tuple[Mapping[str, Any], Array]


class SampleBuffer:
    """The batches of one version that wait to be counted.

    Args:
        wake: event that is set when there are enough rows to count.

    Attributes:
        share: share of the batches to be counted, in (0, 1].

    >>> import numpy as np
    >>> buffer = SampleBuffer(threading.Event())
    >>> buffer({"x": np.zeros((2, 1))}, np.zeros(2))
    >>> batches, answered, since = buffer.take()
    >>> len(batches), answered
    (1, 2)
    """

    def __init__(self, wake: threading.Event) -> None:
        self._wake, self._lock = wake, threading.Lock()
        self._batches: deque[Batch] = deque()
        self._rows = self._answered = 0
        self._credit, self.share = 0.0, 1.0
        self._since = 0.0

    def __call__(self, inputs: Mapping[str, Any], scores: Array) -> None:
        """Add a batch with its answers.

        Args:
            inputs: what entered the model: arrays [n, 1] by column, or the cells of one row.
            scores: probabilities [n, C] or values [n].
        """
        count = len(scores)
        with self._lock:
            if not self._answered:
                self._since = time.time()
            self._answered += count
            if self.share < 1.0 and not self._is_sampled():
                return
            if self._rows >= MAX_ROWS:
                return
            self._rows += min(count, MAX_ROWS)
            full = self._rows >= BATCH_ROWS
        if count > MAX_ROWS:  # copied, so that the whole is not held
            step = -(-count // MAX_ROWS)
            inputs = {name: column[::step].copy() for name, column in inputs.items()}
            scores = scores[::step].copy()
        self._batches.append((inputs, scores))
        if full:
            self._wake.set()

    def _is_sampled(self) -> bool:
        """Whether this batch is counted: with a share of a third, every third batch is."""
        self._credit += self.share
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        return True

    def take(self) -> tuple[list[Batch], int, float]:
        """Remove and return the batches, the number of rows answered, and the first one's time."""
        with self._lock:
            answered, self._answered, self._rows = self._answered, 0, 0
            since = self._since
        batches = [self._batches.popleft() for _ in range(len(self._batches))]
        return batches, answered, since
