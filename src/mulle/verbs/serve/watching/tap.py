"""Where answered batches are put aside to be counted later: what that costs a request is a lock.

It holds a few thousand rows at most. While the rows that come are more than may be counted, whole
batches are left out, evenly; how many rows were answered in all is known all the same.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from mulle.arrays import Array

ENOUGH = 2_000  # rows that are counted at once; each time costs as much as some hundred of them
MOST = 8_000  # rows that wait; of a larger batch as many are taken, evenly spaced
Batch = tuple[Mapping[str, Any], Array]


class Tap:
    """The batches of one version that wait to be counted.

    Args:
        wake: set when there is enough to count.

    Attributes:
        share: of the batches, to be counted.

    >>> import numpy as np
    >>> tap = Tap(threading.Event())
    >>> tap({"x": np.zeros((2, 1))}, np.zeros(2))
    >>> batches, answered, since = tap.taken()
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
        """Put a batch aside: arrays [n, 1] by column, or the cells of one row, with its answers.

        Args:
            inputs: as they entered the model.
            scores: probabilities [n, C] or values [n].
        """
        count = len(scores)
        with self._lock:
            if not self._answered:
                self._since = time.time()
            self._answered += count
            if self.share < 1.0 and not self._chosen():
                return
            if self._rows >= MOST:
                return
            self._rows += min(count, MOST)
            full = self._rows >= ENOUGH
        if count > MOST:  # copied, so that the whole is not held
            step = -(-count // MOST)
            inputs = {name: column[::step].copy() for name, column in inputs.items()}
            scores = scores[::step].copy()
        self._batches.append((inputs, scores))
        if full:
            self._wake.set()

    def _chosen(self) -> bool:
        """Whether this batch is of the share that is counted: every third of a third, say."""
        self._credit += self.share
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        return True

    def taken(self) -> tuple[list[Batch], int, float]:
        """The batches that waited, how many rows were answered, and when the first of them was."""
        with self._lock:
            answered, self._answered, self._rows = self._answered, 0, 0
            since = self._since
        batches = [self._batches.popleft() for _ in range(len(self._batches))]
        return batches, answered, since
