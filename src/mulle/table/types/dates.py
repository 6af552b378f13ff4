"""Dates as people, machines and offices write them, read in one notation and stored in UTC.

A column of "03/04/2024" is read one way throughout: the order of day and month is found from all
its cells (`date_evidence`) and kept in its notation. Times with an offset are moved to UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
import polars as pl

from mulle.table.types.column import Repair
from mulle.table.types.date_forms import ORDER_CODES, read_forms
from mulle.table.types.notation import Notation
from mulle.table.types.tally import changed, tally

DATES = (
    *("full-width", "korean-date", "month-name", "period", "short-year", "zero-date"),
    "timezone",
)
_COUNTED = tuple(dict.fromkeys((*ORDER_CODES.values(), "compact-date", *DATES)))
USUAL_DATES = Notation(repairs=DATES)

SERIAL_EPOCH = 25_569  # the day of a spreadsheet that is 1970-01-01
LEAP_YEAR_1900 = 60  # its day 1900-02-29, which there never was
DAY_MILLIS = 86_400_000
_FIRST = datetime(1000, 1, 1)
#: microseconds since 1970 of the years 1 to 9999
_MICROS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
#: dates that stand for no date: 0000-00-00, 00/00/0000, 1900-01-00
_ZERO = (
    r"^(?:0000[-/.년]?\s?0?0[-/.월]?\s?0?0[.일]?(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?"
    r"|0?0[-/.]0?0[-/.](?:0000|00|1900)|1900-01-00|0-jan-(?:00|1900)|[-_]{1,4}([/.])[-_]{1,4}[/.][-_]{1,4})$"
)
_ISO = tuple(
    f"%Y-%m-%d{time}"
    for time in (
        *("", "T%H:%M:%S", " %H:%M:%S", "T%H:%M:%SZ", "T%H:%M:%S%.3f", " %H:%M:%S%.3f", " %H:%M"),
        *("T%H:%M:%S%.3fZ", "T%H:%M:%S%.6f", " %H:%M:%S%.6f", "T%H:%M:%S%.6fZ", "T%H:%M"),
        *("T%H:%M:%S%z", " %H:%M:%S%z"),
    )
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
#: formats that Polars' own parser reads much faster than any pattern, by what they hold
_EXACT = {
    "iso": _ISO + tuple(f"%Y{mark}%m{mark}%d{time}" for mark in "/." for time in _TIMES),
    "dmy": tuple(f"%d{mark}%m{mark}%Y{time}" for mark in "/.-" for time in _TIMES),
    "named": tuple(
        f"{day}{time}" for day in ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d%b%Y") for time in _TIMES
    ),
    "korean": tuple(f"%Y년 %m월 %d일{time}" for time in _TIMES),
    "mdy": tuple(f"%m{mark}%d{mark}%Y{time}" for mark in "/.-" for time in _TIMES),
}
_FIELD = re.compile(r"%(?:\.[36])?[A-Za-z]")
_LOOK = 100  # cells that show which exact format a column has


def parse_dates(
    text: pl.Series, notation: Notation = USUAL_DATES
) -> tuple[pl.Series, list[Repair]]:
    """Read the dates of a clean text column in UTC, null where there is none, and list the repairs.

    >>> parse_dates(pl.Series(["2024년 3월 1일 오후 3:20", "2024-02-30"]))[0].to_list()
    [datetime.datetime(2024, 3, 1, 15, 20), None]
    """
    exact, made = _read_exact(text, notation)
    left = text if exact is None else text.filter(text.is_not_null() & exact.is_null())
    if exact is not None and not len(left):
        return exact, made
    filled = left.alias("cell").drop_nulls()
    written = filled.unique(maintain_order=True)
    times = filled.unique_counts()
    read = read_forms(written, notation)
    moved, local, codes = read["utc"], read["local"], read["code"].fill_null("")
    found = [
        _counted(code, text.name, times, written, moved, codes == code)
        for code in _COUNTED
        if (codes == code).any()
    ]
    found.append(_counted("timezone", text.name, times, written, moved, moved != local))
    dates = text.replace_strict(written, moved, default=None, return_dtype=pl.Datetime("us"))
    if exact is not None:
        dates = exact.zip_with(exact.is_not_null(), dates)
    return dates.alias(text.name), _added([*made, *found])


def parse_moments(values: pl.Series, notation: Notation) -> pl.Series:
    """Read numbers as moments: seconds since 1970 times `scale`, or days of a spreadsheet.

    Spreadsheets count 1900 as a leap year, so that days before March 1900 are one too many.

    >>> parse_moments(pl.Series([45352.5]), Notation(form="serial")).to_list()
    [datetime.datetime(2024, 3, 1, 12, 0)]
    """
    numbers = values.cast(pl.Float64, strict=False)
    if notation.form == "serial":
        day = pl.col("x") - SERIAL_EPOCH + (pl.col("x") < LEAP_YEAR_1900)
        days = numbers.to_frame("x").select(day).to_series()
        micros = (days * DAY_MILLIS).round() * 1000
    else:
        micros = (numbers * (notation.scale * 1e6)).round()
    held = micros.to_frame("x").select(pl.when(pl.col("x").is_between(*_MICROS)).then("x"))
    return held.to_series().cast(pl.Int64).cast(pl.Datetime("us")).alias(values.name)


def without_zeros(
    values: pl.Series, notation: Notation = USUAL_DATES
) -> tuple[pl.Series, list[Repair]]:
    """Take dates of zeros (0000-00-00, 00/00/0000, 1900-01-00) for missing, and list them.

    >>> without_zeros(pl.Series(["2024-03-01", "0000-00-00"]))[0].to_list()
    ['2024-03-01', None]
    """
    if "zero-date" not in notation.repairs:
        return values, []
    if values.dtype == pl.String:
        zero = is_zero(values, notation)
    elif values.dtype.is_numeric() and notation.form == "digits":
        zero = (values == 0).fill_null(value=False)
    else:
        return values, []
    if not zero.any():
        return values, []
    kept = values.to_frame("x").select(pl.when(~zero).then("x")).to_series().alias(values.name)
    made = changed("zero-date", values.name, values.cast(pl.String), kept.cast(pl.String))
    return kept, [made] if made else []


def is_zero(text: pl.Series, notation: Notation = USUAL_DATES) -> pl.Series:
    """Tell which cells are dates of zeros, and so no dates."""
    zero = rf"{_ZERO}|^0+$" if notation.form == "digits" else _ZERO
    return text.str.contains(f"(?i){zero}").fill_null(value=False)


def read_dates(cells: pl.Series, notation: Notation) -> pl.Series:
    """Read distinct cells in UTC, null where one is no date."""
    exact, _ = _read_exact(cells, notation)
    if exact is None:
        return read_forms(cells, notation)["utc"]
    if not exact.null_count():
        return exact
    rest = exact.is_null()
    more = read_forms(cells.filter(rest), notation)["utc"]
    return exact.scatter(rest.arg_true(), more)


def _read_exact(text: pl.Series, notation: Notation) -> tuple[pl.Series | None, list[Repair]]:
    """Read what one exact format reads by Polars' own parser; None where the first cells differ."""
    head = text.drop_nulls().head(_LOOK)
    for code, form in _formats(head, notation):
        if not _may_fit(head[0], form) or _by_format(head.head(1), form).null_count():
            continue
        read = _by_format(head, form)
        if read.null_count():
            continue
        if len(head) < len(text):
            read = _by_format(text, form)
        made = []
        if "%z" in form:
            local = _by_format(text.str.replace(r"[+-]\d\d:?\d\d$", ""), form[:-2])
            made.append(_first("timezone", text, read, read != local))
        if code:
            made.append(_first(code, text, read, read.is_not_null()))
        return read.alias(text.name), [repair for repair in made if repair]
    return None, []


