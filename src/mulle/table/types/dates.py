"""Dates as people write them: ISO, slashes, "2024년 3월 1일 오후 3시 20분"; stored in UTC.

A column of "03/04/2024" is read one way throughout: `day-first` or `month-first`, decided once
from all its values and kept in the schema. Times with an offset are moved to UTC.
"""

from __future__ import annotations

import polars as pl

from mulle.table.types.column import Repair
from mulle.table.types.evidence import Evidence
from mulle.table.types.notation import DateOrder, Notation
from mulle.table.types.number_evidence import MAX_UNREAD
from mulle.table.types.options import ANYTHING, ColumnOptions
from mulle.table.types.tally import tally
from mulle.table.types.text import TEXT

DATES = ("full-width", "korean-date", "timezone")

_CLOCK = (
    r"(?:[T\s]+(?:(?P<half>오전|오후|AM|PM|am|pm)\s*)?(?P<hour>\d{1,2})(?::|시)\s*"
    r"(?:(?P<minute>\d{1,2})분?)?(?:(?::|\s*)(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?초?)?"
    r"(?:\s*(?P<late>AM|PM|am|pm))?)?"
)
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|KST|[+-]\d{2}(?::?\d{2})?)?$"
_YMD = r"^(?P<year>\d{4})[-/.]\s?(?P<month>\d{1,2})[-/.]\s?(?P<day>\d{1,2})\.?" + _CLOCK + _ZONE
_KOREAN = (
    r"^(?P<year>\d{4})\s*년\s*(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일"
    r"(?:\s*\(?[월화수목금토일](?:요일)?\)?)?" + _CLOCK + _ZONE
)
_COMPACT = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _CLOCK + _ZONE
_MDY = r"^(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + _ZONE
_DMY = r"^(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK + _ZONE
_EITHER = r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}\b"
_EXTRA = {"compact-date": _COMPACT, "month-first": _MDY, "day-first": _DMY, "korean-date": _KOREAN}
USUAL_DATES = Notation(repairs=DATES)
_ORDER_CODES = {"dmy": "day-first", "mdy": "month-first"}
_WIDE = {chr(0xFF10 + i): str(i) for i in range(10)}


def parse_dates(
    text: pl.Series, notation: Notation = USUAL_DATES
) -> tuple[pl.Series, list[Repair]]:
    """Read the dates of a clean text column in UTC, null where there is none, and list the repairs.

    >>> parse_dates(pl.Series(["2024년 3월 1일 오후 3:20", "2024-02-30"]))[0].to_list()
    [datetime.datetime(2024, 3, 1, 15, 20), None]
    """
    seen = text.drop_nulls().value_counts(name="times").sort("times", descending=True)
    written, times = seen.to_series(0), seen["times"]
    plain = written
    codes = {*notation.repairs}
    if notation.form == "digits":
        codes.add("compact-date")
    if notation.dates in _ORDER_CODES:
        codes.add(_ORDER_CODES[notation.dates])
    if "full-width" in codes:
        plain = written.str.replace_many(list(_WIDE), list(_WIDE.values()))
    local, zone = _read(plain, _YMD)
    repairs = []
    for code, pattern in _EXTRA.items():
        if code in codes and local.null_count():
            more, its_zone = _read(plain, pattern)
            repairs.append(_counted(code, text.name, times, written, more, local.is_null()))
            zone = zone.zip_with(local.is_not_null(), its_zone)
            local = local.zip_with(local.is_not_null(), more)
    moved = (local - zone).alias("utc")
    if "timezone" in codes:
        repairs.append(_counted("timezone", text.name, times, written, moved, moved != local))
    dates = text.replace_strict(written, moved, default=None, return_dtype=pl.Datetime("us"))
    return dates.alias(text.name), [r for r in repairs if r]


def find_dates(text: pl.Series, asked: ColumnOptions = ANYTHING) -> Evidence:
    """Find the notations in which distinct, clean cells are dates.

    Args:
        text: the distinct cells of a column, the most frequent first, none missing.
        asked: what a person has decided about the column.
    """
    repairs = (*TEXT, *DATES) if asked.repairs is None else asked.repairs
    notation = Notation(repairs=repairs, dates=asked.dates or order_of(text))
    read, _ = parse_dates(text, notation)
    if read.null_count() > MAX_UNREAD * len(text):
        return Evidence()
    return Evidence((notation,), text.filter(read.is_null()))


def order_of(text: pl.Series) -> DateOrder | None:
    """Tell whether dates like 03/04/2024 put the day or the month first; None without such dates.

    >>> order_of(pl.Series(["03/04/2024", "13/04/2024"]))
    'dmy'
    """
    groups = text.alias("x").drop_nulls().str.extract_groups(_EITHER).struct
    first, second = (groups.field(str(i)).cast(pl.Int32) for i in (1, 2))
    if first.null_count() == len(first):
        return None
    return "dmy" if (first > 12).sum() > (second > 12).sum() else "mdy"


def _counted(
    code: str, column: str, times: pl.Series, before: pl.Series, after: pl.Series, where: pl.Series
) -> Repair | None:
    where = (where & after.is_not_null()).fill_null(value=False)
    shown = after.dt.to_string("iso")
    return tally(code, column, times.filter(where), before.filter(where), shown.filter(where))


def _read(text: pl.Series, pattern: str) -> tuple[pl.Series, pl.Series]:
    """Read local times, and how far they are ahead of UTC, of the texts that match."""
    parts = text.str.extract_groups(pattern).struct.unnest()
    padded = {
        name: pl.col(name).fill_null("0").str.zfill(width)
        for name, width in (("month", 2), ("day", 2), ("minute", 2), ("second", 2))
    }
    half = pl.coalesce("half", "late").str.to_lowercase()
    hour = pl.col("hour").fill_null("0").cast(pl.Int32)
    evening = half.is_in(["오후", "pm"]).fill_null(value=False)
    morning = half.is_in(["오전", "am"]).fill_null(value=False)
    hour = (
        pl.when(evening & (hour < 12))
        .then(hour + 12)
        .when(morning & (hour == 12))
        .then(0)
        .otherwise(hour)
    )
    iso = pl.format(
        "{}-{}-{}T{}:{}:{}.{}",
        pl.col("year"),
        padded["month"],
        padded["day"],
        hour.cast(pl.String).str.zfill(2),
        padded["minute"],
        padded["second"],
        pl.col("part").fill_null("0").str.pad_end(6, "0").str.slice(0, 6),
    )
    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    digits = pl.col("zone").str.replace("KST", "+0900").str.replace_all(r"[^\d]", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    made = parts.select(
        local=iso.str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", strict=False, time_unit="us"),
        zone=pl.duration(minutes=sign * (hours * 60 + minutes), time_unit="us"),
    )
    return made["local"], made["zone"]
