"""What plans will take, from what others of the run took.

One fold of a small boosted model is the clock of a table: whatever the rows, columns and machine
are, the others take so many times as long. As folds end, each learner's own time takes its place.
"""

from __future__ import annotations

import math

from mulle.verbs.fit.plan import Plan

# Seconds of a fold over those of the clock, measured on tables of 1,000 to 4,000 rows.
_RATIOS = {"linear": 0.5, "network": 4.0, "random_forest": 3.0, "extra_trees": 3.0, "dummy": 0.0}
_CLOCK = "lightgbm"
_SETTINGS = {"num_leaves": 31, "learning_rate": 0.05, "colsample_bytree": 1.0}


class Forecast:
    """Seconds of a fold of each plan, as far as they can be known."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = {}  # by learner, over the weight of its settings

    def note(self, plan: Plan, seconds: float) -> None:
        """Note what a fold of a plan took."""
        self._taken.setdefault(plan.learner, []).append(seconds / _weight(plan))

    def of(self, plan: Plan) -> float | None:
        """Return the seconds that a fold of a plan will take; None while there is no clock."""
        own, clock = self._mean(plan.learner), self._mean(_CLOCK)
        if own is None and clock is not None:
            reference = {"num_leaves": 7, "learning_rate": 0.024}  # of the clock
            own = clock * _boosting_weight(reference) * _RATIOS.get(plan.learner, 1.0)
        return None if own is None else own * _weight(plan)

    def _mean(self, learner: str) -> float | None:
        taken = self._taken.get(learner, [])
        return sum(taken) / len(taken) if taken else None


def _weight(plan: Plan) -> float:
    return _boosting_weight(plan.params) if plan.learner == _CLOCK else 1.0


def _boosting_weight(settings: dict[str, float]) -> float:
    """Return about how long boosting takes: many leaves, small steps and all columns take long."""
    known = _SETTINGS | settings
    leaves, rate = known["num_leaves"], known["learning_rate"]
    return math.sqrt(leaves) / rate * known["colsample_bytree"] / 100.0
