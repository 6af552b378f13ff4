"""A share of the requests, drawn anew for each, tries the newer version."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

from mulle.verbs.serve.routing.rule import Policy, Rule, unusable
from mulle.verbs.serve.routing.tallies import Tally


class Shared(Rule, frozen=True, kw_only=True):
    """A rule whose versions have shares.

    Attributes:
        shares: of the requests, one for each version, together 1.
    """

    shares: tuple[float, ...] = ()

    def check(self) -> None:
        """Refuse shares that are none."""
        super().check()
        good = len(self.shares) == len(self.versions) and all(share > 0 for share in self.shares)
        if not good or abs(sum(self.shares) - 1) > 1e-9:
            shares, versions = list(self.shares), list(self.versions)
            raise unusable("route-shares", versions=versions, received=shares)


class Canary(Shared, frozen=True, kw_only=True, tag="canary", forbid_unknown_fields=True):
    """The last version gets a small share of the requests."""

    shares: tuple[float, ...] = (0.9, 0.1)

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy."""
        return Draw(self.shares)


class Draw:
    """Draws a version for each request.

    Args:
        shares: (k,), together 1.
        seed: for repeatable draws.
    """

    def __init__(self, shares: Sequence[float], seed: int | None = None) -> None:
        self._ends = list(accumulate(shares))[:-1]
        self._random = random.Random(seed).random

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """By share, whoever asks."""
        return bisect(self._ends, self._random())
