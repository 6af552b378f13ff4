"""UCB1: the version that could be best, as far as one knows.

    mean_i + c range sqrt(2 ln N / n_i),   N = sum of n_i

With fading rewards n and N are the faded counts, which is the discounted UCB of Garivier and
Moulines with time in place of turns.

source  Auer, Cesa-Bianchi & Fischer 2002, Machine Learning 47, figure 1; Garivier & Moulines 2011,
        "On upper-confidence bound policies for switching bandit problems"
catalogue  route-bandit
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mulle.verbs.serve.routing.bandit import Bandit, untried
from mulle.verbs.serve.routing.rule import Policy, positive, unusable
from mulle.verbs.serve.routing.tallies import Tally


class UCB(Bandit, frozen=True, kw_only=True, tag="ucb", forbid_unknown_fields=True):
    """Tries what is promising or unknown.

    Attributes:
        low, high: between which rewards lie.
        explore: c; 1 is UCB1, less explores less.
    """

    low: float = 0.0
    high: float = 1.0
    explore: float = 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Other rewards are refused."""
        return self.low, self.high

    def check(self) -> None:
        """Refuse a range that is none."""
        super().check()
        positive(self, "explore", self.explore)
        if not self.low < self.high:
            raise unusable("route-number", setting="high", expected="> low", received=self.high)

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy."""
        return Upper(self.explore * (self.high - self.low))


class Upper:
    """Chooses the largest bound.

    Args:
        width: c times the range of rewards.
    """

    def __init__(self, width: float = 1.0) -> None:
        self._width = width

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """The version."""
        lacking = untried(arms, fewest=1e-9)
        if lacking is not None:
            return lacking
        logs = 2 * max(0.0, math.log(sum(arm.faded.n for arm in arms)))
        bounds = [
            faded.total / faded.n + self._width * math.sqrt(logs / faded.n)
            for faded in (arm.faded for arm in arms)
        ]
        return bounds.index(max(bounds))
