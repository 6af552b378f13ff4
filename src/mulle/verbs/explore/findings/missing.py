"""Findings about values that are missing, or stand there in disguise.

catalogue  eda-missing
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from mulle.table.repairs import MISSING, NONE_WORDS
from mulle.verbs.explore.cards import CategoryCard, NumberCard
from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_enough, has_numbers, has_rows

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
    for card in facts.scan.cards:
        if MANY <= card.missing_share < 1:
            severe = "warning" if card.missing_share >= MOST else "note"
            values = {"missing": card.missing, "share": card.missing_share, "rows": card.count}
            yield Found([card.name], values, severity=severe)


def _together(facts: Facts) -> Iterable[Found]:
    """Columns that are missing in the very same rows."""
    if facts.scan.whole is None:
        return
    groups: dict[bytes, list[str]] = defaultdict(list)
    missing = {c.name: c.missing for c in facts.scan.cards if 0 < c.missing < c.count}
    for name, mask in facts.scan.whole.masks.items():
        if missing.get(name, 0) >= max(TOGETHER_ROWS, TOGETHER_SHARE * facts.height):
            groups[mask.tobytes()].append(name)
    for names in groups.values():
        if len(names) > 1:
            yield Found(names, {"rows": missing[names[0]], "count": len(names)})


def _zeros(facts: Facts) -> Iterable[Found]:
    """A few zeros, far below everything else, in a column that is never negative.

    The smallest other value must be above a fifth of the median (and above 10 where all are whole
    numbers, because a small count is 0 now and then).
    """
    for card in facts.numbers:
        box, least = card.box, card.above_zero
        few = 0 < card.zeros <= ZEROS * card.present and not card.negative
        if not few or box is None or least is None or card.kind != "continuous":
            continue
        if least >= ZEROS_GAP * box.median and (not card.whole or least >= 10):
            values = {"zeros": card.zeros, "share": card.zeros / card.present, "least": least}
            yield Found([card.name], values, {"median": box.median})


def _sentinels(facts: Facts) -> Iterable[Found]:
    """A value like 999 or -1, often there, that stands alone at an end of the column."""
    for card in facts.numbers:
        for level in card.top:
            value = float(level.value)
            ends = value in {card.spread.min, card.spread.max}
            if value not in SENTINELS or not ends or level.count < 3:
                continue
            rest = facts.scan.sample[card.name].drop_nulls()
            rest = rest.filter(rest != value)
            if len(rest) and _alone(value, rest):
                values = {"value": value, "count": level.count, "share": level.share}
                yield Found([card.name], values, {"next": _near(value, rest)})


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
    """Messages that mean "missing": those that reading took for it, and categories that read so."""
    for repair in facts.scan.repairs:
        if repair.code == "missing-token" and repair.column:
            values = {"count": repair.count, "token": repair.values.get("before"), "read": True}
            yield Found([repair.column], values)
    for card in facts.cards(CategoryCard):
        if card.kind not in {"nominal", "ordinal"}:
            continue
        levels = [v for v in (*card.top, *card.rare) if str(v.value).casefold() in _TOKENS]
        if levels and len(levels) < card.distinct:
            count = sum(level.count for level in levels)
            values = {"count": count, "token": levels[0].value, "read": False}
            yield Found([card.name], values, {"tokens": [[v.value, v.count] for v in levels]})


def _blank(facts: Facts) -> Iterable[Found]:
    for card in facts.words:
        if card.blank:
            yield Found([card.name], {"count": card.blank, "share": card.blank / card.present})


def _infinite(facts: Facts) -> Iterable[Found]:
    for card in facts.cards(NumberCard):
        if card.infinite:
            yield Found([card.name], {"count": card.infinite})


RULES = (
    Rule("M010", "many-missing", "values", "note", has_enough, _many),
    Rule("M011", "missing-together", "values", "note", has_enough, _together),
    Rule("M014", "zeros-as-missing", "values", "warning", has_numbers, _zeros),
    Rule("M015", "infinite", "values", "warning", has_rows, _infinite),
    Rule("M019", "missing-words", "values", "note", has_rows, _tokens),
    Rule("M020", "sentinel", "values", "warning", has_numbers, _sentinels),
    Rule("M022", "blank-text", "values", "note", has_rows, _blank),
)
