"""Rewards that come after the answer: read, checked, written together, each id once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.routing.config import near
from mulle.verbs.serve.routing.ids import NONE, Prediction
from mulle.verbs.serve.routing.policy import DAY, FEEDBACK_DAYS, Policy
from mulle.verbs.serve.routing.router import Router
from mulle.verbs.serve.routing.store import Reward, StoredArm


class Feedback:
    """Takes rewards for a router; those that come while others are written go together.

    Args:
        router: whose versions are rewarded.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._waiting: list[tuple[Sequence[Reward], asyncio.Future[list[bool]]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def read(self, entry: Any) -> Reward:
        """The reward that an entry of feedback means.

        Args:
            entry: `prediction_id` (or `id`), and `reward` or `label`.

        Raises:
            HTTPError: the id is unknown (404) or too old (410), or there is no usable reward (422).
        """
        if not isinstance(entry, Mapping):
            raise HTTPError(422, "feedback-none", received=type(entry).__name__)
        text = str(entry.get("prediction_id", entry.get("id", "")))
        ids = self._router.ids
        said = ids.read(text) if ids else None
        known = await self._known(said) if said else None
        if said is None or known is None:
            raise HTTPError(404, "feedback-unknown", received=text[:64])
        active = self._router.active.get(known.model)
        policy = active.policy if active else None
        days = policy.feedback_days if policy else FEEDBACK_DAYS
        if said.predicted_at + days * DAY < time.time():
            raise HTTPError(410, "feedback-late", days=days)
        return Reward(text, said.tag.hex(), said.predicted_at, _value(entry, said, known, policy))

    async def take(self, rewards: Sequence[Reward]) -> list[bool]:
        """Whether each reward was the first for its id; what is told is in the database.

        Raises:
            RunError: the database cannot be written.
        """
        future: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append((rewards, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())
        return await future

    async def _known(self, said: Prediction) -> StoredArm | None:
        tag = said.tag.hex()
        if tag not in self._router.known:  # its version is newer than the last exchange
            await self._router.exchange()
        return self._router.known.get(tag)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rewards = [reward for some, _ in batch for reward in some]
            now, fades = time.time(), self._fades(rewards)
            try:
                first = await asyncio.to_thread(self._router.store.reward, rewards, now, fades)
            except Exception as error:  # each who waits is told
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            self._learn(rewards, first, now, fades)
            for some, future in batch:
                if not future.done():
                    future.set_result(first[: len(some)])
                first = first[len(some) :]

    def _fades(self, rewards: Sequence[Reward]) -> dict[str, float]:
        models = {reward.tag: self._router.known[reward.tag].model for reward in rewards}
        active = self._router.active
        return {t: active[m].policy.reward_half_life for t, m in models.items() if m in active}

    def _learn(
        self,
        rewards: Sequence[Reward],
        first: Sequence[bool],
        now: float,
        fades: Mapping[str, float],
    ) -> None:
        """What this process need not wait for the next exchange to know."""
        for reward, fresh in zip(rewards, first, strict=True):
            active = self._router.active.get(self._router.known[reward.tag].model)
            arm = active.by_tag.get(reward.tag) if active else None
            if fresh and arm:
                arm.add_reward(reward.value, now, fades.get(reward.tag, 0.0))


def _value(
    entry: Mapping[str, Any], said: Prediction, known: StoredArm, policy: Policy | None
) -> float:
    """The reward: as given, 1 for the right label, or less the larger the error."""
    low, high = (policy.bounds if policy else None) or (-math.inf, math.inf)
    if "label" in entry:
        return _of_label(entry["label"], said, known, policy, low, high)
    reward = entry.get("reward")
    if not isinstance(reward, (bool, int, float)) or not math.isfinite(reward):
        raise HTTPError(422, "feedback-none", received=str(reward)[:100])
    if not low <= reward <= high:
        raise HTTPError(422, "feedback-range", received=reward, low=low, high=high)
    return float(reward)


def _of_label(
    label: Any, said: Prediction, known: StoredArm, policy: Policy | None, low: float, high: float
) -> float:
    if said.answer == NONE.to_bytes(4, "big", signed=True) and known.labels:
        raise HTTPError(422, "feedback-many")
    if not known.labels:
        if not isinstance(label, (int, float)) or not math.isfinite(label):
            raise HTTPError(422, "feedback-none", received=str(label)[:100])
        scale = policy.error_scale if policy else 1.0
        return min(high, max(low, -abs(label - said.value) / scale))
    names = [_plain(one) for one in known.labels]
    if _plain(label) not in names:
        known_names = near(str(label)[:100], map(str, known.labels))
        raise HTTPError(422, "feedback-label", received=str(label)[:100], near=known_names)
    return float(names.index(_plain(label)) == said.position)


def _plain(label: Any) -> str:
    """A label as text: true and "true", 1 and 1.0 and "1" are one.

    >>> _plain(True), _plain(1.0), _plain("1")
    ('true', '1', '1')
    """
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)
