"""Rewards of routed predictions: computed from labels, checked, and stored, each id once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.routing.arms import Reward, StoredArm
from mulle.verbs.serve.routing.ids import NONE, Prediction
from mulle.verbs.serve.routing.policy import DAY, FEEDBACK_DAYS, Policy
from mulle.verbs.serve.routing.router import Router


class RoutedPrediction(NamedTuple):
    """A prediction whose version was chosen by a policy.

    Attributes:
        id: id of the prediction.
        prediction: content of the id.
        arm: the version that answered.
        policy: policy of its model now; None if there is none any more.
    """

    id: str
    prediction: Prediction
    arm: StoredArm
    policy: Policy | None

    @property
    def is_for_many_rows(self) -> bool:
        """Whether the id stands for answers to several rows."""
        return self.prediction.position == NONE  # as a float32 that is NaN, which no answer is

    @property
    def feedback_days(self) -> float:
        """Days in which its reward is accepted."""
        return self.policy.feedback_days if self.policy else FEEDBACK_DAYS

    @property
    def is_late(self) -> bool:
        """Whether its reward is no longer accepted."""
        return self.prediction.predicted_at + self.feedback_days * DAY < time.time()

    def with_reward(self, value: float) -> Reward:
        """Return a reward that was given as a number.

        Raises:
            HTTPError: the value is out of the policy's range (422).
        """
        low, high = self._bounds
        if not low <= value <= high:
            raise HTTPError(422, "feedback-range", received=value, low=low, high=high)
        return self._reward(float(value))

    def with_label(self, label: Any) -> Reward:
        """Return the reward of a true label: 1 if it was predicted, less the larger the error.

        Args:
            label: one of the model's labels, or the true value of a regression.
        """
        if self.arm.labels:
            position = self.prediction.position
            return self._reward(float(self.arm.labels[position] == label))
        low, high = self._bounds
        scale = self.policy.error_scale if self.policy else 1.0
        return self._reward(min(high, max(low, -abs(label - self.prediction.value) / scale)))

    @property
    def _bounds(self) -> tuple[float, float]:
        return (self.policy.bounds if self.policy else None) or (-math.inf, math.inf)

    def _reward(self, value: float) -> Reward:
        tag = self.prediction.tag.hex()
        return Reward(self.id, tag, self.prediction.predicted_at, value)


class RewardQueue:
    """Stores rewards for a router; those that come during a transaction share the next one.

    Args:
        router: the policies that the rewards are for.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._waiting: list[tuple[Sequence[Reward], asyncio.Future[list[bool]]]] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether predictions of this server can be rewarded at all."""
        return self._router.ids is not None

    async def find(self, id: str) -> RoutedPrediction | None:
        """Return the prediction of an id; None if no policy chose its version."""
        prediction = self._router.ids.read(id) if self._router.ids else None
        if prediction is None:
            return None
        tag = prediction.tag.hex()
        if tag not in self._router.known:  # its version is newer than the last exchange
            await self._router.exchange()
        arm = self._router.known.get(tag)
        if arm is None:
            return None
        active = self._router.active.get(arm.model)
        return RoutedPrediction(id, prediction, arm, active.policy if active else None)

    async def add(self, rewards: Sequence[Reward]) -> list[bool]:
        """Store rewards; return for each whether it was the first for its id.

        Raises:
            RunError: the database cannot be written.
        """
        future: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append((rewards, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rewards = [reward for some, _ in batch for reward in some]
            now, half_lives = time.time(), self._half_lives(rewards)
            try:
                first = await asyncio.to_thread(self._router.store.reward, rewards, now, half_lives)
            except Exception as error:  # each request that waits gets it
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            self._update_arms(rewards, first, now, half_lives)
            for some, future in batch:
                if not future.done():
                    future.set_result(first[: len(some)])
                first = first[len(some) :]

    def _half_lives(self, rewards: Sequence[Reward]) -> dict[str, float]:
        models = {reward.tag: self._router.known[reward.tag].model for reward in rewards}
        active = self._router.active
        return {t: active[m].policy.reward_half_life for t, m in models.items() if m in active}

    def _update_arms(
        self,
        rewards: Sequence[Reward],
        first: Sequence[bool],
        now: float,
        half_lives: Mapping[str, float],
    ) -> None:
        """Let this process know the new rewards before the next exchange."""
        for reward, is_first in zip(rewards, first, strict=True):
            active = self._router.active.get(self._router.known[reward.tag].model)
            arm = active.by_tag.get(reward.tag) if active else None
            if is_first and arm:
                arm.add_reward(reward.value, now, half_lives.get(reward.tag, 0.0))
