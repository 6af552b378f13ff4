"""Thompson sampling: each version as often as it is likely to be the best.

    beta    theta_i ~ Beta(1 + s_i, 1 + n_i - s_i), for rewards from 0 to 1
    normal  mu_i ~ mean_i + sqrt(SS_i / (n_i (n_i - 3))) t(n_i - 3), SS the sum of squares about the
            mean: the posterior under the uniform prior of mean and variance, after five of each

source  Thompson 1933; Chapelle & Li 2011, "An empirical evaluation of Thompson sampling"; Honda &
        Takemura 2014, AISTATS (that prior is optimal, the Jeffreys prior is not)
catalogue  route-bandit
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mulle.verbs.serve.routing.arms import ArmStats
from mulle.verbs.serve.routing.policy import Bandit, Selector, least_tried

FIRST_DRAWS, MAX_DRAWS = 4, 256  # made at once, twice as many each time while nothing changes


class Thompson(Bandit, frozen=True, kw_only=True, tag="thompson", forbid_unknown_fields=True):
    """Draw what each version may be worth, and take the best.

    Attributes:
        rewards: distribution of the rewards: `beta` for 0 to 1, `normal` for others.
    """

    rewards: Literal["beta", "normal"] = "beta"

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Range in which rewards must lie: 0 to 1 for `beta`."""
        return (0.0, 1.0) if self.rewards == "beta" else None

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return the selector of this policy."""
        return ThompsonSelector(self.rewards, self.seed)


class ThompsonSelector:
    """Chooses by draws, several of them made at once while the rewards stay the same.

    Args:
        rewards: `beta` or `normal`.
        seed: seed of the draws, to repeat them.
    """

    def __init__(self, rewards: str = "beta", seed: int | None = None) -> None:
        self._normal = rewards == "normal"
        self._rng, self._one = np.random.default_rng(seed), random.Random(seed)
        self._known: list[tuple[float, ...]] = []
        self._drawn: list[int] = []
        self._size = FIRST_DRAWS

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return the position of a version."""
        known: list[tuple[float, ...]] = [arm.faded for arm in arms]
        if known != self._known:
            self._known, self._drawn, self._size = known, [], FIRST_DRAWS
            lacking = least_tried(arms, minimum=5) if self._normal else None
            return self._single() if lacking is None else lacking
        if not self._drawn:
            lacking = least_tried(arms, minimum=5) if self._normal else None
            if lacking is not None:
                return lacking
            draws = self._normals() if self._normal else self._betas()
            self._drawn = draws.argmax(axis=1).tolist()
            self._size = min(2 * self._size, MAX_DRAWS)
        return self._drawn.pop()

    def _single(self) -> int:
        """Make one draw without the cost of a NumPy call."""
        draw = self._one_normal if self._normal else self._one_beta
        drawn = [draw(*known) for known in self._known]
        return drawn.index(max(drawn))

    def _one_beta(self, n: float, total: float, squares: float) -> float:
        return self._one.betavariate(1 + total, 1 + max(0.0, n - total))

    def _one_normal(self, n: float, total: float, squares: float) -> float:
        freedom = n - 3
        t = self._one.gauss() / math.sqrt(2 * self._one.gammavariate(freedom / 2, 1.0) / freedom)
        return total / n + t * math.sqrt(max(0.0, squares - total * total / n) / (n * freedom))

    def _betas(self) -> NDArray[np.float64]:
        right = [1 + total for _, total, _ in self._known]
        wrong = [1 + max(0.0, n - total) for n, total, _ in self._known]
        return self._rng.beta(right, wrong, (self._size, len(right)))

    def _normals(self) -> NDArray[np.float64]:
        n, total, squares = np.array(self._known).T
        means, freedom = total / n, n - 3
        spread = np.sqrt(np.maximum(0.0, squares - total * means) / (n * freedom))
        draws: NDArray[np.float64] = self._rng.standard_t(freedom, (self._size, len(n)))
        found: NDArray[np.float64] = draws * spread + means
        return found
