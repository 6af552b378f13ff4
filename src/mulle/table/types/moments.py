"""Moments that the parts of a date stand for: a day that there is, a time of the day, a zone.

A month, a quarter, a half of a year or a week stands for its first day.

source  ISO 8601-1:2019 (weeks, days of the year, 24:00); RFC 2822, 4.3 (zones of North America);
        IEEE Std 1003.1, strptime %y (two digits of a year: 69 to 99 are 19xx)
"""

from __future__ import annotations

import polars as pl

from mulle.table.types.month_names import MONTHS

ZONES = {
    **{"z": 0, "utc": 0, "gmt": 0, "kst": 540, "jst": 540, "cet": 60, "cest": 120},
    **{"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360},
    **{"pst": -480, "pdt": -420},
}
_MAX_ZONE = 14 * 60  # minutes; what is further from UTC is the end of a span, as in 10:00-15:00
ERAS = {"大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_NUMBERS = (
    *("year", "month", "day", "quarter", "half_year", "week", "weekday", "ordinal"),
    *("hour", "minute", "second"),
)
_WORDS = ("name", "era", "half_name", "half", "late", "mark", "part", "zone")


def moments(fields: pl.DataFrame) -> pl.DataFrame:
    """Return the moments of dates in parts, null where there is no such moment.

    Args:
        fields: text by the name of the part (`year`, `month`, `hour`, `zone`, ...), n cells each;
            a part that no cell has may lack.

    Returns:
        `local`, the moments by the clocks of their writers, and `utc`.
    """
    nothing = pl.lit(None, dtype=pl.String)
    lacking = [name for name in (*_NUMBERS, *_WORDS) if name not in fields.columns]
    fields = fields.with_columns(nothing.alias(name) for name in lacking).with_columns(
        pl.col(_NUMBERS).cast(pl.Int32),
        digits=pl.col("year").str.len_chars(),
    )
    local = (_day().cast(pl.Datetime("us")) + _time_of_day()).alias("local")
    zone = _zone_minutes(pl.col("zone"))
    zone = pl.when(zone.abs() <= _MAX_ZONE).then(zone)
    utc = local - pl.duration(minutes=zone.fill_null(0))
    utc = pl.when(pl.col("zone").is_null() | zone.is_not_null()).then(utc)
    return fields.select(local, utc.cast(pl.Datetime("us")).alias("utc"))


def _day() -> pl.Expr:
    """Return the day that the parts of a date stand for, null where there is no such day."""
    year = pl.col("year")
    short = (pl.col("digits") == 2) & pl.col("era").is_null()
    year = (
        pl.when(short).then(year + pl.when(year >= 69).then(1900).otherwise(2000)).otherwise(year)
    )
    era = pl.col("era").replace_strict(ERAS, default=None, return_dtype=pl.Int32)
    year = year + era.fill_null(0)
    year = pl.when(year >= 1).then(year)
    name = pl.col("name").replace_strict(MONTHS, default=None, return_dtype=pl.Int32)
    named = pl.col("name").is_not_null()
    second_half = pl.col("half_name") == "하반기"
    month = pl.coalesce(
        pl.col("month"),
        pl.when(named).then(name.fill_null(0)),
        pl.col("quarter") * 3 - 2,
        pl.col("half_year") * 6 - 5,
        pl.when(second_half).then(7).when(pl.col("half_name").is_not_null()).then(1),
        pl.lit(1),
    )
    month = pl.when(month.is_between(1, 12)).then(month)
    start = pl.date(year, month, 1)
    day = start + pl.duration(days=pl.coalesce("day", pl.lit(1)) - 1)
    same = (day.dt.month() == month) & (pl.coalesce("day", pl.lit(1)) >= 1)
    ordinal = pl.date(year, 1, 1) + pl.duration(days=pl.col("ordinal") - 1)
    in_year = (ordinal.dt.year() == year) & (pl.col("ordinal") >= 1)
    fourth = pl.date(year, 1, 4)
    monday = fourth - pl.duration(days=fourth.dt.weekday().cast(pl.Int32) - 1)
    monday = monday + pl.duration(days=7 * (pl.col("week") - 1))
    in_weeks = (monday.dt.iso_year() == year) & (pl.col("week") >= 1)
    week = monday + pl.duration(days=pl.col("weekday").fill_null(1) - 1)
    return (
        pl.when(pl.col("week").is_not_null())
        .then(pl.when(in_weeks).then(week))
        .when(pl.col("ordinal").is_not_null())
        .then(pl.when(in_year).then(ordinal))
        .otherwise(pl.when(same).then(day))
    )


def _time_of_day() -> pl.Expr:
    """Return the time since midnight; 24:00 is the midnight that ends the day."""
    minute, second = pl.col("minute").fill_null(0), pl.col("second").fill_null(0)
    part = pl.col("part").fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    hour = hour_of_day()
    last = (hour == 24) & (minute + second + part == 0)
    fine = (hour < 24) | last
    fine = fine & (minute < 60) & (second <= 60)
    time = pl.duration(
        hours=hour, minutes=minute, seconds=second, microseconds=part, time_unit="us"
    )
    return pl.when(fine).then(time)


def hour_of_day() -> pl.Expr:
    """Return the hour by the clock of 24 hours from `hour`, `half` and `late`; null for 13 AM."""
    hour = pl.col("hour").fill_null(0)
    half = pl.coalesce("half", "late").str.replace_all(r"[.\s]", "")
    evening = half.is_in(["오후", "pm"]).fill_null(value=False)
    morning = half.is_in(["오전", "am"]).fill_null(value=False)
    return (
        pl.when(evening & (hour < 12))
        .then(hour + 12)
        .when(morning & (hour == 12))
        .then(0)
        .when(morning & (hour > 12))
        .then(None)
        .otherwise(hour)
    )


def _zone_minutes(zone: pl.Expr) -> pl.Expr:
    """Return how many minutes a zone is ahead of UTC, null where it is unknown."""
    sign = pl.when(zone.str.contains("-", literal=True)).then(-1).otherwise(1)
    digits = zone.str.extract(r"[+-](\d{1,2}:?\d{0,2})$").str.replace(":", "", literal=True)
    short = digits.str.len_chars() <= 2
    hours = pl.when(short).then(digits).otherwise(digits.str.head(-2)).cast(pl.Int32, strict=False)
    rest = pl.when(short).then(pl.lit("0")).otherwise(digits.str.tail(2))
    offset = sign * (hours * 60 + rest.cast(pl.Int32, strict=False))
    return pl.coalesce(offset, zone.replace_strict(ZONES, default=None, return_dtype=pl.Int32))
