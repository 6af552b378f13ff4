"""Forms of dates: one table of patterns, each with the repair that reads it.

The patterns are of plain cells (`date_parts`), without time and zone; `moments` says what their
parts stand for.

source  ISO 8601-1:2019 (dates, weeks, days of the year)
"""

from __future__ import annotations

import polars as pl

from mulle.table.types.date_parts import part_cells, plainly
from mulle.table.types.moments import ERAS, moments
from mulle.table.types.notation import Notation

_S = r"(?:\s*[-/.,:_]\s*|\s+)"
_T = r"\s?[-/.]\s?"
_Y = r"(?P<year>\d{4})"
_AGE = r"(?P<year>(?:1[5-9]|2[0-4])\d{2})"  # of a month or quarter without a day
_YY = r"'?(?P<year>\d{2}|(?:1[5-9]|2[0-4])\d{2})"
_M = r"(?P<month>\d{1,2})"
_D = r"(?P<day>\d{1,2})"
_NAME = r"(?P<name>\p{L}{3,})"
_TH = r"(?:st|nd|rd|th|er|o|a|\.)?"
_OF = r"(?:[\s\-/.,]*(?:de|del|of)\s+|[\s\-/.,]*)"

_ORDERED = {
    "dmy": (
        rf"^{_D}(?:{_T}|\s){_M}(?:{_T}|\s){_Y}\.?$",
        rf"^{_D}{_T}{_M}{_T}'?(?P<year>\d{{2}})\.?$",
    ),
    "mdy": (
        rf"^{_M}(?:{_T}|\s){_D}(?:{_T}|\s){_Y}\.?$",
        rf"^{_M}{_T}{_D}{_T}'?(?P<year>\d{{2}})\.?$",
    ),
    "ymd": (rf"^(?P<year>\d{{2}}){_T}{_M}{_T}{_D}\.?$",),
}
_DOTTED = rf"^{_D}\.\s?{_M}\.\s?{_Y}\.?$"
ORDER_CODES = {"dmy": "day-first", "mdy": "month-first", "ymd": "short-year"}
_QUARTERS = (
    rf"^{_AGE}[\s.\-/]*q(?P<quarter>[1-4])$",
    rf"^(?:q|t)(?P<quarter>[1-4])[\s\-/.]*{_YY}$",
    rf"^(?P<quarter>[1-4])(?:q|t)[\s\-/.']*{_YY}$",
    rf"^{_YY}년도?\s*제?(?P<quarter>[1-4])(?:/4)?분기$",
    rf"^{_AGE}[\s.\-]\s*(?P<quarter>[1-4])분기$",
    rf"^{_YY}[.\-/]\s?(?P<quarter>[1-4])q$",
    rf"^{_AGE}[\s\-/.]+(?P<roman>i{{1,3}}|iv)(?:\s?(?:кв|kw)\.?)?$",
    rf"^(?P<roman>i{{1,3}}|iv)(?:\s?(?:кв|kw)\.?)?[\s\-/.]+{_AGE}$",
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
    rf"^(?P<era>{'|'.join(ERAS)})(?P<year>\d{{1,2}})년\s*{_M}월(?:\s*{_D}일)?$",
    rf"^{_YY}[.\-/]\s?{_M}월$",
    rf"^{_YY}\.\s?{_M}\.\s?{_D}일$",
)
_NAMED = (
    rf"^{_D}{_TH}{_OF}{_NAME}{_OF}'?(?P<year>\d{{4}}|\d{{2}})(?:\s?(?:г|года|r))?\.?$",
    rf"^{_NAME}[\s\-/.]*{_D}{_TH}(?:\s*,\s*|[\s\-/.]+)'?(?P<year>\d{{4}}|\d{{2}})$",
    rf"^{_Y}[\s\-/.,]*{_NAME}[\s\-/.]*{_D}{_TH}$",
    rf"^{_NAME}{_OF}'?(?P<year>\d{{4}}|\d{{2}})$",
    rf"^{_Y}[\s\-/.,]*{_NAME}\.?$",
)
_SHORT = (rf"^'(?P<year>\d{{2}}){_S}{_M}{_S}{_D}\.?$", rf"^'(?P<year>\d{{2}})\.\s?{_M}\.?월?$")
_DAY = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$"
_DIGITS = (
    r"^(?P<year>(?:1[89]|20|21)\d{2})\.?(?P<month>\d{2})$",
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
_SCHEMA = {
    "at": pl.get_index_type(),
    "code": pl.String(),
    "local": pl.Datetime("us"),
    "utc": pl.Datetime("us"),
}


def read_forms(written: pl.Series, notation: Notation) -> pl.DataFrame:
    """Read distinct cells as moments, by the forms that a notation knows.

    Returns:
        For each cell `code`, the repair that reads it ("" for year, month and day in digits);
        `local`, its moment where it was written; `utc`. Null where it is no date.
    """
    cells = pl.DataFrame({"cell": plainly(written, notation)}).with_row_index("at")
    parted = part_cells(cells, digits=notation.form == "digits")
    found, left = [], parted
    for code, pattern in _likely(parted["date"], _patterns(notation)):
        if not left.height:
            break
        fits = left["date"].str.contains(pattern)
        if fits.any():
            read = _read_form(left.filter(fits), pattern, code)
            found.append(read)
            left = left.join(read, on="at", how="anti", maintain_order="left")
    read = pl.concat([pl.DataFrame(schema=_SCHEMA), *found])
    return cells.select("at").join(read, on="at", how="left", maintain_order="left").drop("at")


def _read_form(parted: pl.DataFrame, pattern: str, code: str) -> pl.DataFrame:
    """Read parted cells whose dates match one pattern; those that are no dates are left out."""
    parts = pl.col("date").str.extract_groups(pattern).alias("parts")
    fields = parted.with_columns(parts).unnest("parts")
    read = fields.select("at", pl.lit(code).alias("code"))
    return read.hstack(moments(fields)).filter(pl.col("utc").is_not_null())


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
