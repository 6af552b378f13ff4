"""Findings about columns that say the same as another one."""

from __future__ import annotations

from collections.abc import Iterable

from mulle.verbs.explore.findings.base import Facts, Found, Rule


def _several(facts: Facts) -> bool:
    return len(facts.scan.columns) > 1 and facts.height > 1


def _same(facts: Facts) -> Iterable[Found]:
    return _grouped(facts, {"equal", "renamed"})


def _near(facts: Facts) -> Iterable[Found]:
    return _grouped(facts, {"linear", "monotone"})


def _grouped(facts: Facts, hows: set[str]) -> Iterable[Found]:
    """Return one finding for all columns with the same content, directly or via others."""
    twins = [t for t in facts.relations.twins if t.how in hows]
    groups: dict[str, list[str]] = {}
    for t in twins:
        first, second = groups.get(t.a, [t.a]), groups.get(t.b, [t.b])
        if first is not second:
            first += second
        groups |= dict.fromkeys(first, first)
    for group in {id(g): g for g in groups.values()}.values():
        pairs = [t for t in twins if t.a in group]
        ways = sorted({t.how for t in pairs})
        share = min(t.share for t in pairs)
        evidence = {"pairs": [[t.a, t.b, t.how, t.share] for t in pairs[:20]]}
        yield Found(group, {"how": ways[0], "share": share, "count": len(group)}, evidence)


RULES = (
    Rule(
        "M040",
        "duplicate-columns",
        "Columns with the same content",
        "relations",
        "warning",
        _several,
        _same,
    ),
    Rule(
        "M041",
        "near-duplicate-columns",
        "Columns with nearly the same content",
        "relations",
        "note",
        _several,
        _near,
    ),
)
