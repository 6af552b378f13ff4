"""Forms of dates: one table of patterns, and the moments that their parts stand for.

A cell is written plainly first (small letters, ASCII digits and marks, no weekday), then parted
into date, time of the day and zone, each of which is read by itself. A month, a quarter or a week
stands for its first moment.

source  ISO 8601-1:2019 (dates, weeks, days of the year); RFC 2822, 4.3 (zones of North America);
        IEEE Std 1003.1, strptime %y (two digits of a year: 69 to 99 are 19xx)
"""

from __future__ import annotations

import polars as pl

from mulle.table.types.month_names import MONTHS, WEEKDAY
from mulle.table.types.notation import Notation

_ZONES = {
    **{"z": 0, "utc": 0, "gmt": 0, "kst": 540, "jst": 540, "cet": 60, "cest": 120},
    **{"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360},
    **{"pst": -480, "pdt": -420},
}
_MAX_ZONE = 14 * 60  # minutes; what is further from UTC is the end of a span, as in 10:00-15:00
_MARKS = {
    **{"年": "년", "月": "월", "日": "일", "時": "시", "时": "시", "分": "분", "秒": "초"},
    **{"午前": "오전", "上午": "오전", "午後": "오후", "下午": "오후", "元年": "1년"},
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("‘’`´", "'"),
    **dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff", ""),
}
_ERAS = {"大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}

HALF = r"오전|오후|[ap]\.?\s?m\.?"
_CLOCK = (
    rf"(?:(?P<half>{HALF})\s*)?(?P<hour>\d{{1,2}})(?:(?P<mark>:|시|h|\.)\s*(?:(?P<minute>\d{{1,2}})"
    r"(?:분|m(?:in)?\b)?(?:[:.\s]?\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?(?:초|s)?)?)?)?"
    rf"\s*(?P<late>{HALF})?"
)
_ZONE = (
    rf"\s*(?P<zone>{'|'.join(_ZONES)}|(?:utc|gmt)?[+-]\d{{1,2}}(?::?\d{{2}})?)"
    r"(?:\s*(?:utc|\[[^\]]*\]?|\([^)]*\)))?"
)
_GAP = r"(?:t|[\s,_]+(?:(?:at|um|à|às|om|kl|klo|alle)\.?\s+)?)"
_WITH_CLOCK = rf"^(?P<date>.+?){_GAP}{_CLOCK}(?:{_ZONE})?$"
_WITH_ZONE = rf"^(?P<date>\d{{4}}-\d\d-\d\d|\d{{8}}|.*일)\s*{_ZONE}$"
_BASIC = (
    r"^(?P<date>\d{8})[t\s_-]?(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})"
    rf"(?:[.,]?(?P<part>\d{{1,9}}))?)?(?:{_ZONE})?$"
)

_S = r"(?:\s*[-/.,:_]\s*|\s+)"
_Y = r"(?P<year>\d{4})"
_AGE = r"(?P<year>(?:1[5-9]|2[0-4])\d{2})"  # of a month or quarter without a day
_YY = r"'?(?P<year>\d{2}|(?:1[5-9]|2[0-4])\d{2})"
_M = r"(?P<month>\d{1,2})"
_D = r"(?P<day>\d{1,2})"
_NAME = r"(?P<name>\p{L}{3,})"
_TH = r"(?:st|nd|rd|th|er|o|a|\.)?"
_OF = r"(?:[\s\-/.,]*(?:de|del|of)\s+|[\s\-/.,]*)"

_ORDERED = {
    "dmy": (rf"^{_D}{_S}{_M}{_S}{_Y}\.?$", rf"^{_D}{_S}{_M}{_S}'?(?P<year>\d{{2}})\.?$"),
    "mdy": (rf"^{_M}{_S}{_D}{_S}{_Y}\.?$", rf"^{_M}{_S}{_D}{_S}'?(?P<year>\d{{2}})\.?$"),
    "ymd": (rf"^(?P<year>\d{{2}}){_S}{_M}{_S}{_D}\.?$",),
}
_DOTTED = rf"^{_D}\.\s?{_M}\.\s?{_Y}\.?$"
ORDER_CODES = {"dmy": "day-first", "mdy": "month-first", "ymd": "short-year"}
_QUARTERS = (
    rf"^{_AGE}[\s.\-/]*q(?P<quarter>[1-4])$",
    rf"^(?:q|t)(?P<quarter>[1-4])[\s\-/.]*{_YY}$",
    rf"^(?P<quarter>[1-4])(?:q|t)[\s\-/.']*{_YY}$",
    rf"^{_YY}년도?\s*제?(?P<quarter>[1-4])(?:/4)?분기$",
    rf"^{_AGE}[\s.\-]\s*(?P<quarter>[1-4])분기$",
    rf"^(?P<quarter>[1-4])(?:st|nd|rd|th)\s(?:quarter|qtr)\.?,?\s(?:of\s)?{_AGE}$",
    rf"^(?P<quarter>[1-4])(?:er|e|eme|ème|º|o|\.)?\s(?:trimestre|quartal)\s(?:de\s)?{_AGE}$",
)
_PERIODS = (
    rf"^{_AGE}\s?[-/]\s?{_M}$",
    rf"^{_M}[-/]{_AGE}$",
    rf"^{_AGE}\.\s+{_M}\.?$",
    rf"^{_AGE}\.{_M}\.$",
    rf"^{_AGE}\s?-?m{_M}$",
    *_QUARTERS,
    rf"^{_AGE}[\s\-]?[hs](?P<half_year>[12])$",
    rf"^[hs](?P<half_year>[12])[\s\-/]*{_YY}$",
    rf"^(?P<half_year>[12])h[\s\-/']*{_YY}$",
    rf"^{_YY}년도?\s*(?P<half_name>상반기|하반기)$",
    rf"^{_AGE}-?w(?P<week>\d{{1,2}})(?:-?(?P<weekday>[1-7]))?$",
    rf"^(?:week|wk|w|kw)\s?(?P<week>\d{{1,2}})[\s\-/,.]+{_AGE}$",
)
_KOREAN = (
    rf"^{_YY}년\s*{_M}월\s*{_D}일?$",
    rf"^{_YY}년도?\s*{_M}월(?:분|중)?$",
    rf"^(?P<era>{'|'.join(_ERAS)})(?P<year>\d{{1,2}})년\s*{_M}월(?:\s*{_D}일)?$",
    rf"^{_YY}[.\-/]\s?{_M}월$",
    rf"^{_YY}\.\s?{_M}\.\s?{_D}일$",
)
_NAMED = (
    rf"^{_D}{_TH}{_OF}{_NAME}{_OF}'?(?P<year>\d{{4}}|\d{{2}})\.?$",
    rf"^{_NAME}[\s\-/.]*{_D}{_TH}(?:\s*,\s*|[\s\-/.]+)'?(?P<year>\d{{4}}|\d{{2}})$",
    rf"^{_Y}[\s\-/.,]*{_NAME}[\s\-/.]*{_D}{_TH}$",
    rf"^{_NAME}{_OF}'?(?P<year>\d{{4}}|\d{{2}})$",
    rf"^{_Y}[\s\-/.,]*{_NAME}\.?$",
)
_SHORT = (rf"^'(?P<year>\d{{2}}){_S}{_M}{_S}{_D}\.?$", rf"^'(?P<year>\d{{2}})\.\s?{_M}\.?월?$")
_DAY = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$"
_DIGITS = (
    rf"^{_AGE}\.?(?P<month>\d{{2}})$",
    r"^(?P<month>\d{2})\.(?P<year>\d{4})$",
    rf"^{_AGE}-(?P<ordinal>\d{{3}})$",
    rf"^{_AGE}$",
)
_SIX = {
    "ymd": r"^(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})$",
    "dmy": r"^(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{2}|\d{4})$",
    "mdy": r"^(?P<month>\d{2})(?P<day>\d{2})(?P<year>\d{2}|\d{4})$",
}
_LOOK = 1000  # cells whose patterns are tried first
_NUMBERS = (
    *("year", "month", "day", "quarter", "half_year", "week", "weekday", "ordinal"),
    *("hour", "minute", "second"),
)
_WORDS = ("name", "era", "half_name", "half", "late", "mark", "part", "zone")


def read_forms(written: pl.Series, notation: Notation) -> pl.DataFrame:
    """Read distinct cells as moments, by the forms that a notation knows.

    Returns:
        For each cell `code`, the repair that reads it ("" for year, month and day in digits);
        `local`, its moment where it was written; `utc`. Null where it is no date.
    """
    cells = pl.DataFrame({"cell": plainly(written, notation)}).with_row_index("at")
    parted = _part(cells, notation)
    found, left = [], parted
    for code, pattern in _likely(parted["date"], _patterns(notation)):
        if not left.height:
            break
        fits = left["date"].str.contains(pattern)
        if fits.any():
            read = _moments(left.filter(fits), pattern, code).filter(pl.col("utc").is_not_null())
            found.append(read)
            left = left.join(read, on="at", how="anti", maintain_order="left")
    read = pl.concat([pl.DataFrame(schema=_SCHEMA), *found])
    return cells.select("at").join(read, on="at", how="left", maintain_order="left").drop("at")


def _likely(dates: pl.Series, patterns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put the patterns that some of the cells match first; without others where all are seen."""
    some = dates.head(_LOOK).alias("x").to_frame()
    asked = [
        pl.col("x").str.contains(one).any().alias(str(i)) for i, (_, one) in enumerate(patterns)
    ]
    seen = some.select(asked).row(0)
    first = [one for one, hit in zip(patterns, seen, strict=True) if hit]
    if len(dates) <= _LOOK:
        return first
    return first + [one for one, hit in zip(patterns, seen, strict=True) if not hit]


def _patterns(notation: Notation) -> list[tuple[str, str]]:
    """List the patterns of a notation with their repairs, the plain ones first."""
    codes, order = {*notation.repairs}, notation.dates
    forms = [("", rf"^{_Y}{_S}{_M}{_S}{_D}\.?$")]
    if order:
        forms += [(ORDER_CODES[order], pattern) for pattern in _ORDERED[order]]
    if order != "mdy":
        forms.append(("day-first", _DOTTED))
    if notation.form == "digits":
        days = (
            (_SIX[order],) if order in {"dmy", "mdy"} else (_DAY, _SIX["ymd"]) if order else (_DAY,)
        )
        forms += [("compact-date", pattern) for pattern in (*days, *_DIGITS)]
    groups = {
        "korean-date": _KOREAN,
        "period": _PERIODS,
        "month-name": _NAMED,
        "short-year": _SHORT,
    }
    return forms + [(code, one) for code, some in groups.items() if code in codes for one in some]


def plainly(text: pl.Series, notation: Notation) -> pl.Series:
    """Write cells in small letters, with ASCII digits and marks and without weekdays."""
    now = text
    if "full-width" in notation.repairs and not now.to_frame("x").select(_ascii).item():
        now = now.str.normalize("NFKC")
    if not now.str.contains(r"[^\d\s:/.,+TZ-]|/4$").any():
        return now.str.to_lowercase()
    now = now.str.to_lowercase().str.replace_many(list(_MARKS), list(_MARKS.values()))
    for pattern, plain in (
        (r"(\d)\s+(년|월|일|시|분|초|q|분기)", "$1$2"),
        (WEEKDAY, " "),
        (r"(일|\))\s*(오전|오후|\d)", "$1 $2"),
        (r"([a-z]{3}[/\- ]?\d{4}):", "$1 "),
        (r"^\[(.*)\]$", "$1"),
        (r"^(\d{4})[\s.\-]\s?([1-4])/4(?:분기)?$", "$1-q$2"),
        (r"\s+", " "),
        (r"^[\s,]+|[\s,]+$", ""),
    ):
        now = now.str.replace_all(pattern, plain)
    return now


_ascii = pl.col("x").str.len_bytes().sum() == pl.col("x").str.len_chars().sum()
_EMPTY = pl.lit(None, dtype=pl.String)
_PARTS = ("date", "half", "hour", "mark", "minute", "second", "part", "late", "zone")
_SCHEMA = {
    "at": pl.get_index_type(),
    "code": pl.String(),
    "local": pl.Datetime("us"),
    "utc": pl.Datetime("us"),
}


def _part(cells: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Part cells into date, time of the day and zone; without a time all is the date."""
    clocked = cells["cell"].str.contains(
        r"\d(?:[:시h]|\s?[ap]\.?\s?m)|오전|오후|\d{8}[t\s_-]?\d{4}|[a-z]$|일|[+-]\d"
    )
    if not clocked.any():
        return cells.with_columns(
            pl.col("cell").alias("date"), *(_EMPTY.alias(name) for name in _PARTS[1:])
        )
    turned = cells.with_columns(
        pl.col("cell")
        .str.replace(
            r"^(\p{L}+\.?\s\d{1,2}),?\s(\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:\s?[ap]m)?)\s"
            r"((?:[a-z]{3,4}\s|[+-]\d{4}\s)?)(\d{4})$",
            "$1 $4 $2 $3",
        )
        .str.replace(
            r"^(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]m)?)[\s,]+(\S.*\d{4}.*|\d{4}\D.*)$",
            "$2 $1",
        )
        .str.strip_chars()
    )
    done = []
    for pattern in (_BASIC, _WITH_CLOCK, _WITH_ZONE):
        parts = turned.with_columns(pl.col("cell").str.extract_groups(pattern).alias("p"))
        parts = parts.unnest("p").with_columns(
            *(_EMPTY.alias(name) for name in _PARTS if f"(?P<{name}>" not in pattern)
        )
        fits = parts["date"].is_not_null()
        if pattern is _WITH_CLOCK:
            fits &= parts.select(_is_clock()).to_series()
        if pattern is _BASIC:
            bare = parts["cell"].str.contains(r"^\d+$")
            fits &= ~bare | (notation.form == "digits")
            dashed = pl.col("date").str.replace(r"^(\d{4})(\d\d)(\d\d)$", "$1-$2-$3")
            parts = parts.with_columns(pl.when(bare).then("date").otherwise(dashed).alias("date"))
        done.append(parts.filter(fits).select("at", "cell", *_PARTS))
        turned = turned.filter(~fits)
    rest = turned.with_columns(
        pl.col("cell").alias("date"), *(_EMPTY.alias(name) for name in _PARTS[1:])
    )
    return pl.concat([*done, rest.select("at", "cell", *_PARTS)])


def _is_clock() -> pl.Expr:
    """Tell a time of the day from other digits: 9:30, 9시, 9 PM, and not 9 or 9.3."""
    halved = pl.col("half").is_not_null() | pl.col("late").is_not_null()
    mark = pl.col("mark")
    return (
        (mark.is_null() & halved)
        | mark.is_in(["시", "h"])
        | ((mark == ":") & pl.col("minute").is_not_null())
        | ((mark == ".") & (pl.col("second").is_not_null() | halved))
    )


def _moments(parted: pl.DataFrame, pattern: str, code: str) -> pl.DataFrame:
    """Read parted cells whose dates match one pattern."""
    fields = parted.with_columns(pl.col("date").str.extract_groups(pattern).alias("d")).unnest("d")
    lacking = [name for name in (*_NUMBERS, *_WORDS) if name not in fields.columns]
    fields = fields.with_columns(_EMPTY.alias(name) for name in lacking).with_columns(
        pl.col(_NUMBERS).cast(pl.Int32),
        digits=pl.col("year").str.len_chars(),
    )
    local = _day().cast(pl.Datetime("us")) + _time_of_day()
    zone = zone_minutes(pl.col("zone"))
    zone = pl.when(zone.abs() <= _MAX_ZONE).then(zone)
    utc = local - pl.duration(minutes=zone.fill_null(0))
    utc = pl.when(pl.col("zone").is_null() | zone.is_not_null()).then(utc)
    return fields.with_columns(local=local).select(
        "at",
        pl.lit(code).alias("code"),
        "local",
        utc.cast(pl.Datetime("us")).alias("utc"),
    )


def _day() -> pl.Expr:
    """Return the day that the parts of a date stand for, null where there is no such day."""
    year = pl.col("year")
    short = (pl.col("digits") == 2) & pl.col("era").is_null()
    year = (
        pl.when(short).then(year + pl.when(year >= 69).then(1900).otherwise(2000)).otherwise(year)
    )
    era = pl.col("era").replace_strict(_ERAS, default=None, return_dtype=pl.Int32)
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


def zone_minutes(zone: pl.Expr) -> pl.Expr:
    """Return how many minutes a zone is ahead of UTC, null where it is unknown."""
    sign = pl.when(zone.str.contains("-", literal=True)).then(-1).otherwise(1)
    digits = zone.str.extract(r"[+-](\d{1,2}:?\d{0,2})$").str.replace(":", "", literal=True)
    short = digits.str.len_chars() <= 2
    hours = pl.when(short).then(digits).otherwise(digits.str.head(-2)).cast(pl.Int32, strict=False)
    rest = pl.when(short).then(pl.lit("0")).otherwise(digits.str.tail(2))
    offset = sign * (hours * 60 + rest.cast(pl.Int32, strict=False))
    return pl.coalesce(offset, zone.replace_strict(_ZONES, default=None, return_dtype=pl.Int32))
