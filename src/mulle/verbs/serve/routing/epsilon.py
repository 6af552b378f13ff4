"""Epsilon-greedy: mostly the best version so far, sometimes any.

source  Sutton & Barto 2018, "Reinforcement Learning", section 2.2
catalogue  route-bandit
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from mulle.verbs.serve.routing.arms import ArmStats
from mulle.verbs.serve.routing.policy import Bandit, Selector, check_positive, least_tried


class EpsilonGreedy(
    Bandit, frozen=True, kw_only=True, tag="epsilon-greedy", forbid_unknown_fields=True
):
    """Try any version with probability `epsilon`, else take the one with the best mean reward.

    Attributes:
        epsilon: probability of a random version, in (0, 1].
    """

    epsilon: float = 0.1

    def check(self) -> None:
        """Check the probability."""
        super().check()
        check_positive("epsilon", self.epsilon, 1.0)

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return the selector of this policy."""
        return GreedySelector(self.epsilon, self.seed)


class GreedySelector:
    """Chooses at random or by mean reward.

    Args:
        epsilon: probability of a random version.
        seed: seed of the choices, to repeat them.
    """

    def __init__(self, epsilon: float, seed: int | None = None) -> None:
        self._epsilon, self._random = epsilon, random.Random(seed)

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return the position of a version."""
        lacking = least_tried(arms, minimum=1e-9)
        if lacking is not None:
            return lacking
        if self._random.random() < self._epsilon:
            return self._random.randrange(len(arms))
        means = [arm.faded.total / arm.faded.n for arm in arms]
        return means.index(max(means))
