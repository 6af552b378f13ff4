"""Some rows of a table as plans are trained and tested on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mulle.arrays import Array
from mulle.graph import arrays
from mulle.table import Table


@dataclass(frozen=True)
class Split:
    """Some rows: the feature columns with the target as numbers and the weights [N]."""

    table: Table
    y: Array
    weight: Array | None
    groups: Array | None = None
    times: Array | None = None

    @cached_property
    def columns(self) -> dict[str, Array]:
        """One array [N, 1] a column."""
        return arrays(self.table)

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
        )
