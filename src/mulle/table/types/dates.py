"""Dates as people, machines and offices write them, read in one notation and stored in UTC.

A column of "03/04/2024" is read one way throughout: the order of day and month is found from all
its cells (`date_evidence`) and kept in its notation. Times with an offset are moved to UTC.
"""

from __future__ import annotations

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

#: microseconds since 1970 of the years 1 to 9999
_MICROS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
#: dates that stand for no date: 0000-00-00, 00/00/0000, 1900-01-00
_ZERO = (
    r"^(?:0000[-/.년]?\s?0?0[-/.월]?\s?0?0[.일]?(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?"
    r"|0?0[-/.]0?0[-/.](?:0000|00|1900)|1900-01-00|0-jan-(?:00|1900)|[-_]{1,4}([/.])[-_]{1,4}[/.][-_]{1,4})$"
)
_ISO = (  # the exact formats that a column of a machine is written in
    (10, "%Y-%m-%d"),
    (19, "%Y-%m-%dT%H:%M:%S"),
    (19, "%Y-%m-%d %H:%M:%S"),
    (20, "%Y-%m-%dT%H:%M:%SZ"),
    (23, "%Y-%m-%dT%H:%M:%S%.3f"),
    (23, "%Y-%m-%d %H:%M:%S%.3f"),
    (24, "%Y-%m-%dT%H:%M:%S%.3fZ"),
    (26, "%Y-%m-%dT%H:%M:%S%.6f"),
    (26, "%Y-%m-%d %H:%M:%S%.6f"),
    (27, "%Y-%m-%dT%H:%M:%S%.6fZ"),
    (25, "%Y-%m-%dT%H:%M:%S%z"),
    (25, "%Y-%m-%d %H:%M:%S%z"),
)


def parse_dates(
    text: pl.Series, notation: Notation = USUAL_DATES
) -> tuple[pl.Series, list[Repair]]:
    """Read the dates of a clean text column in UTC, null where there is none, and list the repairs.

    >>> parse_dates(pl.Series(["2024년 3월 1일 오후 3:20", "2024-02-30"]))[0].to_list()
    [datetime.datetime(2024, 3, 1, 15, 20), None]
    """
    exact = _read_iso(text, notation)
    if exact is not None:
        return exact
    filled = text.alias("cell").drop_nulls()
    written = filled.unique(maintain_order=True)
    times = filled.unique_counts()
    read = read_forms(written, notation)
    moved, local, codes = read["utc"], read["local"], read["code"].fill_null("")
    repairs = [
        _counted(code, text.name, times, written, moved, codes == code)
        for code in _COUNTED
        if (codes == code).any()
    ]
    repairs.append(_counted("timezone", text.name, times, written, moved, moved != local))
    dates = text.replace_strict(written, moved, default=None, return_dtype=pl.Datetime("us"))
    return dates.alias(text.name), [r for r in repairs if r]


def parse_moments(values: pl.Series, notation: Notation) -> pl.Series:
    """Read numbers as moments: seconds since 1970 times `scale`, or days of a spreadsheet.

    Spreadsheets count 1900 as a leap year, so that days before March 1900 are one too many.

    >>> parse_moments(pl.Series([45352.5]), Notation(form="serial")).to_list()
    [datetime.datetime(2024, 3, 1, 12, 0)]
    """
    numbers = values.cast(pl.Float64, strict=False)
    if notation.form == "serial":
        days = numbers.to_frame("x").select(pl.col("x") - 25_569 + (pl.col("x") < 60)).to_series()
        micros = (days * 86_400_000).round() * 1000
    else:
        micros = (numbers * (notation.scale * 1e6)).round()
    micros = micros.to_frame("x").select(pl.when(pl.col("x").is_between(*_MICROS)).then("x"))
    return micros.to_series().cast(pl.Int64).cast(pl.Datetime("us")).alias(values.name)


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
    exact = _read_iso(cells, notation)
    return exact[0] if exact else read_forms(cells, notation)["utc"]


def _read_iso(text: pl.Series, notation: Notation) -> tuple[pl.Series, list[Repair]] | None:
    """Read a column that one exact ISO format reads throughout, by Polars' own parser."""
    length = text.str.len_bytes()
    size = length.max()
    if size is None or size != length.min():
        return None
    head = text.drop_nulls().head(100)
    for width, form in _ISO:
        if width != size or _by_format(head, form).null_count():
            continue
        read = _by_format(text, form)
        if read.null_count() > text.null_count():
            return None
        if "%z" not in form:
            return read.alias(text.name), []
        local = _by_format(text.str.head(19), form[:-2])
        where = (local != read) & text.is_not_null()
        times = pl.Series([1]).new_from_index(0, len(text))
        made = _counted("timezone", text.name, times, text, read, where)
        return read.alias(text.name), [made] if made else []
    return None


def _by_format(text: pl.Series, form: str) -> pl.Series:
    read = text.str.to_datetime(form, strict=False, time_unit="us")
    return read.dt.replace_time_zone(None) if "%z" in form else read


def _counted(
    code: str, column: str, times: pl.Series, before: pl.Series, after: pl.Series, where: pl.Series
) -> Repair | None:
    where = (where & after.is_not_null()).fill_null(value=False)
    shown = after.dt.to_string("iso")
    return tally(code, column, times.filter(where), before.filter(where), shown.filter(where))
