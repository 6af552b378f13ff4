"""What a worker is handed: a task is a pure function of the training rows and its own values.

The same task gives the same result in this process, in another, or on another machine. What goes
wrong in it is part of the result.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from mulle.budget import TimeUp, stop_after
from mulle.steps import Arithmetic
from mulle.verbs.fit.plan import Plan, only_pairs
from mulle.verbs.fit.prices import TooDear, measure
from mulle.verbs.fit.validation import Training, train_fold


class Task(Protocol):
    """Some work on the training rows.

    Attributes:
        plan: whose work it is.
        seconds: that it may take.
    """

    @property
    def plan(self) -> Plan:
        """Whose work it is."""

    @property
    def seconds(self) -> float:
        """The seconds that it may take."""

    def run(self, training: Training) -> Any:
        """Do it."""


@dataclass(frozen=True)
class TrainFold:
    """Train a plan on a fold; its result is a `FoldResult`.

    Attributes:
        fold: its number.
        rows, learning, keep: as in `train_fold`.
    """

    plan: Plan
    fold: int
    seconds: float = math.inf
    rows: int | None = None
    learning: float = 1.0
    keep: bool = True

    def run(self, training: Training) -> Any:
        """Return the `FoldResult`."""
        return train_fold(
            self.plan,
            training,
            self.fold,
            seconds=self.seconds,
            rows=self.rows,
            learning=self.learning,
            keep=self.keep,
        )


@dataclass(frozen=True)
class MeasurePrice:
    """Measure what a plan costs, on some of the rows; its result is a `Price`."""

    plan: Plan
    seconds: float

    def run(self, training: Training) -> Any:
        """Return the `Price`."""
        return measure(self.plan, training, self.seconds)


@dataclass(frozen=True)
class FindPairs:
    """Look which sums, differences, products or ratios of two columns help.

    Its result are the pairs, as `Arithmetic` takes candidates.
    """

    plan: Plan
    seconds: float = math.inf

    def run(self, training: Training) -> Any:
        """Return the pairs that help on the training rows of a fold."""
        rows, _ = training.folds[0]
        stop, _ = stop_after(self.seconds)
        plan = only_pairs(self.plan)
        preparation = plan.preparation()
        columns = {name: training.columns[name][rows] for name in plan.columns}
        preparation.fit_transform(columns, training.y[rows], stop=stop)
        steps = [step for block in preparation.blocks for chain in block.chains_ for step in chain]
        return [str(pair) for step in steps if isinstance(step, Arithmetic) for pair in step.pairs_]


class Done(NamedTuple):
    """A task that has ended.

    Attributes:
        result: what it gave; None where it gave nothing.
        status: `done`, `failed`, `stopped` (the time was up) or `lost` (its worker died).
        reason: why it has no result.
        seconds: that it took.
        needed: seconds that all of it would have taken, where that was found too many.
    """

    task: Task
    result: Any = None
    status: str = "done"
    reason: str = ""
    seconds: float = 0.0
    needed: float | None = None


def do(task: Task, training: Training) -> Done:
    """Do a task, whatever comes of it."""
    begin = time.perf_counter()

    def ended(status: str, reason: str, needed: float | None = None) -> Done:
        return Done(task, None, status, reason, time.perf_counter() - begin, needed)

    try:
        return Done(task, task.run(training), seconds=time.perf_counter() - begin)
    except TooDear as dear:
        return ended("stopped", "too-dear", dear.needed)
    except TimeUp:
        return ended("stopped", "budget")
    except Exception as error:
        # A candidate may fail in any way its library knows; it is then a row with its reason.
        return ended("failed", f"{type(error).__name__}: {error}"[:300])
