"""Some rows of a table as plans are trained and tested on them, and how they are divided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mulle.arrays import Array
from mulle.graph import arrays
from mulle.table import Table, Target, keeps_strata


@dataclass(frozen=True)
class Split:
    """Some rows: the feature columns with the target as numbers.

    Attributes:
        table: the feature columns.
        y: class codes or values [N].
        weight: what each row counts in training [N]; None where all count alike.
        groups: codes [N] of the groups that stay together.
        times: ranks [N] of the moments that rows are ordered by.
        at: positions [N] of the rows in a table that is too large for the memory.
    """

    table: Table
    y: Array
    weight: Array | None
    groups: Array | None = None
    times: Array | None = None
    at: Array | None = None

    @cached_property
    def columns(self) -> dict[str, Array]:
        """One array [N, 1] a column."""
        return arrays(self.table)

    def strata(self, target: Target) -> Array | None:
        """Return the classes whose shares every part should keep; None for values."""
        return None if target.is_regression else self.y

    def scheme(self, target: Target, parts: int, least: int) -> str:
        """Return how the rows can be divided: `time`, `group`, `stratified` or `random`.

        Args:
            target: what is predicted.
            parts: how many parts there are.
            least: rows of the smallest part.
        """
        if self.times is not None:
            return "time"
        if self.groups is not None:
            return "group"
        return "stratified" if keeps_strata(self.strata(target), parts, least) else "random"

    def take(self, at: Array) -> Split:
        """Return some of the rows."""

        def taken(values: Array | None) -> Array | None:
            return None if values is None else values[at]

        return Split(
            self.table.take(at),
            self.y[at],
            taken(self.weight),
            taken(self.groups),
            taken(self.times),
            taken(self.at),
        )
