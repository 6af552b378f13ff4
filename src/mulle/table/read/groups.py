"""Names of groups that stand once, above blank cells, as merged cells of spreadsheets leave them.

부산광역시   중구   52,879
             서구   13,571        is 부산광역시 as well
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mulle.table.read.forms import WORD, are_blank, form_of
from mulle.table.types.column import Repair

_LEAST_BLANK = 0.5  # of the rows
_SAMPLE = 50


def may_be_groups(body: pl.DataFrame) -> bool:
    """Tell whether most cells of the first column are blank, and some are not.

    >>> may_be_groups(pl.DataFrame({"a": ["x", None, None], "b": ["1", "2", "3"]}))
    True
    """
    if body.width < 2 or body.height < 3 or body.dtypes[0] != pl.String:
        return False
    blank = int(are_blank(body.to_series(0)).sum())
    return _LEAST_BLANK * body.height <= blank < body.height


def fill_groups(
    body: pl.DataFrame, blank_rows: Sequence[int] = ()
) -> tuple[pl.DataFrame, tuple[Repair, ...]]:
    """Write the names of groups into each of their rows.

    A first column is one of groups if each name stands in it once, the first row has one, and the
    column beside it has words and no blank cell.

    Args:
        body: rows of text.
        blank_rows: positions of rows that hold nothing.

    >>> frame = pl.DataFrame({"a": ["x", None, "y", None, None], "b": ["p", "q", "p", "q", "r"]})
    >>> fill_groups(frame)[0]["a"].to_list()
    ['x', 'x', 'y', 'y', 'y']
    """
    if not may_be_groups(body) or body.dtypes[1] != pl.String:
        return body, ()
    names, beside = body.to_series(0), body.to_series(1)
    blank = are_blank(names)
    given = names.filter(~blank)
    open_beside = {*are_blank(beside).arg_true().to_list()} - {*blank_rows}
    once = given.n_unique() == len(given) > 1 and not blank[0]
    named = not any(blank[at] for at in open_beside)  # totals and notes have nothing beside them
    words = [form_of(cell) for cell in (*given.head(_SAMPLE), *beside.drop_nulls().head(_SAMPLE))]
    if not once or not named or words.count(WORD) < 0.8 * len(words):
        return body, ()
    kept = pl.Series([*blank_rows], dtype=pl.UInt32)
    filled = names.set(blank, None).fill_null(strategy="forward")
    filled = filled.scatter(kept, None) if len(kept) else filled
    made = Repair("merged-filled", names.name, count=int(blank.sum()) - len(kept))
    return body.with_columns(filled.alias(names.name)), (made,)
