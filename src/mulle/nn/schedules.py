"""Schedules: factors of the learning rate that change with the steps.

A schedule is called with the number of steps taken, and returns the factor of the optimizer's own
learning rate. It depends on nothing else, so a resumed training only continues the count. The
exception is `Performance`, which watches the losses and has a state.

catalogue  sch-why sch-constant sch-step sch-power sch-exp sch-plateau sch-1cycle sch-linear
           warm-why warm-linear warm-const
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mulle.errors import UnknownName, UsageError

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Constant:
    """Constant schedule: 1 at every step."""

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return 1.0


@dataclass(frozen=True)
class PiecewiseConstant:
    """Piecewise constant schedule: factors[i] from milestones[i - 1] on, or gamma^i.

    Attributes:
        milestones: steps at which the rate changes, ascending.
        gamma: factor of each change, where `factors` are not given.
        factors: factors, one more than there are milestones.
    """

    milestones: Sequence[int]
    gamma: float = 0.1
    factors: Sequence[float] = ()

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        passed = bisect_right(self.milestones, step)
        return self.factors[passed] if self.factors else self.gamma**passed


@dataclass(frozen=True)
class Power:
    """Power schedule: 1 / (1 + step / s)^c."""

    s: float
    c: float = 1.0

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return float((1 + step / self.s) ** -self.c)


@dataclass(frozen=True)
class Exponential:
    """Exponential schedule: decay^(step / s); with decay 0.1, ten times smaller every s steps."""

    s: float
    decay: float = 0.1

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return float(self.decay ** (step / self.s))


@dataclass(frozen=True)
class Linear:
    """Linear schedule: from 1 in a straight line to `end` at `steps`, constant from there."""

    steps: int
    end: float = 0.0

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return 1 + (self.end - 1) * min(1.0, step / self.steps)


@dataclass(frozen=True)
class Cosine:
    """Cosine schedule: from 1 along half a cosine to `end` at `steps`, constant from there.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5 (without restarts).
    """

    steps: int
    end: float = 0.0

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        share = min(1.0, step / self.steps)
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class OneCycle:
    """One-cycle schedule: up to 1, back, and far below at the end.

    It rises from `start` in a straight line to 1 for a share `rise` of the steps, falls back in a
    straight line until a share `fall`, and then goes down to `end`. `OneCycle.pytorch` is the
    variant of PyTorch: two parts along cosines, up for 30 % of the steps and then down to `end`.

    Attributes:
        steps: number of steps of the whole training.
        start: first factor, about 0.1.
        end: last factor, far below `start`.
        rise: share of the steps until the factor is 1.
        fall: share of the steps until it is back at `start`; with fall = 1 there is no last part,
            and it falls from 1 to `end`.
        cosine: whether it rises and falls along half cosines instead of straight lines.

    Source: Smith 2018, arXiv:1803.09820, section 4.
    """

    steps: int
    start: float = 0.1
    end: float = 0.001
    rise: float = 0.45
    fall: float = 0.9
    cosine: bool = False

    @staticmethod
    def pytorch(steps: int, *, pct_start: float = 0.3, div_factor: float = 25.0,
                final_div_factor: float = 1e4) -> OneCycle:  # fmt: skip
        """Return the schedule of `torch.optim.lr_scheduler.OneCycleLR` with its defaults."""
        start = 1 / div_factor
        return OneCycle(steps, start, start / final_div_factor, pct_start, 1.0, cosine=True)

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        last = self.steps - 1
        top = self.rise * self.steps - 1 if self.fall == 1 else self.rise * last
        back = self.fall * last
        knots = [(0.0, self.start), (top, 1.0), (back, self.start), (float(last), self.end)]
        if self.fall == 1:
            del knots[2]
        for (a, low), (b, high) in pairwise(knots):
            if step <= b:
                share = (step - a) / (b - a) if b > a else 1.0
                share = (1 - math.cos(math.pi * share)) / 2 if self.cosine else share
                return low + (high - low) * share
        return self.end


@dataclass(frozen=True)
class CosLog4:
    """Coslog4 schedule: (1 - cos(2 pi log2(1 + 15 step / steps))) / 2.

    These are four waves, each twice as long as the one before.

    Source: Holzmueller et al. 2024, arXiv:2407.04491, section 3 (RealMLP).
    """

    steps: int

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return (1 - math.cos(2 * math.pi * math.log2(1 + 15 * min(1.0, step / self.steps)))) / 2


@dataclass(frozen=True)
class WarmUp:
    """Warm-up schedule: from `start` up to 1 in `steps` steps, then another schedule.

    Attributes:
        steps: number of steps of the warm-up.
        then: schedule that follows, from its beginning.
        start: first factor.
        constant: whether to stay at `start` instead of rising in a straight line.
    """

    steps: int
    then: Schedule = field(default_factory=Constant)
    start: float = 0.0
    constant: bool = False

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        if step >= self.steps:
            return self.then(step - self.steps)
        return self.start + (0 if self.constant else (1 - self.start) * step / self.steps)


@dataclass
class Performance:
    """Performance schedule: times `factor` when the loss has not improved for `patience` epochs.

    Attributes:
        factor: factor of each reduction, below 1.
        patience: number of epochs without improvement that are allowed.
        threshold: relative improvement that counts: below best * (1 - threshold), as in PyTorch.
        cooldown: number of epochs after a reduction that are not counted.
        minimum: smallest factor.
        now: current factor.
        best: lowest loss so far.
        waited: number of epochs without improvement.
        cooling: number of epochs of the cooldown that are left.
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    minimum: float = 0.0
    now: float = 1.0
    best: float = math.inf
    waited: int = 0
    cooling: int = 0

    def __call__(self, step: int) -> float:
        """Return the factor of a step (0-based)."""
        return self.now

    def observe(self, loss: float) -> None:
        """Update the factor by the loss of an epoch, of validation rows where there are any."""
        if loss < self.best * (1 - self.threshold):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        if self.cooling > 0:
            self.cooling, self.waited = self.cooling - 1, 0
        if self.waited > self.patience:
            self.now = max(self.now * self.factor, self.minimum)
            self.cooling, self.waited = self.cooldown, 0


