"""What watches LightGBM while it trains, and how rows are handed to it that lie in files."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop

Ended = Literal["trees", "patience", "stop"]

_PATIENCE_OF_BEST, _PATIENCE_AT_LEAST = 0.3, 20  # many small trees gain slowly: AutoGluon's rule
_ROWS_AT_ONCE = 1 << 16  # that are read from a file and put into bins
_WAITING = "OMP_WAIT_POLICY"
_SHOWN_TREES = 3  # that show what one takes


def load_lightgbm() -> Any:
    """Return LightGBM, whose threads sleep while they wait for each other.

    By default they spin, which takes the processor from the very thread that is waited for where
    others want it: a tree may then take a hundred times as long. OpenMP reads the variable once,
    when LightGBM is loaded; what a person has set holds, and other libraries are left alone.
    """
    given = os.environ.get(_WAITING)
    os.environ.setdefault(_WAITING, "passive")
    try:
        import lightgbm
    finally:
        if given is None:
            os.environ.pop(_WAITING, None)
    return lightgbm


class Pace:
    """A learning rate that suits the number of trees for which there is time.

    Attributes:
        rate_in: the learning rate that gets far with a number of trees.
    """

    def __init__(self, rate_in: Callable[[int], float], seconds: float) -> None:
        self.rate_in = rate_in
        self._end = time.perf_counter() + seconds
        self._begin: float | None = None

    def set(self, booster: Any, trees: int) -> None:
        """Look at what the first trees took, and set the rate for the rest."""
        if self._end == math.inf or trees > 1 + _SHOWN_TREES:
            return
        now = time.perf_counter()
        if self._begin is None:  # the first tree is dearer than the rest
            self._begin = now
        elif trees == 1 + _SHOWN_TREES:
            a_tree = max(1e-6, (now - self._begin) / _SHOWN_TREES)
            rounds = trees + max(1, int((self._end - now) / a_tree))
            booster.reset_parameter({"learning_rate": self.rate_in(rounds)})


class Watch:
    """LightGBM's callback that ends training: the time is up, or the held rows gain no more.

    Attributes:
        rounds: that were made.
        best: the number of rounds that was best on the held rows; 0 without any.
        best_trees: that were there by then; a round that finds nothing to split adds none.
        ended: why training ended.
    """

    order = 40  # after what LightGBM itself does at the end of an iteration
    before_iteration = False

    def __init__(self, patience: int, stop: Stop, pace: Pace | None = None) -> None:
        self.rounds = self.best = self.best_trees = 0
        self.ended: Ended = "trees"
        self._patience = patience
        self._stop = stop
        self._pace = pace
        self._least_error = math.inf

    def __call__(self, env: Any) -> None:
        """Look at the error of the held rows after an iteration."""
        lightgbm = load_lightgbm()
        self.rounds, results = env.iteration + 1, env.evaluation_result_list
        if results and (not self.best or results[0][2] < self._least_error):
            self.best, self._least_error = self.rounds, results[0][2]
            self.best_trees = env.model.current_iteration()
        patience = max(self._patience, _PATIENCE_OF_BEST * self.best + _PATIENCE_AT_LEAST)
        if self._stop():
            self.ended = "stop"
        elif results and self.rounds - self.best >= patience:
            self.ended = "patience"
        else:
            if self._pace is not None:
                self._pace.set(env.model, self.rounds)
            return
        raise lightgbm.callback.EarlyStopException((self.best or self.rounds) - 1, results)


def as_sequence(x: Array) -> Any:
    """Return features [N, F] as LightGBM reads them a part at a time."""
    sequence: Any = load_lightgbm().Sequence

    class Rows(sequence):  # type: ignore[misc]
        """Rows of a matrix that is mapped from a file."""

        batch_size = _ROWS_AT_ONCE

        def __getitem__(self, at: Any) -> Array:
            # The single rows that bins are made from must be float64, parts may be as they are.
            return np.asarray(x[at]) if isinstance(at, slice) else x[at].astype(np.float64)

        def __len__(self) -> int:
            return len(x)

    return Rows()
