"""Some of many rows, evenly spaced, without knowing beforehand how many there will be.

Every row is kept until there are too many; then every second of them, and so on: of rows 0, 1, 2,
... those whose number is a multiple of the step. Which ones depends on their number alone, not on
the blocks in which they come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.table import Table

MAX_ROWS = 20_000  # rows that the model answers: enough to see a move of one percent


class Part(NamedTuple):
    """Rows that were kept of one block, and their labels where there are any."""

    table: Table
    y: Array | None


@dataclass
class Sample:
    """The rows that are kept so far.

    Attributes:
        step: number of rows from one that is kept to the next.
        seen: number of rows so far.
    """

    step: int = 1
    seen: int = 0
    _kept: list[tuple[Array, Part]] = field(default_factory=list)

    def add(self, table: Table, y: Array | None) -> None:
        """Add the next rows [n] with their labels (n,)."""
        rows = np.arange(self.seen, self.seen + table.height)
        self.seen += table.height
        self._kept.append(_every(self.step, rows, Part(table, y)))
        while sum(len(rows) for rows, _ in self._kept) > MAX_ROWS:
            self.step *= 2
            self._kept = [_every(self.step, *kept) for kept in self._kept]

    @property
    def parts(self) -> list[Part]:
        """The kept rows, in blocks, in order."""
        return [part for rows, part in self._kept if len(rows)]


def _every(step: int, rows: Array, part: Part) -> tuple[Array, Part]:
    at = np.flatnonzero(rows % step == 0)
    if len(at) == len(rows):
        return rows, part
    return rows[at], Part(part.table.take(at), None if part.y is None else part.y[at])
