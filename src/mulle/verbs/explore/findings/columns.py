"""Findings about what a column is: empty, constant, an identifier, too varied, too even.

catalogue  eda-univariate
"""

from __future__ import annotations

from collections.abc import Iterable

from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_enough, has_rows
from mulle.verbs.explore.summaries import AnySummary, BooleanSummary, CategorySummary, NumberSummary

MANY_LEVELS, VERY_MANY, ROWS_A_LEVEL, MANY_SHARE = 50, 100, 30, 0.95
NEARLY_ALL = 0.99
FEW_ROWS, FEW_LEVELS = 10, 50


def _empty(facts: Facts) -> Iterable[Found]:
    if not facts.height:
        yield Found([], {"columns": len(facts.scan.summaries)})


def _all_missing(facts: Facts) -> Iterable[Found]:
    for column in facts.scan.summaries:
        if column.count and column.missing == column.count:
            yield Found([column.name], {"rows": column.count})


def _constant(facts: Facts) -> Iterable[Found]:
    for column in facts.scan.summaries:
        if column.kind == "constant" and column.present and column.distinct == 1:
            value = _single_value(column)
            yield Found([column.name], {"value": value, "rows": column.present,
                                      "missing": column.missing})  # fmt: skip


def _single_value(column: AnySummary) -> str | float | None:
    if isinstance(column, NumberSummary):
        return column.spread.min
    top = getattr(column, "top", [])
    return top[0].value if top else getattr(column, "first", None)


def _identifier(facts: Facts) -> Iterable[Found]:
    for column in facts.scan.summaries:
        unique = column.present > 0 and column.distinct >= MANY_SHARE * column.present
        counted = isinstance(column, NumberSummary) and _counts_rows(column)
        words = isinstance(column, CategorySummary) and column.kind == "nominal" and unique
        long = column.present >= 50
        if column.kind == "id" or counted or (words and long):
            values = {"distinct": column.distinct, "rows": column.present, "counts_rows": counted}
            yield Found([column.name], values)


def _counts_rows(column: NumberSummary) -> bool:
    """Return whether the values are 0, 1, 2, ... or 1, 2, 3, ... from row to row."""
    low, high = column.spread.min, column.spread.max
    steps = low is not None and high is not None and high - low == column.count - 1
    unique = column.distinct == column.count > 20
    return steps and unique and column.whole and column.rising and low in (0, 1)


def _cardinality(facts: Facts) -> Iterable[Found]:
    for column in facts.summaries(CategorySummary):
        thin = column.distinct >= MANY_LEVELS and column.present < ROWS_A_LEVEL * column.distinct
        varied = (
            thin or column.distinct >= VERY_MANY
        ) and column.distinct < MANY_SHARE * column.present
        if column.kind == "nominal" and varied:
            values = {
                "distinct": column.distinct,
                "rows": column.present,
                "singles": column.singles,
            }
            yield Found([column.name], values)


def _nearly_constant(facts: Facts) -> Iterable[Found]:
    for column in facts.scan.summaries:
        target = facts.target is not None and column.name == facts.target.name
        if target or column.kind not in {
            "nominal",
            "ordinal",
            "boolean",
            "discrete",
            "continuous",
        }:
            continue
        value, count = _top(column)
        if column.distinct > 1 and column.present and count >= NEARLY_ALL * column.present:
            values = {
                "value": value,
                "share": count / column.present,
                "rest": column.present - count,
            }
            yield Found([column.name], values)


def _top(column: AnySummary) -> tuple[str | float | None, int]:
    if isinstance(column, BooleanSummary):
        return (1.0, column.true) if column.true >= column.false else (0.0, column.false)
    top = getattr(column, "top", [])
    return (top[0].value, top[0].count) if top else (None, 0)


def _rare(facts: Facts) -> Iterable[Found]:
    """Find categories that a split may leave out of a part; all columns in one finding."""
    levels: dict[str, list[list[str | float]]] = {}
    for column in facts.summaries(CategorySummary):
        if column.kind not in {"nominal", "ordinal"} or not 2 < column.distinct < FEW_LEVELS:
            continue
        few = [level for level in (*column.rare, *reversed(column.top)) if level.count < FEW_ROWS]
        rows = sum(level.count for level in few)
        if few and rows < 0.05 * column.present and column.present >= 20 * FEW_ROWS:
            levels[column.name] = [[f.value, f.count] for f in few]
    if levels:
        rows = sum(int(count) for found in levels.values() for _, count in found)
        values = {"columns": len(levels), "levels": sum(map(len, levels.values())), "rows": rows}
        yield Found(list(levels), values, {"levels": {n: v[:10] for n, v in levels.items()}})


RULES = (
    Rule("M001", "empty", "No rows", "columns", "error", lambda facts: True, _empty),
    Rule("M002", "all-missing", "Empty column", "columns", "warning", has_rows, _all_missing),
    Rule("M003", "constant", "Constant", "columns", "warning", has_rows, _constant),
    Rule("M004", "id-like", "Identifier", "columns", "note", has_rows, _identifier),
    Rule(
        "M005",
        "high-cardinality",
        "Very many categories",
        "columns",
        "note",
        has_enough,
        _cardinality,
    ),
    Rule(
        "M006",
        "nearly-constant",
        "Nearly constant",
        "columns",
        "note",
        has_enough,
        _nearly_constant,
    ),
    Rule("M007", "rare-levels", "Rare categories", "columns", "note", has_enough, _rare),
)
