"""What is known of one version in one round of a test: how often it answered, and its rewards.

Rewards fade where a half-life is set: each weighs 2^(-age / half-life), so that what was learned
long ago does not outvote what is true now. Faded sums fade as a whole, hence still add up.
"""

from __future__ import annotations

import math

from mulle.stats.sequential import Moments


class Tally:
    """One version's counts; those of all processes as of the last exchange, and ours since then.

    Attributes:
        version: which.
        tag: six bytes that stand for it in ids.
        requests: that it answered, in all processes.
        rewards: all of them, each with weight 1.
        faded: all of them, as of `at`.
        at: in seconds since 1970.
        unsent: requests that only this process knows of; part of `requests`.
    """

    __slots__ = ("at", "faded", "requests", "rewards", "tag", "unsent", "version")

    def __init__(
        self,
        version: str,
        requests: int = 0,
        rewards: Moments | None = None,
        faded: Moments | None = None,
        at: float = 0.0,
        tag: bytes = b"",
    ) -> None:
        self.version, self.requests, self.at, self.tag = version, requests, at, tag
        self.rewards = rewards or Moments()
        self.faded = faded or self.rewards
        self.unsent = 0

    def asked(self) -> None:
        """Note a request that it answers."""
        self.requests += 1
        self.unsent += 1

    def reward(self, value: float, now: float = 0.0, half_life: float = 0.0) -> None:
        """Note a reward."""
        one = Moments(1.0, value, value * value)
        self.fade(now, half_life)
        self.rewards = self.rewards.plus(one)
        self.faded = self.faded.plus(one)

    def learn(self, other: Tally, now: float, half_life: float) -> None:
        """Take over what all processes know; what only this one counted stays."""
        self.requests = other.requests + self.unsent
        self.rewards, self.faded, self.at = other.rewards, other.faded, other.at
        self.fade(now, half_life)

    def fade(self, now: float, half_life: float) -> None:
        """Let what is known grow as old as it is; without a half-life nothing ages.

        >>> tally = Tally("1", rewards=Moments(8, 4, 4), at=100.0)
        >>> tally.fade(now=160.0, half_life=30.0)
        >>> tally.faded, tally.rewards.n
        (Moments(n=2.0, total=1.0, squares=1.0), 8)
        """
        if half_life and now > self.at:
            self.faded = self.faded.times(math.exp2((self.at - now) / half_life))
        self.at = max(now, self.at)
