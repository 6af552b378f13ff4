"""Learning rates that change with the steps.

A schedule is called with the number of steps already made, and gives what the optimizer's own
learning rate is multiplied by; it looks at nothing else, so a training is resumed by going on with
the count. `Performance` alone looks at the losses, and remembers.

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
    """1 at every step."""

    def __call__(self, step: int) -> float:
        """The factor."""
        return 1.0


@dataclass(frozen=True)
class PiecewiseConstant:
    """factors[i] from milestones[i - 1] on; with `gamma` in their place, gamma^i.

    Attributes:
        milestones: ascending steps.
        gamma: by how much the rate changes at each.
        factors: one more than there are milestones, instead of gamma.
    """

    milestones: Sequence[int]
    gamma: float = 0.1
    factors: Sequence[float] = ()

    def __call__(self, step: int) -> float:
        """The factor."""
        passed = bisect_right(self.milestones, step)
        return self.factors[passed] if self.factors else self.gamma**passed


@dataclass(frozen=True)
class Power:
    """1 / (1 + step / s)^c."""

    s: float
    c: float = 1.0

    def __call__(self, step: int) -> float:
        """The factor."""
        return float((1 + step / self.s) ** -self.c)


@dataclass(frozen=True)
class Exponential:
    """decay^(step / s): with decay 0.1, ten times smaller every s steps (not every step)."""

    s: float
    decay: float = 0.1

    def __call__(self, step: int) -> float:
        """The factor."""
        return float(self.decay ** (step / self.s))


@dataclass(frozen=True)
class Linear:
    """From 1 in a straight line to `end` at `steps`, and level from there."""

    steps: int
    end: float = 0.0

    def __call__(self, step: int) -> float:
        """The factor."""
        return 1 + (self.end - 1) * min(1.0, step / self.steps)


@dataclass(frozen=True)
class Cosine:
    """From 1 along half a cosine to `end` at `steps`, and level from there.

    Source: Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5 (without restarts).
    """

    steps: int
    end: float = 0.0

    def __call__(self, step: int) -> float:
        """The factor."""
        share = min(1.0, step / self.steps)
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class OneCycle:
    """Up to 1, back, and far below at the end.

    As in the course: from `start` in a straight line to 1 for `rise` of the steps before the last
    tenth, back in a straight line, and in that tenth down to `end`. `OneCycle.pytorch` is the
    variant of PyTorch: two parts along cosines, up for 30 % of the steps and then down at once.

    Attributes:
        steps: of the whole training.
        start: about a tenth of the greatest.
        end: far below.
        rise: share of the steps to the top.
        fall: share of the steps at which it is back at `start`; with fall = 1 there is no last part
            and it goes from the top to `end`.
        cosine: whether the ways are half cosines, or straight.

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
        """`torch.optim.lr_scheduler.OneCycleLR` with its defaults; the top is the lr given."""
        start = 1 / div_factor
        return OneCycle(steps, start, start / final_div_factor, pct_start, 1.0, cosine=True)

    def __call__(self, step: int) -> float:
        """The factor."""
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
    """(1 - cos(2 pi log2(1 + 15 step / steps))) / 2: four waves, each twice as long as the last.

    Source: Holzmueller et al. 2024, arXiv:2407.04491, section 3 (RealMLP).
    """

    steps: int

    def __call__(self, step: int) -> float:
        """The factor."""
        return (1 - math.cos(2 * math.pi * math.log2(1 + 15 * min(1.0, step / self.steps)))) / 2


@dataclass(frozen=True)
class WarmUp:
    """From `start` up to 1 in `steps` steps, then another schedule from its beginning.

    Attributes:
        steps: how long.
        then: what comes after.
        start: the first factor.
        constant: stay at `start` for these steps, instead of rising in a straight line.
    """

    steps: int
    then: Schedule = field(default_factory=Constant)
    start: float = 0.0
    constant: bool = False

    def __call__(self, step: int) -> float:
        """The factor."""
        if step >= self.steps:
            return self.then(step - self.steps)
        return self.start + (0 if self.constant else (1 - self.start) * step / self.steps)


@dataclass
class Performance:
    """Times `factor` whenever the loss has not improved for more than `patience` epochs.

    Attributes:
        factor: below 1.
        patience: epochs without improvement that are let pass.
        threshold: an improvement is a loss below best * (1 - threshold), as in PyTorch.
        cooldown: epochs after a change in which none are counted.
        least: it does not fall below this.
        now: the factor now.
        best: the lowest loss seen.
        waited, cooling: epochs counted.
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    least: float = 0.0
    now: float = 1.0
    best: float = math.inf
    waited: int = 0
    cooling: int = 0

    def __call__(self, step: int) -> float:
        """The factor."""
        return self.now

    def observe(self, loss: float) -> None:
        """Take in the loss of an epoch: of the validation rows, where there are any."""
        if loss < self.best * (1 - self.threshold):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        if self.cooling > 0:
            self.cooling, self.waited = self.cooling - 1, 0
        if self.waited > self.patience:
            self.now = max(self.now * self.factor, self.least)
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
    """A schedule by its name, for a training of so many steps.

    Raises:
        UnknownName: there is none of this name.
        UsageError: it needs more than the number of steps.

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


def memory_of(schedule: Schedule) -> dict[str, Any]:
    """What a schedule remembers; nothing, for all but `Performance`."""
    return dict(vars(schedule)) if isinstance(schedule, Performance) else {}


def remember(schedule: Schedule, memory: Mapping[str, Any]) -> None:
    """Go on from what a schedule remembered."""
    if isinstance(schedule, Performance):
        vars(schedule).update(memory)
