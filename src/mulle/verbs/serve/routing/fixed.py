"""One version answers everything."""

from __future__ import annotations

from collections.abc import Sequence

from mulle.verbs.serve.routing.rule import Policy, Rule
from mulle.verbs.serve.routing.tallies import Tally


class Fixed(Rule, frozen=True, kw_only=True, tag="fixed", forbid_unknown_fields=True):
    """The first of the versions answers; further ones stand by."""

    versions: tuple[str, ...] = ("champion",)

    @property
    def rewarded(self) -> bool:
        """Nothing is compared."""
        return False

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy."""
        return First()


class First:
    """Chooses the first."""

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """0."""
        return 0
