"""What bandits share: arms nobody has rewarded yet are tried in turn, and old rewards may fade.

catalogue  route-bandit
"""

from __future__ import annotations

from collections.abc import Sequence

from mulle.verbs.serve.routing.rule import Rule, positive
from mulle.verbs.serve.routing.tallies import Tally


class Bandit(Rule, frozen=True, kw_only=True):
    """A rule that learns from rewards.

    Attributes:
        half_life: seconds in which a reward comes to weigh half, for a world that changes; 0:
            rewards never fade.
        seed: for repeatable choices.
    """

    half_life: float = 0.0
    seed: int | None = None

    @property
    def fades(self) -> float:
        """The half-life."""
        return self.half_life

    def check(self) -> None:
        """Refuse a half-life that is none."""
        super().check()
        if self.half_life:
            positive(self, "half_life", self.half_life)


def untried(arms: Sequence[Tally], fewest: float) -> int | None:
    """The arm with the fewest requests, while one lacks rewards; rewards may come late."""
    for arm in arms:
        if arm.faded.n < fewest:
            return min(range(len(arms)), key=lambda i: arms[i].requests)
    return None
