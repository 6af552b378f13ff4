"""Routing policies as an operator writes them: a table of settings for each model.

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
from mulle.verbs.serve.routing.ab import AB, Canary
from mulle.verbs.serve.routing.epsilon import EpsilonGreedy
from mulle.verbs.serve.routing.policy import Fixed, Policy, Shadow
from mulle.verbs.serve.routing.thompson import Thompson
from mulle.verbs.serve.routing.ucb import UCB

POLICIES: dict[str, type[Policy]] = {
    "ab": AB,
    "canary": Canary,
    "epsilon-greedy": EpsilonGreedy,
    "fixed": Fixed,
    "shadow": Shadow,
    "thompson": Thompson,
    "ucb": UCB,
}
MAX_SUGGESTIONS = 12  # names that are offered where none is near


def read_policies(path: Path) -> dict[str, Policy]:
    """Read the policies of a TOML file, by model.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is not TOML, or a policy cannot be used.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise MissingFile("routing-file-missing", path=path) from error
    except (OSError, ValueError) as error:
        raise UsageError("routing-file-broken", path=path, error=error) from error
    try:
        return {model: parse_policy(settings) for model, settings in tables.items()}
    except UsageError as error:
        error.place = str(path)
        raise


def parse_policy(settings: Any) -> Policy:
    """Return the policy that some settings describe.

    Args:
        settings: `policy` and the settings that belong to it.

    Raises:
        UsageError: a name or a value is not known; near misses are offered.

    >>> parse_policy({"policy": "canary"}).versions
    ('champion', 'challenger')
    """
    if not isinstance(settings, Mapping):
        raise UsageError("policy-no-table", received=f"{settings!r:.60}")
    name = str(settings.get("policy", ""))
    if name not in POLICIES:
        raise UsageError("policy-unknown", received=name[:100], known=near(name, POLICIES))
    kind = POLICIES[name]
    known = [*kind.__struct_fields__, "policy"]
    for setting in settings:
        if setting not in known:
            raise UsageError(
                "policy-setting-unknown",
                policy=name, received=str(setting)[:100], known=near(str(setting), known),
            )  # fmt: skip
    try:
        policy = msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise UsageError("policy-value", error=str(error)) from error
    policy.check()
    return policy


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that look most like `name`; the first of all if none does."""
    known = list(known)
    return difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:MAX_SUGGESTIONS]
