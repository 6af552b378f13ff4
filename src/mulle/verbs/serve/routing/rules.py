"""Rules of routing as an operator writes them: a table of settings for each model.

[churn]
policy = "ab"
versions = ["champion", "challenger"]
shares = [0.8, 0.2]
key_header = "X-Assignment-Key"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MissingFile, UsageError
from mulle.verbs.serve.routing.ab import AB
from mulle.verbs.serve.routing.canary import Canary
from mulle.verbs.serve.routing.epsilon import EpsilonGreedy
from mulle.verbs.serve.routing.fixed import Fixed
from mulle.verbs.serve.routing.rule import Rule, unusable
from mulle.verbs.serve.routing.shadow import Shadow
from mulle.verbs.serve.routing.thompson import Thompson
from mulle.verbs.serve.routing.ucb import UCB

POLICIES: dict[str, type[Rule]] = {
    "ab": AB,
    "canary": Canary,
    "epsilon-greedy": EpsilonGreedy,
    "fixed": Fixed,
    "shadow": Shadow,
    "thompson": Thompson,
    "ucb": UCB,
}


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of a TOML file, by model.

    Raises:
        MissingFile: it is not there.
        UsageError: it is not TOML, or a rule cannot be used.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise MissingFile("route-missing", path=path) from error
    except (OSError, ValueError) as error:
        raise UsageError("route-broken", path=path, error=error) from error
    try:
        return {model: rule_of(settings) for model, settings in tables.items()}
    except UsageError as error:
        error.place = str(path)
        raise


def rule_of(settings: Any) -> Rule:
    """One rule.

    Args:
        settings: `policy` and what belongs to it.

    Raises:
        UsageError: a name or a value is not known; near misses are offered.

    >>> rule_of({"policy": "canary"}).versions
    ('champion', 'challenger')
    """
    if not isinstance(settings, Mapping):
        raise unusable("route-value", reason=f"a table is wanted, not {settings!r:.60}")
    policy = str(settings.get("policy", ""))
    if policy not in POLICIES:
        raise unusable("route-policy-unknown", received=policy[:100], near=near(policy, POLICIES))
    kind = POLICIES[policy]
    known = [*kind.__struct_fields__, "policy"]
    for name in settings:
        if name not in known:
            raise unusable(
                "route-setting-unknown",
                policy=policy, received=str(name)[:100], near=near(str(name), known),
            )  # fmt: skip
    try:
        rule = msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise unusable("route-value", reason=str(error)) from error
    rule.check()
    return rule


def near(name: str, known: Iterable[str]) -> list[str]:
    """The known names that look most like it; the first of all if none does."""
    known = list(known)
    return difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:12]
