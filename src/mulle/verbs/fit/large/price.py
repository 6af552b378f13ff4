"""How many rows of a large table can be boosted: what memory, disk and time allow."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.learners import Classifier

_PILOT_ROWS = 60_000
_PILOT_TREES = 5
_WARM_UP_ROWS = 500  # first imports and first calls are not a price
_FEWER = 4  # times fewer rows show what a tree costs whatever its rows
_LEAST_OF_SHARE = 0.3  # of what a row of the sample cost, a row costs at least
_FEWEST_TREES = 100  # that all rows are worth; with fewer, fewer rows give more
_COLD = 1.3  # times as long takes a row of many that fit into no cache
_READ_AGAIN = 0.5  # of what drawing the sample took
_SURE = 1.15  # times as long as expected
_DISK_SHARE = 0.9  # of what is free
#: of a promise that is set aside for boosting at most, and what a cell takes, about, until then
_SHARE, _A_CELL = 0.7, 9e-7


class Price(NamedTuple):
    """Seconds of a row: `write` it to the disk and into bins, and each tree."""

    write: float
    tree: float

    def seconds(self, rows: float) -> float:
        """Return what so many rows take with as many trees as they are worth."""
        return rows * (self.write + _FEWEST_TREES * self.tree)


class Room(NamedTuple):
    """How many rows each of the limits allows."""

    memory: float
    disk: float
    time: float

    def of(self, rows: int) -> tuple[int, str]:
        """Return how many of the rows there are, and which limit leaves out the others."""
        least = min(self._asdict().items(), key=lambda pair: pair[1])
        return (rows, "") if least[1] >= rows else (int(least[1]), least[0])


def set_aside(left: float, rows: int, columns: int) -> float:
    """Return the seconds that are set aside for boosting before anything was measured."""
    if left == math.inf:
        return 0.0
    return min(_SHARE * left, _A_CELL * rows * columns)


def room(allowed: Mapping[str, float], a_row: int, price: Price | None, reading: float) -> Room:
    """Return how many rows there is room for.

    Args:
        allowed: rows for which there is `memory`, bytes that are free on the `disk`, and `seconds`.
        a_row: bytes of a row on the disk.
        price: of a row; None where no time was promised.
        reading: seconds that the first pass over all rows took.
    """
    rows = math.inf
    if price is not None:
        left = allowed["seconds"] / _SURE - _READ_AGAIN * reading
        rows = max(0.0, left / price.seconds(1))
    return Room(allowed["memory"], _DISK_SHARE * allowed["disk"] / a_row, rows)


def expected(price: Price, rows: int, reading: float) -> float:
    """Return the seconds that boosting so many rows takes."""
    return _SURE * (_READ_AGAIN * reading + price.seconds(rows))


def measure(learner: Any, preparation: Any, columns: Mapping[str, Array], y: Array) -> Price:
    """Return the price of a row, measured on some of the sample.

    Args:
        learner: as it will be trained.
        preparation: that has learned.
        columns, y: of the sample.
    """
    some = {name: column[:_PILOT_ROWS] for name, column in columns.items()}
    target, codes = y[:_PILOT_ROWS], preparation.categorical_
    begin = time.perf_counter()
    x = preparation.transform(some)
    prepared = time.perf_counter() - begin
    rows, part = len(target), max(2, len(target) // _FEWER)
    _boosted(learner, x[:_WARM_UP_ROWS], target[:_WARM_UP_ROWS], codes)
    few = _boosted(learner, x[:part], target[:part], codes)
    many = _boosted(learner, x, target, codes)
    # What is paid whatever the rows, as for threads that wait for each other, is no row's price.
    bins, tree = (
        max((more - less) / (rows - part), _LEAST_OF_SHARE * more / rows)
        for less, more in zip(few, many, strict=True)
    )
    return Price(_COLD * (prepared / rows + bins), _COLD * tree)


def _boosted(learner: Any, x: Array, y: Array, categorical: list[int]) -> tuple[float, float]:
    """Return the seconds until the first tree stands, and those of each further one."""
    few = type(learner)(**(learner.get_params() | {"n_estimators": 1 + _PILOT_TREES}))
    moments = [time.perf_counter()]

    def look() -> bool:
        moments.append(time.perf_counter())
        return False

    classes = np.unique(y) if isinstance(few, Classifier) else None
    targets = y if classes is None else np.searchsorted(classes, y)
    few.fit_mapped(x, targets, classes=classes, categorical=categorical, stop=look)
    return moments[1] - moments[0], (moments[-1] - moments[1]) / _PILOT_TREES
