"""Doubts about dates: two orders, another calendar, no year, zones beside none, seasons, terms."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mulle.table.types.column import EXAMPLES, Doubt
from mulle.table.types.dates import read_dates
from mulle.table.types.month_names import MONTHS
from mulle.table.types.notation import Notation

_SPAN = (1500, 2400)  # years in which a column of dates has its middle
_TERM = r"(?i)^\d{4}\s?[-/]\s?\d$|^(?:\d{4}[\s\-/.]+II?|II?[\s\-/.]+\d{4})$"
_WEEK = r"\d월\s?(?:제\s?)?\d주차?$|\d월\s?(?:첫째|둘째|셋째|넷째|다섯째)\s?주$"
_NAME = "(?i:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_NO_YEAR = (
    rf"^(?:\d{{1,2}}월\s?\d{{1,2}}일|{_NAME}\.?[\s\-]\d{{1,2}}|\d{{1,2}}\.?[\s\-]{_NAME}\.?)$"
)
_NAME_AND_TWO = rf"^{_NAME}\.?[\s\-/.]?(\d\d)$"
_TIMED = r"(?:\d:\d\d|시)"
_ZONED = (
    r"(?i)\d(?::?\d\d)?\s?(?:z|utc|gmt|[a-z]{3}|(?:utc|gmt)?[+-]\d\d(?::?\d\d)?)(?:\s?[\[(].*)?$"
)


def doubt_of_dates(cells: pl.Series, read: pl.Series) -> Doubt | None:
    """Return the doubt of cells that can be read as dates and may mean something else.

    Args:
        cells: n distinct cells.
        read: their moments, null where there is none.
    """
    found = cells.filter(read.is_not_null())
    middle = read.dt.year().median()
    if isinstance(middle, (int, float)) and not _SPAN[0] <= middle <= _SPAN[1]:
        return _doubt("date-calendar", found)
    if found.str.contains(_TERM).all():
        return _doubt("date-or-term", found)
    pairs = found.str.extract_groups(r"^(\d{4})[-/](\d{2})$").struct
    years, next_years = (pairs.field(i).cast(pl.Int32) for i in ("1", "2"))
    if len(found) > 1 and ((years + 1) % 100 == next_years).fill_null(value=False).all():
        return _doubt("date-or-season", found)
    days = found.str.extract(_NAME_AND_TWO).cast(pl.Int32)
    many = days.n_unique() >= 10 or _are_days(days, read)
    if not days.null_count() and many and days.is_between(1, 31).all():
        months = read.drop_nulls().sort().dt.truncate("1mo").dt.epoch("d").diff().drop_nulls()
        if not months.is_between(28, 31).all():
            return _doubt("date-year", found)
    timed = found.filter(found.str.contains(_TIMED))
    zoned = timed.str.contains(_ZONED)
    if zoned.any() and not zoned.all():
        return _doubt("date-zone", pl.concat([timed.filter(zoned).head(1), timed.filter(~zoned)]))
    return None


def _are_days(numbers: pl.Series, read: pl.Series) -> bool:
    """Tell whether rows rise where numbers behind months are days, and not where they are years."""
    if len(read) != len(numbers) or numbers.n_unique() < 3:
        return False
    days = read.dt.month().cast(pl.Int32) * 31 + numbers
    return bool(days.is_sorted() and not read.is_sorted())


def doubt_of_years(cells: pl.Series) -> Doubt | None:
    """Return the doubt of dates that hold no year (5월 3일, 24-Jan), and of weeks of months."""
    some = cells.head(1000)
    if some.str.contains(_WEEK).all():
        return _doubt("date-week", cells)
    if not some.head(1).str.contains(_NO_YEAR).any() or not some.str.contains(_NO_YEAR).all():
        return None
    return _doubt("date-year", cells)


def doubt_of_rest(found: pl.Series, unread: pl.Series) -> Doubt | None:
    """Return the doubt of cells that are no dates or times, in a column of them."""
    if not len(unread):
        return None
    examples = {"read": found.head(1).to_list(), "examples": unread.head(EXAMPLES).to_list()}
    return Doubt("dates-unread", values=examples)


def doubt_of_given(cells: pl.Series) -> Doubt:
    """Return the doubt of dates that cannot be in the order that a person gave."""
    return _doubt("date-order-given", cells)


def doubt_of_order(cells: pl.Series, readings: Sequence[Notation]) -> Doubt:
    """Return the doubt of cells that can be read in several orders, with what one may mean."""
    meant = [read_dates(cells.head(1), reading).dt.strftime("%Y-%m-%d")[0] for reading in readings]
    first, second = [*dict.fromkeys(meant)][:2]
    values = {"example": cells[0], "first": first, "second": second}
    return Doubt("date-order", values=values)


def doubt_of_orders(cells: pl.Series, readings: Sequence[Notation]) -> Doubt:
    """Return the doubt of a column in which some cells put the day first and others the month."""
    reads = [read_dates(cells, reading).is_null() for reading in readings]
    alone = [
        cells.filter(~one & other).head(2).to_list() for one, other in (reads[:2], reads[1::-1])
    ]
    shown = [*alone[0], *alone[1]] or cells.head(EXAMPLES).to_list()
    return Doubt("date-order-mixed", values={"examples": shown})


def _doubt(code: str, cells: pl.Series) -> Doubt:
    return Doubt(code, values={"examples": cells.head(EXAMPLES).to_list()})
