"""Findings about columns that say the same as another one."""

from __future__ import annotations

from collections.abc import Iterable

from mulle.explore.findings.base import Facts, Found, Rule


def _several(facts: Facts) -> bool:
    return len(facts.scan.columns) > 1 and facts.height > 1


def _same(facts: Facts) -> Iterable[Found]:
    for twins in facts.relations.twins:
        if twins.how in {"equal", "renamed"}:
            yield Found([twins.a, twins.b], {"how": twins.how, "share": twins.share})


def _near(facts: Facts) -> Iterable[Found]:
    for twins in facts.relations.twins:
        if twins.how in {"linear", "monotone"}:
            yield Found([twins.a, twins.b], {"how": twins.how, "share": twins.share})


RULES = (
    Rule("M040", "duplicate-columns", "relations", "warning", _several, _same),
    Rule("M041", "near-duplicate-columns", "relations", "note", _several, _near),
)
