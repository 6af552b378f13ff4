"""A column in its storage."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mulle.table.types.column import Column, Doubt, LeftOut, Repair


@dataclass(frozen=True)
class Coerced:
    """A column in its storage; `column.reason` is empty while its kind is undecided.

    Attributes:
        values: n values of the storage's type.
        column: what is known of it.
        repairs: what was changed in it.
        left_out: cells that became missing.
        doubts: what its cells did not decide.
    """

    values: pl.Series
    column: Column
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