SCHEDULES: dict[str, Callable[..., Schedule]] = {
    "constant": Constant,
    "piecewise-constant": PiecewiseConstant,
    "power": Power,
    "exponential": Exponential,
    "linear": Linear,
    "cosine": Cosine,
    "one-cycle": OneCycle,
    "coslog4": CosLog4,
    "performance": Performance,
}
_NEEDS_STEPS = {"linear", "cosine", "one-cycle", "coslog4"}
_NEEDS_MORE = {"piecewise-constant": "milestones", "power": "s", "exponential": "s"}


def schedule(name: str, steps: int) -> Schedule:
    """Return a schedule by its name, for a training of a number of steps.

    Raises:
        UnknownName: there is no schedule of this name.
        UsageError: the schedule needs more than the number of steps.

    >>> schedule("cosine", 10)(10)
    0.0
    """
    if name not in SCHEDULES:
        raise UnknownName("schedule-unknown", "schedule", name, SCHEDULES)
    if name in _NEEDS_MORE:
        kind = SCHEDULES[name].__name__
        raise UsageError(
            "schedule-incomplete", schedule=name, missing=_NEEDS_MORE[name], class_name=kind
        )
    return SCHEDULES[name](max(1, steps)) if name in _NEEDS_STEPS else SCHEDULES[name]()


def get_state(schedule: Schedule) -> dict[str, Any]:
    """Return the state of a schedule; it is empty for all but `Performance`."""
    return dict(vars(schedule)) if isinstance(schedule, Performance) else {}


def set_state(schedule: Schedule, memory: Mapping[str, Any]) -> None:
    """Restore the state of a schedule."""
    if isinstance(schedule, Performance):
        vars(schedule).update(memory)
