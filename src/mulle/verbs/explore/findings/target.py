"""Findings about the column to be predicted: leaks, missing targets, classes of few rows."""

from __future__ import annotations

from collections.abc import Iterable

from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_target

RARE, VERY_RARE = 0.2, 0.05  # share of the rarer of two classes
TINY = 10  # rows of a class


def _leaks(facts: Facts) -> Iterable[Found]:
    for leak in facts.target.leaks if facts.target else []:
        values = {"score": leak.score, "baseline": leak.baseline, "reason": leak.reason}
        yield Found([leak.column], values, {"threshold": leak.threshold})


def _has_classes(facts: Facts) -> bool:
    return facts.target is not None and bool(facts.target.classes)


def _imbalance(facts: Facts) -> Iterable[Found]:
    if facts.target is None:
        return
    rarest, most = facts.target.classes[-1], facts.target.classes[0]
    several = len(facts.target.classes) > 2
    rare = rarest.share < (VERY_RARE if several else RARE)
    if rare and rarest.count * 10 < most.count * (1 if several else 3):
        severe = "warning" if rarest.share < VERY_RARE else "note"
        values = {"label": rarest.value, "share": rarest.share, "count": rarest.count,
                  "most": most.value, "most_share": most.share}  # fmt: skip
        yield Found([facts.target.name], values, severity=severe)


def _tiny(facts: Facts) -> Iterable[Found]:
    if facts.target is None:
        return
    tiny = [c for c in facts.target.classes if c.count < TINY]
    if tiny:
        values = {"classes": len(tiny), "fewest": tiny[-1].count, "label": tiny[-1].value}
        yield Found([facts.target.name], values, {"classes": [[c.value, c.count] for c in tiny]})


def _missing(facts: Facts) -> Iterable[Found]:
    if facts.target is not None and facts.target.missing:
        share = facts.target.missing / facts.height
        yield Found([facts.target.name], {"missing": facts.target.missing, "share": share})


RULES = (
    Rule("M050", "leak", "May give the answer away", "target", "error", has_target, _leaks),
    Rule(
        "M051",
        "imbalance",
        "Classes of very different size",
        "target",
        "note",
        _has_classes,
        _imbalance,
    ),
    Rule("M052", "target-missing", "Target missing", "target", "warning", has_target, _missing),
    Rule(
        "M053",
        "tiny-class",
        "Classes with a handful of rows",
        "target",
        "warning",
        _has_classes,
        _tiny,
    ),
)
