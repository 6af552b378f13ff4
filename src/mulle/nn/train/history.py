"""What happened in a training: losses, rates, epochs, and what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mulle.nn.train.diagnosis.diagnosis import Diagnosis

if TYPE_CHECKING:
    from mulle.report.charts import Drawing


class Epoch(NamedTuple):
    """One pass over the rows.

    Attributes:
        number: from 1.
        loss: mean over its rows, as they came.
        validation: loss on the validation rows; nan without any.
        metrics: on the validation rows, or on none.
        seconds: it took.
        steps: made in all by its end.
    """

    number: int
    loss: float
    validation: float
    metrics: dict[str, float]
    seconds: float
    steps: int

    @property
    def watched(self) -> float:
        """The loss to judge by: that of the validation rows where there are any."""
        return self.loss if math.isnan(self.validation) else self.validation


@dataclass
class History:
    """A training as it went.

    Attributes:
        losses: at each step.
        lrs: learning rate of each step.
        epochs: one entry each.
        gradients: root mean square of the gradient of each weight, by its name, after some steps.
        diagnoses: what seems wrong; empty for a healthy training.
        best_epoch: with the lowest watched loss; 0 before the first.
        stopped: why it ended: "epochs", "patience", "stop" or "callback".
    """

    losses: list[float] = field(default_factory=list)
    lrs: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    gradients: dict[int, dict[str, float]] = field(default_factory=dict)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = ""

    @property
    def best(self) -> float:
        """The lowest watched loss."""
        return self.epochs[self.best_epoch - 1].watched if self.best_epoch else math.inf

    def add(self, epoch: Epoch, least: float = 0.0) -> bool:
        """Take in an epoch; whether it is the best, by more than `least`."""
        best = epoch.watched < self.best - least
        self.epochs.append(epoch)
        if best:
            self.best_epoch = epoch.number
        return best

    def plots(self) -> list[Drawing]:
        """Draw loss, learning rate and gradient norms by steps; a notebook shows the pictures."""
        from mulle.nn.train.plots import plots

        return plots(self)
