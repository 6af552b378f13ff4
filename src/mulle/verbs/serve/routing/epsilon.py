"""Epsilon-greedy: mostly the best version so far, sometimes any.

source  Sutton & Barto 2018, "Reinforcement Learning", section 2.2
catalogue  route-bandit
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from mulle.verbs.serve.routing.bandit import Bandit, untried
from mulle.verbs.serve.routing.rule import Policy, positive
from mulle.verbs.serve.routing.tallies import Tally


class EpsilonGreedy(
    Bandit, frozen=True, kw_only=True, tag="epsilon-greedy", forbid_unknown_fields=True
):
    """Tries any version with chance `epsilon`, else takes the one with the best mean reward."""

    epsilon: float = 0.1

    def check(self) -> None:
        """Refuse a chance that is none."""
        super().check()
        positive(self, "epsilon", self.epsilon, 1.0)

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy."""
        return Greedy(self.epsilon, self.seed)


class Greedy:
    """Chooses by chance or by mean.

    Args:
        epsilon: the chance to try any.
        seed: for repeatable choices.
    """

    def __init__(self, epsilon: float, seed: int | None = None) -> None:
        self._epsilon, self._random = epsilon, random.Random(seed)

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """The version."""
        lacking = untried(arms, fewest=1e-9)
        if lacking is not None:
            return lacking
        if self._random.random() < self._epsilon:
            return self._random.randrange(len(arms))
        means = [arm.faded.total / arm.faded.n for arm in arms]
        return means.index(max(means))
