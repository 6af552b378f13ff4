"""Count what a repair changed, and keep one example of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import polars as pl

from mulle.table.types.column import Repair


def changed(code: str, column: str, before: pl.Series, after: pl.Series) -> Repair | None:
    """Return the repair that turned one column into another, or None where nothing changed.

    >>> changed("whitespace", "x", pl.Series([" a", "b"]), pl.Series(["a", "b"]))
    Repair(code='whitespace', column='x', count=1, values={'before': ' a', 'after': 'a'})
    """
    where = before.ne_missing(after)
    count = int(where.sum())
    if not count:
        return None
    first = where.arg_max() or 0
    return Repair(code, column, count, {"before": before[first], "after": after[first]})


def of_column(name: str, made: Iterable[Repair | None]) -> list[Repair]:
    """Return the repairs that changed something, under the name of their column."""
    return [msgspec.structs.replace(repair, column=name) for repair in made if repair]


def tally(
    code: str, column: str, counts: pl.Series, before: pl.Series, after: pl.Series
) -> Repair | None:
    """Count a repair over distinct values: `counts` has how often each stands in the column."""
    found = changed(code, column, before, after)
    if found is None:
        return None
    count = int(counts.filter(before.ne_missing(after)).sum())
    return Repair(code, column, count, found.values)
