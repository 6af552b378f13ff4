"""Findings about what is written as text: numbers and dates as text, mixtures, two spellings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from mulle.table import Storage
from mulle.table.types import DATES, NUMBERS
from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_rows, has_words
from mulle.verbs.explore.summaries import CategorySummary

MIXED, SEVERAL = (0.05, 0.95), 5
_DATE = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|^\d{4}년"
_ORDER_CODES = {"dmy": "day-first", "mdy": "month-first", "digits": "compact-date"}
_ORDERS = {*_ORDER_CODES.values()}


def _mixed(facts: Facts) -> Iterable[Found]:
    """Find columns most of which read as numbers or dates while some of them do not."""
    for out in facts.scan.left_out:
        if out.code == "cells-missing":
            values = {"count": out.count, "example": out.values["words"][0], "lost": True}
            yield Found([out.column], values, severity="warning")
    for name, values_of in facts.spellings.items():
        if len(values_of) < 2 * SEVERAL or _coded(facts, name):
            continue
        numbers = values_of.cast(pl.Float64, strict=False).is_not_null()
        share = float(numbers.mean() or 0)  # type: ignore[arg-type]
        if MIXED[0] * 4 <= share < MIXED[1] and (~numbers).sum() >= 2:
            example = values_of.filter(~numbers)[0]
            values = {"count": int((~numbers).sum()), "example": example, "lost": False}
            yield Found([name], values, {"share": share, "number": values_of.filter(numbers)[0]})


def _coded(facts: Facts, name: str) -> bool:
    """Return whether a column of text is codes such as 007 or A12, which are text for a reason."""
    column = next(c for c in facts.scan.columns if c.name == name)
    return column.kind in {"id", "text"} or column.reason in {"leading-zeros", "long-digits"}


def _number_text(facts: Facts) -> Iterable[Found]:
    """Find numbers that a typed source stores as text, or that needed repairs to be read."""
    yield from _as_text(facts, Storage.number, {*NUMBERS})


def _date_text(facts: Facts) -> Iterable[Found]:
    """Find dates that a typed source stores as text, or that are not written as ISO 8601."""
    yield from _as_text(facts, Storage.date, {*DATES})
    for name, values in facts.spellings.items():
        if len(values) >= SEVERAL and not _coded(facts, name):
            dates = values.filter(values.str.contains(_DATE))
            if len(dates) >= 0.5 * len(values):
                told = {"repairs": [], "count": len(dates), "example": dates[0], "read": False}
                yield Found([name], told, severity="warning")


def _as_text(facts: Facts, storage: Storage, codes: set[str]) -> Iterable[Found]:
    made = defaultdict(list)
    for repair in facts.scan.repairs:
        if repair.code in codes:
            made[repair.column].append(repair)
    for column in facts.scan.columns:
        if column.storage is not storage:
            continue
        repairs = made.get(column.name, [])
        noted = _ORDERS & {_ORDER_CODES.get(column.notation.dates or column.notation.form, "")}
        if repairs or column.name in facts.texts or noted:
            values = {
                "repairs": [*dict.fromkeys([r.code for r in repairs]), *sorted(noted)],
                "count": max((r.count for r in repairs), default=0),
                "example": repairs[0].values.get("before") if repairs else None,
                "read": True,
            }
            yield Found([column.name], values)


def _spellings(facts: Facts) -> Iterable[Found]:
    """Find categories that differ only in capitals, spaces or hyphens."""
    for summary in facts.summaries(CategorySummary):
        values = facts.spellings.get(summary.name)
        if summary.kind not in {"nominal", "ordinal"} or values is None or len(values) > 2000:
            continue
        folded = values.str.to_lowercase().str.replace_all(r"[\s_\-]+", "")
        frame = pl.DataFrame({"v": values, "f": folded})
        groups = (
            frame.group_by("f", maintain_order=True).agg("v").filter(pl.col("v").list.len() > 1)
        )
        if groups.height:
            pairs = groups["v"].head(5).to_list()
            yield Found([summary.name], {"groups": groups.height, "example": pairs[0]},
                        {"groups": pairs})  # fmt: skip


RULES = (
    Rule("M016", "mixed-types", "Numbers and words mixed", "values", "note", has_rows, _mixed),
    Rule(
        "M017",
        "number-as-text",
        "Numbers written as text",
        "values",
        "note",
        has_rows,
        _number_text,
    ),
    Rule("M018", "date-as-text", "Dates written as text", "values", "note", has_rows, _date_text),
    Rule(
        "M021",
        "two-spellings",
        "One category, several spellings",
        "values",
        "note",
        has_words,
        _spellings,
    ),
)
