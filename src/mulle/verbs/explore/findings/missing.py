"""Findings about values that are missing, or stand there in disguise.

catalogue  eda-missing
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from mulle.table.types import MISSING, NONE_WORDS
from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_enough, has_numbers, has_rows
from mulle.verbs.explore.summaries import CategorySummary, NumberSummary

MANY, MOST = 0.2, 0.5
TOGETHER_ROWS, TOGETHER_SHARE = 10, 0.01
ZEROS, ZEROS_GAP = 0.05, 0.2
SENTINELS = frozenset(
    {-1.0, *(s * v for v in (99, 999, 9999, 99999, 999999, 9999999, 99999999) for s in (1.0, -1.0))}
)
_TOKENS = frozenset(
    word.casefold()
    for word in (*MISSING, *NONE_WORDS, "n.a.", "tbd", "xxx", "없슴", "9999", "999", "-1")
    if word
)


def _many(facts: Facts) -> Iterable[Found]:
    for summary in facts.scan.summaries:
        if MANY <= summary.missing_share < 1:
            severe = "warning" if summary.missing_share >= MOST else "note"
            values = {
                "missing": summary.missing,
                "share": summary.missing_share,
                "rows": summary.count,
            }
            yield Found([summary.name], values, severity=severe)


def _together(facts: Facts) -> Iterable[Found]:
    """Find columns that are missing in exactly the same rows."""
    if facts.scan.whole is None:
        return
    groups: dict[bytes, list[str]] = defaultdict(list)
    missing = {c.name: c.missing for c in facts.scan.summaries if 0 < c.missing < c.count}
    for name, mask in facts.scan.whole.masks.items():
        if missing.get(name, 0) >= max(TOGETHER_ROWS, TOGETHER_SHARE * facts.height):
            groups[mask.tobytes()].append(name)
    for names in groups.values():
        if len(names) > 1:
            yield Found(names, {"rows": missing[names[0]], "count": len(names)})


def _zeros(facts: Facts) -> Iterable[Found]:
    """Find a few zeros, far below everything else, in columns that are never negative.

    The smallest other value must be above a fifth of the median (and above 10 where all are whole
    numbers, because a small count is 0 now and then).
    """
    for summary in facts.numbers:
        box, least = summary.box, summary.above_zero
        few = 0 < summary.zeros <= ZEROS * summary.present and not summary.negative
        if not few or box is None or least is None or summary.kind != "continuous":
            continue
        if least >= ZEROS_GAP * box.median and (not summary.whole or least >= 10):
            values = {
                "zeros": summary.zeros,
                "share": summary.zeros / summary.present,
                "least": least,
            }
            yield Found([summary.name], values, {"median": box.median})


def _sentinels(facts: Facts) -> Iterable[Found]:
    """Find a frequent value like 999 or -1 that stands alone at an end of the column."""
    for summary in facts.numbers:
        for level in summary.top:
            value = float(level.value)
            ends = value in {summary.spread.min, summary.spread.max}
            if value not in SENTINELS or not ends or level.count < 3:
                continue
            rest = facts.scan.sample[summary.name].drop_nulls()
            rest = rest.filter(rest != value)
            if len(rest) and _alone(value, rest):
                values = {"value": value, "count": level.count, "share": level.share}
                yield Found([summary.name], values, {"next": _near(value, rest)})


def _alone(value: float, rest: pl.Series) -> bool:
    near = _near(value, rest)
    if value == -1:
        return near >= 0
    low, high = rest.quantile(0.01), rest.quantile(0.99)
    width = max(float(high or 0) - float(low or 0), 1e-12)
    return abs(value - near) > width


def _near(value: float, rest: pl.Series) -> float:
    end = rest.max() if value > 0 else rest.min()
    return float(end) if isinstance(end, (int, float)) else 0.0


def _tokens(facts: Facts) -> Iterable[Found]:
    """Find words that mean "missing": those read as missing, and categories that look like it."""
    for repair in facts.scan.repairs:
        if repair.code == "missing-token" and repair.column:
            values = {"count": repair.count, "token": repair.values.get("before"), "read": True}
            yield Found([repair.column], values)
    for summary in facts.summaries(CategorySummary):
        if summary.kind not in {"nominal", "ordinal"}:
            continue
        levels = [v for v in (*summary.top, *summary.rare) if str(v.value).casefold() in _TOKENS]
        if levels and len(levels) < summary.distinct:
            count = sum(level.count for level in levels)
            values = {"count": count, "token": levels[0].value, "read": False}
            yield Found([summary.name], values, {"tokens": [[v.value, v.count] for v in levels]})


def _blank(facts: Facts) -> Iterable[Found]:
    for summary in facts.words:
        if summary.blank:
            yield Found(
                [summary.name], {"count": summary.blank, "share": summary.blank / summary.present}
            )


def _infinite(facts: Facts) -> Iterable[Found]:
    for summary in facts.summaries(NumberSummary):
        if summary.infinite:
            yield Found([summary.name], {"count": summary.infinite})


RULES = (
    Rule("M010", "many-missing", "Many missing values", "values", "note", has_enough, _many),
    Rule("M011", "missing-together", "Missing together", "values", "note", has_enough, _together),
    Rule(
        "M014",
        "zeros-as-missing",
        "Zeros that may mean missing",
        "values",
        "warning",
        has_numbers,
        _zeros,
    ),
    Rule("M015", "infinite", "Infinite values", "values", "warning", has_rows, _infinite),
    Rule("M019", "missing-words", "Words that mean missing", "values", "note", has_rows, _tokens),
    Rule(
        "M020",
        "sentinel",
        "A number that may mean missing",
        "values",
        "warning",
        has_numbers,
        _sentinels,
    ),
    Rule("M022", "blank-text", "Blank text", "values", "note", has_rows, _blank),
)
