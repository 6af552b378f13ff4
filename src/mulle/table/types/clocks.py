"""Times of the day and spans of time, read as hours: "오전 9:30" is 9.5, "36:15" is 36.25.

A column of them stores numbers (form "clock"). Two numbers with a colon are hours and minutes, or
minutes and seconds: one is the other times 60, so that a column of one sort may be either; a column
of both is asked.

source  ISO 8601-1:2019, 5.3 (times) and 5.5 (durations)
"""

from __future__ import annotations

import msgspec
import polars as pl

from mulle.table.types.column import EXAMPLES, Doubt, Repair
from mulle.table.types.date_doubts import doubt_of_rest
from mulle.table.types.date_parts import HALF, plainly
from mulle.table.types.evidence import Evidence
from mulle.table.types.moments import hour_of_day
from mulle.table.types.notation import Notation
from mulle.table.types.options import ANYTHING, ColumnOptions
from mulle.table.types.tally import tally
from mulle.table.types.text import TEXT

CLOCKS = ("full-width", "clock")
USUAL_CLOCKS = Notation(repairs=(*TEXT, *CLOCKS), form="clock")
_MAX_UNREAD = 0.5  # share of distinct cells that may be no times
_LATE = rf"(?:\s*(?P<late>{HALF}))?"
_EARLY = rf"(?:(?P<half>{HALF})\s*)?"
_FORMS = (
    rf"^{_EARLY}(?P<hour>\d{{1,3}}):(?P<minute>\d\d)(?::(?P<second>\d\d(?:[.,]\d+)?))?{_LATE}$",
    rf"^{_EARLY}(?P<hour>\d{{1,2}})(?:시|時)(?:\s*(?P<minute>\d{{1,2}})분?)?(?:\s*(?P<second>\d{{1,2}})초)?$",
    rf"^(?P<hour>\d{{1,2}})(?:[.:](?P<minute>\d\d))?(?:[.:](?P<second>\d\d))?\s*(?P<late>{HALF})$",
    r"^t?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d(?:[.,]\d+)?)?z?$",
    r"^(?P<hour>\d{1,2})[h.](?P<minute>\d\d)\s?(?:uhr|h)?$",
    r"^(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s?(?:uhr|h|o'clock)$",
)
_SPANS = (
    r"^(?:(?P<day>\d+)\s?(?:d|days?|일)\s*,?\s*)?(?:(?P<hour>\d+)\s?(?:h|hrs?|hours?|시간)\s*)?"
    r"(?:(?P<minute>\d+)\s?(?:m|mins?|minutes?|분)\s*)?"
    r"(?:(?P<second>\d+(?:\.\d+)?)\s?(?:s|secs?|seconds?|초))?$",
    r"^(?P<day>\d+)\s?(?:d|days?|일),?\s\+?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?$",
    r"^p(?:(?P<day>\d+)d)?(?:t(?:(?P<hour>\d+)h)?(?:(?P<minute>\d+)m)?(?:(?P<second>\d+(?:\.\d+)?)s)?)?$",
)
_LOOSE = _FORMS[3]  # 0930 and T093015: only where a person says that they are times
_LOOK = 100  # cells that are looked at first
#: a time rather than a number with a unit: 9시 and 1h 30m, not 9시간 and 9h
_HINT = (
    r"\d:\d\d|\d\s?시(?:$|[^간]|간\s?\d)|\d\s?[ap]\.?\s?m\b|\dh\s?\d|^pt?\d|\d\s?uhr"
    r"|\d\s?o'clock"
)
_MAY = rf"{_HINT}|\d\s?(?:시간|분|초|일|[dmsh]|min|sec|day)"
_FIELDS = ("day", "hour", "minute", "second", "half", "late")


def parse_clocks(
    text: pl.Series, notation: Notation = USUAL_CLOCKS
) -> tuple[pl.Series, list[Repair]]:
    """Read the times of a clean text column as hours, null where there is none.

    >>> parse_clocks(pl.Series(["오전 9:30", "9:30 PM", "36:15", "noon"]))[0].to_list()
    [9.5, 21.5, 36.25, None]
    """
    filled = text.alias("cell").drop_nulls()
    written, times = filled.unique(maintain_order=True), filled.unique_counts()
    hours = _hours(written, notation)
    fine = hours.is_not_null()
    shown = hours.round(4).cast(pl.String)
    made = tally("clock", text.name, times.filter(fine), written.filter(fine), shown.filter(fine))
    read = text.replace_strict(written, hours, default=None, return_dtype=pl.Float64)
    return read.alias(text.name), [made] if made else []


