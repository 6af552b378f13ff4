"""Moments that the parts of a date stand for: a day that there is, a time of the day, a zone.

A month, a quarter, a half of a year or a week stands for its first day.

source  ISO 8601-1:2019 (weeks, days of the year, 24:00); RFC 2822, 4.3 (zones of North America);
        IEEE Std 1003.1, strptime %y (two digits of a year: 69 to 99 are 19xx)
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from mulle.table.types.month_names import MONTHS

ZONES = {
    **{"z": 0, "utc": 0, "gmt": 0, "kst": 540, "jst": 540, "cet": 60, "cest": 120},
    **{"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360},
    **{"pst": -480, "pdt": -420},
}
_MAX_ZONE = 14 * 60  # minutes; what is further from UTC is the end of a span, as in 10:00-15:00
ERAS = {"大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_NUMBERS = (
    *("year", "month", "day", "quarter", "half_year", "week", "weekday", "ordinal"),
    *("hour", "minute", "second"),
)
_LAST_CENTURY = 69  # two digits from here on are years 19xx


def moments(fields: pl.DataFrame) -> pl.DataFrame:
    """Return the moments of dates in parts, null where there is no such moment.

    Args:
        fields: text by the name of the part (`year`, `month`, `hour`, `zone`, ...), n cells each;
            a part that no cell has may lack.

    Returns:
        `local`, the moments by the clocks of their writers, and `utc`.
    """
    counts = fields.count().row(0, named=True)
    parts = {name for name, count in counts.items() if count}
    numbers = [name for name in _NUMBERS if name in parts]
    known = fields.with_columns(
        pl.col(numbers).cast(pl.Int32), digits=pl.col("year").str.len_chars()
    )
    known = known.with_columns(_year(parts).alias("year"))
    known = known.with_columns(_month(parts).alias("month"))
    known = known.with_columns(_day(parts).cast(pl.Datetime("us")).alias("local"))
    if "hour" in parts:
        known = known.with_columns(hour_of_day().alias("hour"))
        known = known.with_columns(pl.col("local") + _time_of_day())
    if "zone" not in parts:
        return known.select("local", pl.col("local").alias("utc"))
    known = known.with_columns(_zone_minutes(pl.col("zone")).alias("offset"))
    moved = pl.col("local") - pl.duration(minutes=pl.col("offset").fill_null(0))
    near = pl.col("zone").is_null() | (pl.col("offset").abs() <= _MAX_ZONE)
    return known.select("local", pl.when(near).then(moved).cast(pl.Datetime("us")).alias("utc"))


def _year(parts: Collection[str]) -> pl.Expr:
    """Return years of four digits, of two digits and of eras, null where there is no such year."""
    year, short = pl.col("year"), pl.col("digits") == 2
    if "era" in parts:
        era = pl.col("era").replace_strict(ERAS, default=None, return_dtype=pl.Int32)
        year, short = year + era.fill_null(0), short & era.is_null()
    century = pl.when(pl.col("year") >= _LAST_CENTURY).then(1900).otherwise(2000)
    year = pl.when(short).then(year + century).otherwise(year)
    return pl.when(year >= 1).then(year)


def _month(parts: Collection[str]) -> pl.Expr:
    """Return the month, or the first of a quarter or a half; null where there is none."""
    month = pl.lit(1, dtype=pl.Int32)
    if "month" in parts:
        month = pl.col("month")
    elif "name" in parts:
        month = pl.col("name").replace_strict(MONTHS, default=None, return_dtype=pl.Int32)
    elif "quarter" in parts:
        month = pl.col("quarter") * 3 - 2
    elif "roman" in parts:
        month = pl.col("roman").replace_strict(_ROMAN, default=None, return_dtype=pl.Int32) * 3 - 2
    elif "half_year" in parts:
        month = pl.col("half_year") * 6 - 5
    elif "half_name" in parts:
        month = pl.when(pl.col("half_name") == "하반기").then(7).otherwise(1)
    return pl.when(month.is_between(1, 12)).then(month)


def _day(parts: Collection[str]) -> pl.Expr:
    """Return the day that the parts of a date stand for, null where there is no such day."""
    year, month = pl.col("year"), pl.col("month")
    if "week" in parts:
        fourth = pl.date(year, 1, 4)  # it lies in the first week
        since = fourth.dt.weekday().cast(pl.Int32) - 1 - 7 * (pl.col("week") - 1)
        monday = fourth - pl.duration(days=since)
        fine = (monday.dt.iso_year() == year) & (pl.col("week") >= 1)
        more = pl.col("weekday").fill_null(1) - 1 if "weekday" in parts else pl.lit(0)
        return pl.when(fine).then(monday + pl.duration(days=more))
    if "ordinal" in parts:
        day = pl.date(year, 1, 1) + pl.duration(days=pl.col("ordinal") - 1)
        return pl.when((day.dt.year() == year) & (pl.col("ordinal") >= 1)).then(day)
    if "day" not in parts:
        return pl.date(year, month, 1)
    day = pl.date(year, month, 1) + pl.duration(days=pl.col("day").fill_null(1) - 1)
    return pl.when((day.dt.month() == month) & (pl.col("day").fill_null(1) >= 1)).then(day)


def _time_of_day() -> pl.Expr:
    """Return the time since midnight; 24:00 is the midnight that ends the day."""
    hour = pl.col("hour")
    minute, second = (pl.col(name).cast(pl.Int32).fill_null(0) for name in ("minute", "second"))
    part = pl.col("part").fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    late = (hour == 24) & (minute + second + part == 0)
    fine = ((hour < 24) | late) & (minute < 60) & (second <= 60)
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
