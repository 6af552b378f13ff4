"""What every routing policy shares, and the policies that need no file of their own.

A policy is what the operator writes (TOML or JSON): the versions among which it chooses, and what a
reward is. `start` makes the selector that chooses for each request. `Fixed` and `Shadow` let the
first version answer; `Bandit` is the base of the policies that learn from rewards.

catalogue  route-ab route-bandit
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from mulle.errors import UsageError
from mulle.verbs.serve.routing.arms import ArmStats

DAY = 86_400.0
FEEDBACK_DAYS = 7.0  # for which feedback is accepted
UNASSIGNED = -1  # the request is no part of the test; the default version answers it


class Selector(Protocol):
    """Chooses the version for each request."""

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return the position of the version in `arms`, or UNASSIGNED.

        Args:
            key: whom the request is for; "" if it does not say.
            arms: statistics of each version, in the order of the policy's versions.
        """
        ...


class Policy(msgspec.Struct, frozen=True, kw_only=True, tag_field="policy"):
    """Settings that every policy has.

    Attributes:
        versions: numbers, checksums or aliases; the first is what the others are compared with.
        feedback_days: days after an answer in which its reward is still accepted.
        relevant: differences of mean rewards smaller than this do not matter; None: 0.01 where
            rewards are 0 or 1, else every difference matters.
        error_scale: for a regression, the absolute error that counts as a reward of -1.
    """

    versions: tuple[str, ...] = ("champion", "challenger")
    feedback_days: float = FEEDBACK_DAYS
    relevant: float | None = None
    error_scale: float = 1.0

    @property
    def name(self) -> str:
        """Name of the policy in the routing file."""
        tag = self.__struct_config__.tag
        return str(tag)

    @property
    def uses_rewards(self) -> bool:
        """Whether answers carry an id by which they can be rewarded."""
        return True

    @property
    def reward_half_life(self) -> float:
        """Seconds after which a reward weighs half; 0: never."""
        return 0.0

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Range in which rewards must lie; None: anywhere."""
        return None

    def key_source(self) -> tuple[str, str]:
        """Return where a request's key stands: ("header" or "column", its name), or ("", "")."""
        return "", ""

    def check(self) -> None:
        """Check the settings against each other.

        Raises:
            UsageError: a version twice, too few of them, or a number out of range.
        """
        minimum = 1 if self.name == "fixed" else 2
        if len(set(self.versions)) < max(minimum, len(self.versions)) or "" in self.versions:
            raise UsageError("policy-versions", minimum=minimum, received=list(self.versions))
        check_positive("feedback_days", self.feedback_days)
        check_positive("error_scale", self.error_scale)
        if self.relevant is not None:
            check_positive("relevant", self.relevant)

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return the selector of this policy.

        Args:
            model: name of the model that the policy is for.
            slots: assignment of keys to versions as it was stored; see `ab.py`.
        """
        raise NotImplementedError


class StoredPolicy(NamedTuple):
    """A policy as it is stored.

    Attributes:
        policy: the policy as JSON; "" once it was taken away.
        file_policy: what the operator's file contained for it, as JSON; "" if it came by PUT.
        slots: owners of the slots; see `ab.py`.
        round: number of the model's test, from 1; counts of different rounds are never mixed.
        changes: number of changes of its shares within a round.
        since: start of the round, in seconds since 1970.
    """

    policy: str
    file_policy: str
    slots: str
    round: int
    changes: int
    since: float


class Fixed(Policy, frozen=True, kw_only=True, tag="fixed", forbid_unknown_fields=True):
    """Let the first version answer everything; further versions stand by."""

    versions: tuple[str, ...] = ("champion",)

    @property
    def uses_rewards(self) -> bool:
        """No: nothing is compared."""
        return False

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return a selector that always chooses the first version."""
        return FirstSelector()


class Shadow(Policy, frozen=True, kw_only=True, tag="shadow", forbid_unknown_fields=True):
    """Let the first version answer, and compare the others with it afterwards.

    What the others are asked waits in a short queue. Rows that find the queue full, or that would
    take more than a share of one core, are dropped and counted: no caller waits for a shadow.

    Attributes:
        busy: share of one core's time that comparing may take, in (0, 1].
        tolerance: for a regression, values that differ by at most this much agree.
    """

    busy: float = 0.25
    tolerance: float = 1e-6

    @property
    def uses_rewards(self) -> bool:
        """No: answers are compared with each other, not with the true outcome."""
        return False

    def check(self) -> None:
        """Check the share and the tolerance."""
        super().check()
        check_positive("busy", self.busy, 1.0)
        check_positive("tolerance", self.tolerance)

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return a selector that always chooses the first version."""
        return FirstSelector()


class FirstSelector:
    """Chooses the first version."""

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return 0, the position of the first version."""
        return 0


class Bandit(Policy, frozen=True, kw_only=True):
    """A policy that learns from rewards.

    Attributes:
        half_life: seconds after which a reward weighs half, for a world that changes; 0: rewards
            never fade.
        seed: seed of the choices, to repeat them.
    """

    half_life: float = 0.0
    seed: int | None = None

    @property
    def reward_half_life(self) -> float:
        """Seconds after which a reward weighs half; 0: never."""
        return self.half_life

    def check(self) -> None:
        """Check the half-life."""
        super().check()
        if self.half_life:
            check_positive("half_life", self.half_life)


def least_tried(arms: Sequence[ArmStats], minimum: float) -> int | None:
    """Return the arm with the fewest requests while some arm lacks rewards, else None.

    Args:
        arms: statistics of each version.
        minimum: faded number of rewards below which an arm lacks them; rewards may come late.
    """
    for arm in arms:
        if arm.faded.n < minimum:
            return min(range(len(arms)), key=lambda i: arms[i].requests)
    return None


def check_positive(setting: str, value: float, maximum: float = float("inf")) -> None:
    """Check that a number is above 0 and not above `maximum`.

    Raises:
        UsageError: it is not.
    """
    if not 0 < value <= maximum:
        expected: Any = "> 0" if maximum == float("inf") else f"> 0, <= {maximum:g}"
        raise UsageError("policy-number", setting=setting, expected=expected, received=value)
