"""Statistics of one version in one round of a test: its requests and its rewards.

Rewards fade where a half-life is set: each weighs 2^(-age / half-life), so that what was learned
long ago does not outvote what is true now. Faded sums fade as a whole, hence still add up.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from mulle.stats.sequential import Sums


class ArmStats:
    """Counts of one version: of all processes at the last exchange, and of this one since then.

    Attributes:
        version: the version.
        tag: six bytes that stand for the version in ids.
        requests: number of requests that it answered, in all processes.
        rewards: sums of all rewards, each with weight 1.
        faded: sums of all rewards, faded to the moment `at`.
        at: moment of the faded sums, in seconds since 1970.
        unsent: requests that only this process knows of; part of `requests`.
    """

    __slots__ = ("at", "faded", "requests", "rewards", "tag", "unsent", "version")

    def __init__(
        self,
        version: str,
        requests: int = 0,
        rewards: Sums | None = None,
        faded: Sums | None = None,
        at: float = 0.0,
        tag: bytes = b"",
    ) -> None:
        self.version, self.requests, self.at, self.tag = version, requests, at, tag
        self.rewards = rewards or Sums()
        self.faded = faded or self.rewards
        self.unsent = 0

    def add_request(self) -> None:
        """Count a request that this version answers."""
        self.requests += 1
        self.unsent += 1

    def add_reward(self, value: float, now: float = 0.0, half_life: float = 0.0) -> None:
        """Count a reward."""
        one = Sums(1.0, value, value * value)
        self.fade(now, half_life)
        self.rewards = self.rewards.plus(one)
        self.faded = self.faded.plus(one)

    def update(self, other: ArmStats, now: float, half_life: float) -> None:
        """Take over the sums of all processes; requests that only this one counted stay."""
        self.requests = other.requests + self.unsent
        self.rewards, self.faded, self.at = other.rewards, other.faded, other.at
        self.fade(now, half_life)

    def fade(self, now: float, half_life: float) -> None:
        """Fade the sums to the moment `now`; without a half-life nothing fades.

        >>> stats = ArmStats("1", rewards=Sums(8, 4, 4), at=100.0)
        >>> stats.fade(now=160.0, half_life=30.0)
        >>> stats.faded, stats.rewards.n
        (Sums(n=2.0, total=1.0, squares=1.0), 8)
        """
        if half_life and now > self.at:
            self.faded = self.faded.times(math.exp2((self.at - now) / half_life))
        self.at = max(now, self.at)


class StoredArm(NamedTuple):
    """Sums of one version over all processes, with its labels [C] in the order of its codes."""

    model: str
    round: int
    labels: list[Any]
    stats: ArmStats


class Reward(NamedTuple):
    """A reward for one prediction of the version with this tag.

    Attributes:
        id: id of the prediction.
        tag: tag of the version, in hexadecimal digits.
        predicted_at: moment of the prediction, in seconds since 1970.
        value: the reward.
    """

    id: str
    tag: str
    predicted_at: int
    value: float
