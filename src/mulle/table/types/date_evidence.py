"""What cells say of the order of day, month and year, and whether they are dates at all.

A part beyond 12 decides the order; dots put the day first; a series that rises evenly, or rows
that rise, do under one order alone. What is left open is asked (`date_doubts`).

Some forms are read only where a person calls them dates, because they more often are something
else: days of the year (2024-032), years, days of six digits (240301), seconds since 1970, days of a
spreadsheet. Years that begin in one and end in the next (2021/22) are categories.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec
import polars as pl

from mulle.table.types.date_doubts import (
    doubt_of_dates,
    doubt_of_given,
    doubt_of_order,
    doubt_of_orders,
    doubt_of_rest,
    doubt_of_years,
)
from mulle.table.types.date_forms import read_forms
from mulle.table.types.date_parts import plainly
from mulle.table.types.dates import DATES, is_zero, read_dates
from mulle.table.types.evidence import Evidence
from mulle.table.types.kinds import Kind
from mulle.table.types.month_names import MONTHS
from mulle.table.types.notation import DateOrder, Form, Notation
from mulle.table.types.options import ANYTHING, ColumnOptions
from mulle.table.types.text import TEXT

_MAX_UNREAD = 0.5  # share of distinct cells that may be no dates
_LIKELY: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
_SAMPLE = 1000  # cells from which orders are ruled out first
_RISING = 7  # distinct cells whose order in the rows is no chance
_YEAR_MARKED = r"^['’]\d{2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d"  # '24.01.05
_FEW = 3  # distinct cells from which the years of two digits show which part they are
_LOOK = 100  # cells that are looked at first
_NAMES = "|".join(sorted({name[:3] for name in MONTHS}))
_HINT = (
    r"\d{1,4}['’]?\s?[-/.:_ ]\s?\d{1,2}\s?[-/.:_ ]\s?\d{1,4}"
    rf"|(?:^|[^\p{{L}}])(?:{_NAMES})|\d(?:년|월)|^[qhtws]\d|^\d[qht]|^\d{{4}}\D{{0,3}}[qhmws]\d"
    r"|^(?:kw|week|wk)\s?\d|분기|반기|^\d{4}\s?[-/.]\s?\d{1,2}\.?$|^\d{1,2}[-/.]\d{4}$|\d/4$"
    r"|\d\s?[qhmws]$|^\d{4}[\s\-/.]+i|^i{1,3}v?\W|^\d{4,14}(?:t\d+)?|'\d\d|trimestre|quarter|quartal"
)
#: dates whose parts an order may exchange though they are read without one
_TURNS = r"^\D{0,12}\d{1,2}(?:\.\s?\d{1,2}\.\s?|[-/.\s]*\p{L}{3,}[-/.\s]*)\d{2}(?:\d{2})?(?:\D|$)"
_BARE = r"^\d{4,14}$|^\d{4}\.\d{2}$|^\d{2}\.\d{4}$"
_RANGES = (
    *((19_000_101, 21_001_231), (190_001, 210_012), (1900.01, 2100.12), (1.19, 12.21)),
    *((190_001_010_000, 210_012_312_359), (19_000_101_000_000, 21_001_231_235_959)),
)
_SERIAL = (10_000, 80_000)  # days of a spreadsheet from 1927 to 2119
_EPOCH = 1e8  # seconds since 1970, in 1973
_EPOCHS = ((1e11, 1.0), (1e14, 1e-3), (1e17, 1e-6), (1e20, 1e-9))  # limits and units


def find_dates(text: pl.Series, asked: ColumnOptions = ANYTHING) -> Evidence:
    """Find the notations in which distinct, clean cells are dates.

    Args:
        text: the distinct cells of a column in the order of its rows, none missing.
        asked: what a person has decided about the column.
    """
    repairs = (*TEXT, *DATES) if asked.repairs is None else asked.repairs
    usual = _usual(text, asked, repairs)
    cells = text.filter(~is_zero(text, usual)) if "zero-date" in repairs else text
    if not len(cells) or (asked.kind is None and not _look_like_dates(cells, usual)):
        doubt = doubt_of_years(cells) if asked.kind is None and len(cells) else None
        return Evidence(doubt=doubt)
    if usual.form in {"epoch", "serial"}:
        return Evidence((usual,))
    orders = _orders(cells, usual)
    read = read_dates(cells, _ordered(usual, orders))
    unread = cells.filter(read.is_null())
    if not orders:
        doubt = doubt_of_orders(unread, _with_orders(usual, _LIKELY))
        return Evidence((), unread, doubt, doubted=unread)
    if len(unread) >= _MAX_UNREAD * len(cells):
        return Evidence((), unread, doubt_of_years(cells) if asked.kind is None else None)
    if asked.kind is None and (doubt := doubt_of_dates(cells, read)):
        return Evidence((), unread, doubt)
    if len(orders) == 1:
        decided = orders[0] not in {None, asked.dates}
        doubt = doubt_of_rest(cells.filter(read.is_not_null()), unread)
        reading = _ordered(usual, orders)
        if decided and asked.dates:
            cannot = cells.filter(read_dates(cells, usual).is_null())
            return Evidence((reading,), unread, doubt_of_given(cannot), doubted=cannot)
        return Evidence((reading,), unread, doubt, doubted=unread, speaks=decided)
    return _settled(cells, unread, usual, orders)


def _orders(cells: pl.Series, usual: Notation) -> tuple[DateOrder | None, ...]:
    """Return the orders that cells allow; the one that a person gave where they allow it."""
    if usual.dates is not None:
        own: tuple[DateOrder | None, ...] = (None,)
        if read_dates(cells, usual).null_count():
            own = _orders(cells, _ordered(usual, (None,)))
        return (usual.dates,) if own == (None,) or usual.dates in own else own
    some = cells.gather_every(max(1, len(cells) // _SAMPLE))
    orders = _fitting(some, usual)
    if not orders or len(some) == len(cells):
        return orders
    read = read_dates(cells, _ordered(usual, orders))
    more = _fitting(cells.filter(read.is_null()), usual) if read.null_count() else (None,)
    if more == (None,):
        return orders
    return more if orders == (None,) else tuple(one for one in orders if one in more)


def _ordered(usual: Notation, orders: tuple[DateOrder | None, ...]) -> Notation:
    return msgspec.structs.replace(usual, dates=orders[0]) if orders else usual


def _with_orders(usual: Notation, orders: Iterable[DateOrder | None]) -> list[Notation]:
    return [_ordered(usual, (order,)) for order in orders]


def _look_like_dates(cells: pl.Series, notation: Notation) -> bool:
    """Tell quickly, from some cells, whether it is worth reading all of them."""
    some = plainly(cells.gather_every(max(1, len(cells) // _LOOK)), notation)
    return float(some.str.contains(_HINT).mean() or 0.0) >= 0.5  # type: ignore[arg-type]


def _usual(cells: pl.Series, asked: ColumnOptions, repairs: tuple[str, ...]) -> Notation:
    """Return the notation of cells but for the order of their dates."""
    usual = Notation(repairs=repairs, dates=asked.dates)
    if asked.form in {"", "epoch", "serial"}:
        scale = asked.scale or usual.scale
        return msgspec.structs.replace(usual, form=cast(Form, asked.form), scale=scale)
    if asked.kind is Kind.datetime and asked.form is None:
        form, scale = _given_form(cells)
        return msgspec.structs.replace(usual, form=form, scale=scale)
    bare = cells.str.contains(_BARE)
    digits = asked.form == "digits" or (bare.any() and are_digit_dates(cells.filter(bare)))
    return msgspec.structs.replace(usual, form="digits" if digits else "")


def _given_form(cells: pl.Series) -> tuple[Form, float]:
    """Return the form and the scale of cells that a person calls dates."""
    numbers = cells.cast(pl.Float64, strict=False)
    if not len(cells) or numbers.null_count():
        return "digits", 1.0
    years = read_forms(cells, Notation(form="digits", repairs=DATES))["utc"].dt.year()
    if not years.null_count() and years.is_between(1800, 2200).all():
        return "digits", 1.0
    least, most = numbers.abs().min(), numbers.abs().max()
    if isinstance(least, float) and isinstance(most, float):
        if least >= _SERIAL[0] and most <= _SERIAL[1]:
            return "serial", 1.0
        for limit, scale in _EPOCHS:
            if _EPOCH <= most < limit:
                return "epoch", scale
    return "digits", 1.0


def may_be_digits(values: pl.Series) -> bool:
    """Tell from the least and the most of numbers whether they may be days or months."""
    low, high = values.min(), values.max()
    if low == 0:
        low = values.filter(values != 0).min()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or low == high:
        return False
    high = low if high == 99_991_231 else high
    return any(first <= low and high <= last for first, last in _RANGES)


def are_digit_dates(cells: pl.Series) -> bool:
    """Tell whether bare digits are all days or months: 20240301, 202403, 2024.03."""
    size = cells.str.len_chars()
    if size.min() != size.max():
        return False
    read = read_forms(cells, Notation(form="digits", repairs=DATES))["utc"]
    if read.null_count() or read.n_unique() < 2:
        return False
    years = read.dt.year()
    far = years.filter(years != 9999)
    if not far.is_between(1900, 2100).all():
        return False
    return size.max() in (8, 12, 14) or _are_months(cells, read)


def _are_months(cells: pl.Series, read: pl.Series) -> bool:
    """Tell a run of months from numbers that look like months by chance."""
    if cells.str.len_chars().max() not in (6, 7):
        return False
    dotted = cells.str.contains(".", literal=True)
    if dotted.any() and not dotted.all():
        return False
    months = read.dt.year().cast(pl.Int32) * 12 + read.dt.month()
    span = int(months.max()) - int(months.min()) + 1  # type: ignore[arg-type]
    distinct = months.n_unique()
    return distinct >= 3 and (distinct >= span / 2 or read.dt.year().n_unique() > 1)


def _fitting(cells: pl.Series, usual: Notation) -> tuple[DateOrder | None, ...]:
    """Return the orders that read all cells that are dates; those that read them alike are one.

    None stands for cells whose meaning depends on no order; nothing is returned where some cells
    speak for one order and others for another.
    """
    read = read_dates(cells, usual)
    turning = cells.filter(read.is_null() | cells.str.contains(_TURNS))
    if not len(turning):
        return (None,)
    reads = {order: read_dates(turning, _ordered(usual, (order,))) for order in _LIKELY}
    if turning.str.contains(_YEAR_MARKED).any() and not reads["ymd"].null_count():
        return ("ymd",)
    table = pl.DataFrame({order: read.is_not_null() for order, read in reads.items()})
    some = table.select(pl.any_horizontal(pl.all())).to_series()
    if not some.any() or turning.filter(some).str.contains(r"\p{L}{3,}").all():
        usual_read = read_dates(turning, usual)
        if not some.any() or usual_read.filter(some).null_count() == 0:
            return (None,)
    fits: list[DateOrder] = []
    for order in _LIKELY:
        new = not any(reads[order].equals(reads[other], null_equal=True) for other in fits)
        if new and (table[order] | ~some).all():
            fits.append(order)
    return tuple(fits)


def _settled(
    cells: pl.Series, unread: pl.Series, usual: Notation, orders: tuple[DateOrder | None, ...]
) -> Evidence:
    """Return the evidence of a column whose cells can be read in several orders."""
    reads = {order: read_dates(cells, _ordered(usual, (order,))) for order in orders if order}
    first, *others = reads.values()
    turns = pl.DataFrame([first.ne_missing(other).alias(str(i)) for i, other in enumerate(others)])
    turning = turns.select(pl.any_horizontal(pl.all())).to_series()
    dotted = "dmy" in reads and _dotted(cells.filter(turning))
    order = "dmy" if dotted else _running(reads)
    if order is not None:
        return Evidence((_ordered(usual, (order,)),), unread, speaks=not dotted)
    readings = tuple(_with_orders(usual, orders))
    doubted = cells.filter(turning)
    return Evidence(readings, unread, doubt_of_order(doubted, readings), doubted=doubted)


def _dotted(cells: pl.Series) -> bool:
    return bool(cells.str.contains(r"^\D*\d{1,2}\.\s?\d{1,2}\.\s?\d{4}").all())


def _running(reads: dict[DateOrder, pl.Series]) -> DateOrder | None:
    """Return the order that the run of the rows, or the years, speak for."""
    moments = {order: read.drop_nulls() for order, read in reads.items()}
    for test in (_is_even, _is_rising):
        holds = [order for order, read in moments.items() if test(read)]
        if len(holds) == 1:
            return holds[0]
    spans = {
        order: int(read.dt.year().max()) - int(read.dt.year().min())  # type: ignore[arg-type]
        for order, read in moments.items()
    }
    best = min(spans, key=spans.__getitem__)
    others = [span for order, span in spans.items() if order != best]
    if len(moments[best]) >= _FEW and min(others) > 4 * (spans[best] + 1):
        return best
    return None


def _is_even(read: pl.Series) -> bool:
    """Tell whether distinct moments follow each other in equal steps of days or of months."""
    days = read.sort()
    if len(days) < 3:
        return False
    steps = days.diff().drop_nulls()
    if steps.n_unique() == 1:
        return True
    months = (days.dt.year().cast(pl.Int32) * 12 + days.dt.month()).diff().drop_nulls()
    return months.n_unique() == 1 and days.dt.day().n_unique() == 1


def _is_rising(read: pl.Series) -> bool:
    """Tell whether the rows of a table follow its moments, forwards or backwards."""
    return len(read) >= _RISING and (read.is_sorted() or read.is_sorted(descending=True))
