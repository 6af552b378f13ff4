"""Make every check; one that fails says so, and the others are made all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mulle.verbs.explore.columns.summary import FAILURES
from mulle.verbs.explore.findings.base import Facts, Rule
from mulle.verbs.explore.report import Check, Finding

_RANK = {"error": 0, "warning": 1, "note": 2}


def find(facts: Facts, rules: Iterable[Rule]) -> tuple[list[Finding], list[Check]]:
    """Run every check; return findings, the most severe first, and the outcomes of the checks."""
    findings: list[Finding] = []
    checks: list[Check] = []
    for rule in rules:
        try:
            made, check = _one(facts, rule)
        except FAILURES as error:
            what = f"{type(error).__name__}: {error}"
            made, check = [], Check(rule.code, rule.key, "failed", what=what[:300])
        findings += made
        checks.append(check)
    findings.sort(key=lambda f: (_RANK[f.severity], f.code))
    return findings, checks


def _one(facts: Facts, rule: Rule) -> tuple[Sequence[Finding], Check]:
    if not rule.applies(facts):
        return [], Check(rule.code, rule.key, "not-applicable")
    found = [
        Finding(rule.code, rule.key, rule.topic, f.severity or rule.severity, f.columns, f.values,
                dict(f.evidence))
        for f in rule.check(facts)
    ]  # fmt: skip
    outcome = "found" if found else "clean"
    return found, Check(rule.code, rule.key, outcome, len(found))
