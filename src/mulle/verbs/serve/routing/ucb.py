"""UCB1: the version that could still be the best.

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

from mulle.errors import UsageError
from mulle.verbs.serve.routing.arms import ArmStats
from mulle.verbs.serve.routing.policy import Bandit, Selector, check_positive, least_tried


class UCB(Bandit, frozen=True, kw_only=True, tag="ucb", forbid_unknown_fields=True):
    """Try the versions that are promising or unknown.

    Attributes:
        low, high: range of the rewards.
        explore: the factor c; 1 is UCB1, less explores less.
    """

    low: float = 0.0
    high: float = 1.0
    explore: float = 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Range in which rewards must lie."""
        return self.low, self.high

    def check(self) -> None:
        """Check the factor and the range."""
        super().check()
        check_positive("explore", self.explore)
        if not self.low < self.high:
            raise UsageError(
                "policy-number", setting="high", expected=f"> {self.low:g}", received=self.high
            )

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return the selector of this policy."""
        return UCBSelector(self.explore * (self.high - self.low))


class UCBSelector:
    """Chooses the version with the largest bound.

    Args:
        width: c times the range of rewards.
    """

    def __init__(self, width: float = 1.0) -> None:
        self._width = width

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return the position of a version."""
        lacking = least_tried(arms, minimum=1e-9)
        if lacking is not None:
            return lacking
        logs = 2 * max(0.0, math.log(sum(arm.faded.n for arm in arms)))
        bounds = [
            faded.total / faded.n + self._width * math.sqrt(logs / faded.n)
            for faded in (arm.faded for arm in arms)
        ]
        return bounds.index(max(bounds))
