"""What explore thinks you should know: one small check a file's topic, each with a code."""

from mulle.errors import UnknownName
from mulle.verbs.explore.findings import (
    columns,
    missing,
    numbers,
    privacy,
    relations,
    rows,
    target,
    texts,
)
from mulle.verbs.explore.findings.base import Facts, Found, Rule
from mulle.verbs.explore.findings.run import find

__all__ = ["FINDINGS", "Facts", "Found", "Rule", "find", "finding"]

#: every check that is made, in the order of their codes
FINDINGS: tuple[Rule, ...] = tuple(
    sorted(
        (
            *columns.RULES,
            *missing.RULES,
            *numbers.RULES,
            *privacy.RULES,
            *relations.RULES,
            *rows.RULES,
            *target.RULES,
            *texts.RULES,
        ),
        key=lambda rule: rule.code,
    )
)


def finding(code: str) -> Rule:
    """Return the rule of a code or key, for `mulle explain`; its words stand in `i18n`.

    Raises:
        UnknownName: there is no such finding.

    >>> finding("M012").key, finding("skewed").code
    ('skewed', 'M012')
    """
    for rule in FINDINGS:
        if code.upper() == rule.code or code == rule.key:
            return rule
    raise UnknownName("finding-unknown", "finding", code, [r.code for r in FINDINGS])