def find_clocks(text: pl.Series, asked: ColumnOptions = ANYTHING) -> Evidence:
    """Find whether distinct, clean cells are times of the day or spans of time.

    Args:
        text: the distinct cells of a column in the order of its rows, none missing.
        asked: what a person has decided about the column.
    """
    if asked.form not in {None, "", "clock"} or (asked.repairs and "clock" not in asked.repairs):
        return Evidence()
    if not len(text) or asked.repairs == ():
        return Evidence()
    repairs = asked.repairs or USUAL_CLOCKS.repairs
    notation = msgspec.structs.replace(USUAL_CLOCKS, repairs=repairs)
    some = plainly(text.gather_every(max(1, len(text) // _LOOK)), notation)
    likely = float(some.str.contains(_MAY).mean() or 0.0)  # type: ignore[arg-type]
    if likely < 0.5 or not some.str.contains(_HINT).any():
        return Evidence()
    read = _hours(text, notation)
    unread, found = text.filter(read.is_null()), text.filter(read.is_not_null())
    if len(unread) >= _MAX_UNREAD * len(text):
        return Evidence()
    given = asked.form == "clock" or asked.kind is not None
    doubt = None if given else _doubt(found, read.drop_nulls())
    if doubt:
        return Evidence((), unread, doubt)
    return Evidence((notation,), unread, doubt_of_rest(found, unread))


def _doubt(cells: pl.Series, hours: pl.Series) -> Doubt | None:
    """Return the doubt of cells that may be ratios, or of two sorts of times in one column."""
    plain = cells.str.contains(r"^\d{1,3}:\d\d$")
    values = {"examples": cells.head(EXAMPLES).to_list()}
    if plain.all() and not cells.str.contains(r"^0\d:").any():
        first = cells.str.extract(r"^(\d+):")
        if first.n_unique() == 1 and len(cells) > 1:
            return Doubt("clock-or-ratio", count=len(cells), values=values)
    thirds = cells.str.contains(r"^\d{1,3}:\d\d:\d\d")
    if plain.any() and thirds.any() and (hours.filter(plain) >= 24).any():
        shown = [*cells.filter(plain).head(2).to_list(), *cells.filter(thirds).head(2).to_list()]
        return Doubt("clock-mixed", count=len(cells), values={"examples": shown})
    return None


def _hours(written: pl.Series, notation: Notation) -> pl.Series:
    """Read distinct cells as hours, null where they are no times."""
    if "clock" not in notation.repairs:
        return pl.Series("hours", [None], dtype=pl.Float64).new_from_index(0, len(written))
    cells = pl.DataFrame({"cell": plainly(written, notation)}).with_columns(
        hours=pl.lit(None, dtype=pl.Float64)
    )
    for pattern in (*_FORMS, *_SPANS):
        if not cells["hours"].null_count():
            break
        parts = pl.col("cell").str.extract_groups(pattern)
        fields = cells.with_columns(parts.alias("p")).unnest("p")
        missing = [name for name in _FIELDS if name not in fields.columns]
        fields = fields.with_columns(
            pl.lit(None, dtype=pl.String).alias(name) for name in missing
        ).with_columns(
            pl.col("day", "hour", "minute").cast(pl.Int32),
            pl.col("second").str.replace(",", ".", literal=True).cast(pl.Float64),
        )
        cells = fields.select("cell", hours=pl.coalesce("hours", _as_hours()))
    return cells["hours"]


def _as_hours() -> pl.Expr:
    """Return the hours of `day`, `hour`, `minute` and `second`, null where there are none."""
    minute, second = pl.col("minute").fill_null(0), pl.col("second").fill_null(0)
    some = pl.any_horizontal(pl.col("day", "hour", "minute", "second").is_not_null())
    halved = pl.col("half").is_not_null() | pl.col("late").is_not_null()
    lone = pl.col("hour").is_null()  # 90 minutes may be written as such
    fine = some & ((minute < 60) | lone) & ((second < 60) | lone)
    fine &= ~halved | (pl.col("hour") <= 24)
    hours = pl.col("day").fill_null(0) * 24 + hour_of_day() + minute / 60 + second / 3600
    return pl.when(fine).then(hours)