def _may_fit(cell: str, form: str) -> bool:
    """Tell quickly whether a cell has the marks of a format, blanks aside."""
    marks = {*_FIELD.sub("", form)} - {" "}
    return all(mark in cell for mark in marks) and (":" in cell) == (":" in marks)


def _first(code: str, text: pl.Series, read: pl.Series, where: pl.Series) -> Repair | None:
    """Count a repair of many cells, each of which it changes, and show the first of them."""
    where = (where & read.is_not_null()).fill_null(value=False)
    count = int(where.sum())
    if not count:
        return None
    at = where.arg_max() or 0
    shown = read[at : at + 1].dt.to_string("iso")[0]
    return Repair(code, text.name, count, {"before": text[at], "after": shown})


def _formats(head: pl.Series, notation: Notation) -> list[tuple[str, str]]:
    """List the exact formats that cells may have, with the repairs that they are."""
    if not len(head):
        return []
    found = [("", form) for form in _EXACT["iso"]]
    order = notation.dates
    if order in _EXACT:
        found += [(ORDER_CODES[order], form) for form in _EXACT[order]]
    if "month-name" in notation.repairs and head.str.contains(r"[A-Za-z]{3}").all():
        found += [("month-name", form) for form in _EXACT["named"]]
    if "korean-date" in notation.repairs and head.str.contains("년", literal=True).all():
        found += [("korean-date", form) for form in _EXACT["korean"]]
    return found


def _by_format(text: pl.Series, form: str) -> pl.Series:
    """Read text by an exact format; years of fewer than four digits are none."""
    read = text.str.to_datetime(form, strict=False, time_unit="us")
    read = read.dt.replace_time_zone(None) if "%z" in form else read
    early = (read < _FIRST).fill_null(value=False)
    return read.zip_with(~early, read.clear(len(read))) if early.any() else read


def _added(made: Iterable[Repair | None]) -> list[Repair]:
    """Add up the counts of repairs of one code."""
    whole: dict[str, Repair] = {}
    for repair in made:
        if repair and (known := whole.get(repair.code)):
            whole[repair.code] = msgspec.structs.replace(known, count=known.count + repair.count)
        elif repair:
            whole[repair.code] = repair
    return [*whole.values()]


def _counted(
    code: str, column: str, times: pl.Series, before: pl.Series, after: pl.Series, where: pl.Series
) -> Repair | None:
    where = (where & after.is_not_null()).fill_null(value=False)
    if not where.any():
        return None
    shown = after.filter(where).dt.to_string("iso")
    return tally(code, column, times.filter(where), before.filter(where), shown)
