"""What all rules of routing share: the versions among which they choose, and what a reward is.

A rule is what the operator writes (TOML or JSON); `start` makes it the policy that chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from mulle.errors import UsageError
from mulle.verbs.serve.routing.tallies import Tally

DAY = 86_400.0
DAYS = 7.0  # for which feedback is taken
NOBODY = -1  # the request is no part of the test; the default version answers it


class Policy(Protocol):
    """Chooses the version for each request."""

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """The position of the version in `arms`, or NOBODY.

        Args:
            key: whom the request is for; "" if it does not say.
            arms: in the order of the rule's versions.
        """
        ...


class Rule(msgspec.Struct, frozen=True, kw_only=True, tag_field="policy"):
    """Settings of every policy.

    Attributes:
        versions: numbers, checksums or aliases; the first is what the others are compared with.
        feedback_days: how long after an answer its reward is still taken.
        relevant: differences of mean rewards smaller than this do not matter; None: 0.01 where
            rewards are 0 or 1, else nothing is taken for alike.
        error_scale: of a regression, the error that counts as a reward of -1.
    """

    versions: tuple[str, ...] = ("champion", "challenger")
    feedback_days: float = DAYS
    relevant: float | None = None
    error_scale: float = 1.0

    @property
    def name(self) -> str:
        """Of the policy."""
        tag = self.__struct_config__.tag
        return str(tag)

    @property
    def rewarded(self) -> bool:
        """Whether answers carry an id by which they can be rewarded."""
        return True

    @property
    def fades(self) -> float:
        """Seconds in which a reward comes to weigh half; 0: never."""
        return 0.0

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which rewards must lie; None: anywhere."""
        return None

    def key_of(self) -> tuple[str, str]:
        """Where the key of a request stands: ("header" or "column", its name); ("", "") nowhere."""
        return "", ""

    def check(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            UsageError: a version twice, too few of them, or a number out of range.
        """
        fewest = 1 if self.name == "fixed" else 2
        if len(set(self.versions)) < max(fewest, len(self.versions)) or "" in self.versions:
            raise unusable("route-versions", fewest=fewest, received=list(self.versions))
        positive(self, "feedback_days", self.feedback_days)
        positive(self, "error_scale", self.error_scale)
        if self.relevant is not None:
            positive(self, "relevant", self.relevant)

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy that follows this rule.

        Args:
            model: whose rule it is.
            slots: as the policy kept them; see `slots.py`.
        """
        raise NotImplementedError


def unusable(code: str, **values: Any) -> UsageError:
    """Return the error that a policy is refused with."""
    return UsageError(code, **values)


def positive(rule: Rule, setting: str, value: float, most: float = float("inf")) -> None:
    """Refuse a number that is not above 0, or above `most`.

    Raises:
        UsageError: it is.
    """
    if not 0 < value <= most:
        expected = "> 0" if most == float("inf") else f"> 0, <= {most:g}"
        raise unusable("route-number", setting=setting, expected=expected, received=value)
