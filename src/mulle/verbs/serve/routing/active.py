"""The policy of one model at work in one process: it finds versions, chooses, and counts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from mulle.verbs.serve.http import Request
from mulle.verbs.serve.models import LoadedModel, ModelRepository
from mulle.verbs.serve.routing.ab import SlotSelector, format_slots
from mulle.verbs.serve.routing.arms import ArmStats, StoredArm
from mulle.verbs.serve.routing.config import parse_policy
from mulle.verbs.serve.routing.ids import tag_of
from mulle.verbs.serve.routing.policy import UNASSIGNED, Bandit, Policy, StoredPolicy

STATE_KEY = "assignment-key"  # in a request's state: the key that was found in its rows


class ActivePolicy:
    """Chooses and counts for one model.

    Attributes:
        model: name of the model.
        stored: the policy as it is stored.
        policy: the same, parsed.
        arms: statistics of the version that each name of the policy means now; None where that
            version is not served.
        by_tag: statistics of all versions of this round, by tag.
        column: column that holds the key of a request; "" if none does.
    """

    def __init__(
        self,
        model: str,
        stored: StoredPolicy,
        repository: ModelRepository,
        before: ActivePolicy | None = None,
    ) -> None:
        self.model, self.stored, self._repository = model, stored, repository
        self.policy: Policy = parse_policy(msgspec.json.decode(stored.policy))
        self._selector = self.policy.start(model, stored.slots)
        place, name = self.policy.key_source()
        self._header = name.encode() if place == "header" else b""
        self.column = name if place == "column" else ""
        self._state_name = f"routed:{model}"
        self.arms: list[ArmStats | None] = []
        same_round = before is not None and before.stored.round == stored.round
        self.by_tag: dict[str, ArmStats] = before.by_tag if before and same_round else {}
        self._seen: Any = None
        self._open: list[ArmStats] = []
        self.resolve()

    def choose(self, request: Request) -> str | None:
        """Choose the version for a request that names none; None leaves it to the default."""
        self.follow()
        key = request.header(self._header) if self._header else ""
        if self.column:
            key = request.state.get(STATE_KEY, "")
        arm = self._choose(key)
        if arm is None:
            return None
        request.state[self._state_name] = arm
        return arm.version

    def owner(self, key: str) -> str:
        """Return the version of a key, without counting; "" without one."""
        arm = self._choose(key)
        return arm.version if arm else ""

    def count_answer(self, request: Request, loaded: LoadedModel) -> ArmStats | None:
        """Count an answer; None if this policy did not choose its version."""
        arm: ArmStats | None = request.state.get(self._state_name)
        if arm is None or arm.version != loaded.version:
            return None
        arm.add_request()
        return arm

    def follow(self) -> None:
        """Find the versions again if what is served has changed."""
        if self._repository[self.model] is not self._seen:
            self.resolve()

    def resolve(self) -> None:
        """Find the versions that the names of the policy mean now."""
        served = self._seen = self._repository[self.model]
        self.arms = []
        for name in self.policy.versions:
            version = served.aliases.get(name, name)
            self.arms.append(self._arm(version) if version in served.versions else None)
        # Bandits choose among what is there; shares keep their order.
        self._open = [arm for arm in self.arms if arm]

    def update(self, known: Mapping[str, StoredArm]) -> None:
        """Take over the sums of all processes."""
        self.follow()
        now = time.time()
        for tag, arm in self.by_tag.items():
            if tag in known:
                arm.update(known[tag].stats, now, self.policy.reward_half_life)

    def labels(self, version: str) -> list[Any]:
        """Return the labels [C] of a version; none if it is not served."""
        loaded = self._repository[self.model].versions.get(version)
        return loaded.labels if loaded else []

    def share(self, position: int) -> float | None:
        """Return the share of a version; None where the policy has no shares."""
        shares: tuple[float, ...] = getattr(self.policy, "shares", ())
        return shares[position] if shares else None

    def _choose(self, key: str) -> ArmStats | None:
        if isinstance(self.policy, Bandit):
            return self._open[self._selector.choose(key, self._open)] if self._open else None
        position = self._selector.choose(key, ())
        return None if position == UNASSIGNED else self.arms[position]

    def _arm(self, version: str) -> ArmStats:
        tag = tag_of(self.model, self.stored.round, version)
        return self.by_tag.setdefault(tag.hex(), ArmStats(version, tag=tag))


def update_stored(
    old: StoredPolicy | None, model: str, policy: Policy, file_policy: str, *, fresh: bool
) -> StoredPolicy:
    """Return what is stored once a policy takes the place of another.

    A new round begins where the policy or its versions change, because counts of one cannot be
    added to those of another; a change of shares or of other settings continues the round.

    Args:
        old: what was stored until now.
        model: name of the model.
        policy: the new policy.
        file_policy: what the operator's file contains for it, as JSON; "" if it came by PUT.
        fresh: begin a new round in any case.
    """
    before = parse_policy(msgspec.json.decode(old.policy)) if old and old.policy else None
    kin = before is not None and before.versions == policy.versions
    same = kin and before is not None and before.name == policy.name and not fresh
    selector = policy.start(model, old.slots if old and kin else "")
    moved = bool(same and getattr(before, "shares", ()) != getattr(policy, "shares", ()))
    return StoredPolicy(
        policy=msgspec.json.encode(policy).decode(),
        file_policy=file_policy,
        slots=format_slots(selector.owners) if isinstance(selector, SlotSelector) else "",
        round=(old.round if old else 0) + (not same),
        changes=(old.changes if old and same else 0) + moved,
        since=old.since if old and same else time.time(),
    )
