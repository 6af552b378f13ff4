"""Findings about what a column is: empty, constant, an identifier, too varied, too even.

catalogue  eda-univariate
"""

from __future__ import annotations

from collections.abc import Iterable

from mulle.verbs.explore.cards import AnyCard, BooleanCard, CategoryCard, NumberCard
from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_enough, has_rows

MANY_LEVELS, VERY_MANY, ROWS_A_LEVEL, MANY_SHARE = 50, 100, 30, 0.95
NEARLY_ALL = 0.99
FEW_ROWS, FEW_LEVELS = 10, 50


def _empty(facts: Facts) -> Iterable[Found]:
    if not facts.height:
        yield Found([], {"columns": len(facts.scan.cards)})


def _all_missing(facts: Facts) -> Iterable[Found]:
    for card in facts.scan.cards:
        if card.count and card.missing == card.count:
            yield Found([card.name], {"rows": card.count})


def _constant(facts: Facts) -> Iterable[Found]:
    for card in facts.scan.cards:
        if card.kind == "constant" and card.present and card.distinct == 1:
            value = _only(card)
            yield Found([card.name], {"value": value, "rows": card.present,
                                      "missing": card.missing})  # fmt: skip


def _only(card: AnyCard) -> str | float | None:
    if isinstance(card, NumberCard):
        return card.spread.min
    top = getattr(card, "top", [])
    return top[0].value if top else getattr(card, "first", None)


def _identifier(facts: Facts) -> Iterable[Found]:
    for card in facts.scan.cards:
        unique = card.present > 0 and card.distinct >= MANY_SHARE * card.present
        counted = isinstance(card, NumberCard) and _counts_rows(card)
        words = isinstance(card, CategoryCard) and card.kind == "nominal" and unique
        long = card.present >= 50
        if card.kind == "id" or counted or (words and long):
            values = {"distinct": card.distinct, "rows": card.present, "counts_rows": counted}
            yield Found([card.name], values)


def _counts_rows(card: NumberCard) -> bool:
    """Whether it is 0, 1, 2, ... or 1, 2, 3, ... down the rows."""
    low, high = card.spread.min, card.spread.max
    steps = low is not None and high is not None and high - low == card.count - 1
    unique = card.distinct == card.count > 20
    return steps and unique and card.whole and card.rising and low in (0, 1)


def _cardinality(facts: Facts) -> Iterable[Found]:
    for card in facts.cards(CategoryCard):
        thin = card.distinct >= MANY_LEVELS and card.present < ROWS_A_LEVEL * card.distinct
        varied = (thin or card.distinct >= VERY_MANY) and card.distinct < MANY_SHARE * card.present
        if card.kind == "nominal" and varied:
            values = {"distinct": card.distinct, "rows": card.present, "singles": card.singles}
            yield Found([card.name], values)


def _nearly_constant(facts: Facts) -> Iterable[Found]:
    for card in facts.scan.cards:
        target = facts.target is not None and card.name == facts.target.name
        if target or card.kind not in {"nominal", "ordinal", "boolean", "discrete", "continuous"}:
            continue
        value, count = _top(card)
        if card.distinct > 1 and card.present and count >= NEARLY_ALL * card.present:
            values = {"value": value, "share": count / card.present, "rest": card.present - count}
            yield Found([card.name], values)


def _top(card: AnyCard) -> tuple[str | float | None, int]:
    if isinstance(card, BooleanCard):
        return (1.0, card.true) if card.true >= card.false else (0.0, card.false)
    top = getattr(card, "top", [])
    return (top[0].value, top[0].count) if top else (None, 0)


def _rare(facts: Facts) -> Iterable[Found]:
    """Categories of which a split into parts may have none; all columns in one finding."""
    levels: dict[str, list[list[str | float]]] = {}
    for card in facts.cards(CategoryCard):
        if card.kind not in {"nominal", "ordinal"} or not 2 < card.distinct < FEW_LEVELS:
            continue
        few = [level for level in (*card.rare, *reversed(card.top)) if level.count < FEW_ROWS]
        rows = sum(level.count for level in few)
        if few and rows < 0.05 * card.present and card.present >= 20 * FEW_ROWS:
            levels[card.name] = [[f.value, f.count] for f in few]
    if levels:
        rows = sum(int(count) for found in levels.values() for _, count in found)
        values = {"columns": len(levels), "levels": sum(map(len, levels.values())), "rows": rows}
        yield Found(list(levels), values, {"levels": {n: v[:10] for n, v in levels.items()}})


RULES = (
    Rule("M001", "empty", "columns", "error", lambda facts: True, _empty),
    Rule("M002", "all-missing", "columns", "warning", has_rows, _all_missing),
    Rule("M003", "constant", "columns", "warning", has_rows, _constant),
    Rule("M004", "id-like", "columns", "note", has_rows, _identifier),
    Rule("M005", "high-cardinality", "columns", "note", has_enough, _cardinality),
    Rule("M006", "nearly-constant", "columns", "note", has_enough, _nearly_constant),
    Rule("M007", "rare-levels", "columns", "note", has_enough, _rare),
)
