"""Dates written plainly, and parted into date, time of the day and zone.

Plain cells have small letters, ASCII digits and marks, Hangul for the marks of China and Japan, and
no weekday.
"""

from __future__ import annotations

import polars as pl

from mulle.table.types.moments import ZONES
from mulle.table.types.month_names import WEEKDAY
from mulle.table.types.notation import Notation

_MARKS = {
    **{"年": "년", "月": "월", "日": "일", "時": "시", "时": "시", "分": "분", "秒": "초"},
    **{"午前": "오전", "上午": "오전", "午後": "오후", "下午": "오후", "元年": "1년"},
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("‘’`´", "'"),
    **dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff", ""),
}
HALF = r"오전|오후|[ap]\.?\s?m\.?"
_CLOCK = (
    rf"(?:(?P<half>{HALF})\s*)?(?P<hour>\d{{1,2}})(?:(?P<mark>:|시|h|\.)\s*(?:(?P<minute>\d{{1,2}})"
    r"(?:분|m(?:in)?\b)?(?:[:.\s]?\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?(?:초|s)?)?)?)?"
    rf"\s*(?P<late>{HALF})?"
)
_ZONE = (
    rf"\s*(?P<zone>{'|'.join(ZONES)}|(?:utc|gmt)?[+-]\d{{1,2}}(?::?\d{{2}})?)"
    r"(?:\s*(?:utc|\[[^\]]*\]?|\([^)]*\)))?"
)
_GAP = r"(?:t|[\s,_]+(?:(?:at|um|à|às|om|kl|klo|alle)\.?\s+)?)"
_WITH_CLOCK = rf"^(?P<date>.+?){_GAP}{_CLOCK}(?:{_ZONE})?$"
_WITH_ZONE = rf"^(?P<date>\d{{4}}-\d\d-\d\d|\d{{8}}|.*일)\s*{_ZONE}$"
_BASIC = (
    r"^(?P<date>\d{8})[t\s_-]?(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})"
    rf"(?:[.,]?(?P<part>\d{{1,9}}))?)?(?:{_ZONE})?$"
)
_CLOCKED = r"\d(?:[:시h.]|\s?[ap]\.?\s?m)|오전|오후|\d{8}[t\s_-]?\d{4}|[a-z]$|일.|[+-]\d"
_ASCII = pl.col("x").str.len_bytes().sum() == pl.col("x").str.len_chars().sum()
_EMPTY = pl.lit(None, dtype=pl.String)
_PARTS = ("date", "half", "hour", "mark", "minute", "second", "part", "late", "zone")


def plainly(text: pl.Series, notation: Notation) -> pl.Series:
    """Write cells in small letters, with ASCII digits and marks and without weekdays."""
    now = text
    if "full-width" in notation.repairs and not now.to_frame("x").select(_ASCII).item():
        now = now.str.normalize("NFKC")
    if not now.str.contains(r"[^\d\s:/.,+TZ-]|/4$").any():
        return now.str.to_lowercase()
    now = now.str.to_lowercase().str.replace_many(list(_MARKS), list(_MARKS.values()))
    for pattern, plain in (
        (r"(\d)\s+(년|월|일|시|분|초|q|분기)", "$1$2"),
        (r"(\d|분기|월|년)\s?[pe]\)$", "$1"),  # preliminary, estimated
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


def part_cells(cells: pl.DataFrame, *, digits: bool) -> pl.DataFrame:
    """Part plain cells into date, time of the day and zone; without a time all is the date.

    Args:
        cells: `at`, the place of each cell, and `cell`.
        digits: whether bare digits may hold a time (202403011520).
    """
    bare = pl.col("cell").str.contains(r"^\d+$")
    done, left = [], cells.filter(pl.col("cell").str.contains(_CLOCKED))
    done.append(_as_date(cells.join(left, on="at", how="anti", maintain_order="left")))
    for pattern in (_WITH_CLOCK, _BASIC, _WITH_ZONE, _WITH_CLOCK):
        if not left.height:
            break
        parts = left.with_columns(pl.col("cell").str.extract_groups(pattern).alias("p"))
        parts = parts.unnest("p").with_columns(
            _EMPTY.alias(name) for name in _PARTS if f"(?P<{name}>" not in pattern
        )
        fits = pl.col("date").is_not_null()
        if pattern == _WITH_CLOCK:
            fits &= _is_clock()
        if pattern == _BASIC:
            fits &= ~bare | digits
            dashed = pl.col("date").str.replace(r"^(\d{4})(\d\d)(\d\d)$", "$1-$2-$3")
            parts = parts.with_columns(pl.when(bare).then("date").otherwise(dashed).alias("date"))
        parts = parts.filter(fits.fill_null(value=False)).select("at", "cell", *_PARTS)
        done.append(parts)
        left = left.join(parts, on="at", how="anti", maintain_order="left")
        if pattern == _WITH_ZONE:
            left = left.with_columns(_with_time_behind(pl.col("cell")))
    return pl.concat([*done, _as_date(left)])


def _as_date(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.select(
        "at", "cell", pl.col("cell").alias("date"), *(_EMPTY.alias(name) for name in _PARTS[1:])
    )


def _with_time_behind(cell: pl.Expr) -> pl.Expr:
    """Put the time behind the date: "10:30 5 Jan 2024", "Jan 5 10:30:15 KST 2024"."""
    clock = r"(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]m)?)"
    zone = r"((?:[a-z]{3,4}\s|[+-]\d{4}\s)?)"
    inside = cell.str.replace(
        rf"^(\p{{L}}+\.?\s\d{{1,2}}),?\s{clock}\s{zone}(\d{{4}})$", "$1 $4 $2 $3"
    )
    return inside.str.replace(
        rf"^{clock}[\s,]+(\S.*\d{{4}}.*|\d{{4}}\D.*)$", "$2 $1"
    ).str.strip_chars()


def _is_clock() -> pl.Expr:
    """Tell a time of the day from other digits: 9:30, 9시, 9 PM, and not 9 or 9.3."""
    halved = pl.col("half").is_not_null() | pl.col("late").is_not_null()
    mark = pl.col("mark")
    whole = pl.col("date").str.contains(r"\d\D+\d+\D+\d") & (pl.col("minute").str.len_chars() == 2)
    return (
        (mark.is_null() & halved)
        | mark.is_in(["시", "h"])
        | ((mark == ":") & pl.col("minute").is_not_null())
        | ((mark == ".") & (pl.col("second").is_not_null() | halved | whole))
    )
