"""Marks: columns of one value or nothing, in which the blank is the other answer.

`1` or nothing, a date or nothing: as numbers or dates such columns would be imputed to one value
throughout, so they are stored as text, whose missing cells are a level of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import polars as pl

from mulle.table.types.coerced import Coerced
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.numbers import NUMBERS
from mulle.table.types.store import store
from mulle.table.types.text import TEXT

MIN_ROWS = 8  # fewer do not tell a mark from a number that happens to be alone


def settle_marks(frame: pl.DataFrame, coerced: Sequence[Coerced]) -> list[Coerced]:
    """Store marks as text.

    Args:
        frame: the cells as they were written, by column.
        coerced: the columns in their storage.
    """
    return [_as_text(frame[one.column.name], one) if _is_mark(one) else one for one in coerced]


def _is_mark(coerced: Coerced) -> bool:
    column, values = coerced.column, coerced.values
    if column.storage is Storage.string or column.reason == "given" or column.source:
        return False
    if column.notation.form in {"limit", "limit-side"} or not values.null_count():
        return False
    if len(values) < MIN_ROWS:
        return False
    low = values.min()
    return low is not None and low == values.max()


def _as_text(raw: pl.Series, coerced: Coerced) -> Coerced:
    before = coerced.column
    number = before.storage is Storage.number and before.notation.form != "truth"
    kept = (*TEXT, *NUMBERS) if number else TEXT
    notation = msgspec.structs.replace(
        before.notation,
        repairs=tuple(code for code in before.notation.repairs if code in kept),
        form="number" if number else "",
        scale=1.0,
        dates=None,
    )
    column = msgspec.structs.replace(
        before, kind=Kind.nominal, storage=Storage.string, reason="", notation=notation
    )
    values, _, _ = store(raw, column)
    return replace(coerced, values=values, column=column)
