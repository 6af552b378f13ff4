"""What the cells of a column say of the notation they are written in."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from mulle.table.types.column import Doubt
from mulle.table.types.notation import Notation


def _nothing() -> pl.Series:
    return pl.Series("", [], dtype=pl.String)


@dataclass(frozen=True)
class Evidence:
    """The notations that a column's own cells allow.

    Attributes:
        readings: one where the cells decide, several (the likelier first) where they can be read
            in several ways, none where they are of another sort.
        unread: distinct cells that no reading reads.
        doubt: why cells of this sort are not read, or what decides between the readings.
        doubted: distinct cells that the doubt is about; none stand for all.
        speaks: whether the cells decide by themselves and the column is a measurement (or a date)
            beyond doubt, so that the columns beside it may follow.
        usual: whether the first of several readings is taken where no column speaks.
    """

    readings: tuple[Notation, ...] = ()
    unread: pl.Series = field(default_factory=_nothing)
    doubt: Doubt | None = None
    doubted: pl.Series = field(default_factory=_nothing)
    speaks: bool = False
    usual: bool = False

    @property
    def hopeful(self) -> bool:
        """Whether more cells are worth looking at."""
        return bool(self.readings) or self.doubt is not None
