"""The record of a training: losses, learning rates, epochs, and diagnoses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mulle.nn.train.diagnosis.diagnosis import Diagnosis

if TYPE_CHECKING:
    from mulle.report.charts import Drawing


class Epoch(NamedTuple):
    """Record one pass over the rows.

    Attributes:
        number: number of the epoch, 1-based.
        loss: mean loss of its rows, while the weights changed.
        validation: loss on the validation rows at its end; nan without any.
        metrics: scores on the validation rows, by name.
        seconds: duration.
        steps: number of updates made from the beginning to its end.
    """

    number: int
    loss: float
    validation: float
    metrics: dict[str, float]
    seconds: float
    steps: int

    @property
    def monitored(self) -> float:
        """The loss that decides: that of the validation rows where there are any."""
        return self.loss if math.isnan(self.validation) else self.validation


@dataclass
class History:
    """Record the course of a training.

    Attributes:
        losses: loss of each step.
        lrs: learning rate of each step.
        epochs: records of the epochs.
        gradients: root mean square of the gradient of each weight, by its name, after some steps.
        diagnoses: what seems wrong; empty for a healthy training.
        best_epoch: number of the epoch with the lowest monitored loss; 0 before the first.
        stopped: why the training ended: "epochs", "patience", "stop" or "callback".
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
        """The lowest monitored loss; infinite before the first epoch."""
        return self.epochs[self.best_epoch - 1].monitored if self.best_epoch else math.inf

    def add(self, epoch: Epoch, min_delta: float = 0.0) -> bool:
        """Add an epoch; return whether it is the best, by more than `min_delta`."""
        best = epoch.monitored < self.best - min_delta
        self.epochs.append(epoch)
        if best:
            self.best_epoch = epoch.number
        return best

    def plots(self) -> list[Drawing]:
        """Draw losses, learning rate and gradients by steps; a notebook shows the pictures."""
        from mulle.nn.train.plots import plot_gradients, plot_learning_rates, plot_losses

        steps, losses, validation = [], [], []
        for epoch in self.epochs:
            steps.append(epoch.steps)
            losses.append(epoch.loss)
            validation.append(epoch.validation)
        charts = [plot_losses(steps, losses, validation), plot_learning_rates(self.lrs)]
        drawn = any(self.gradients.values())  # of frozen weights there are none
        return [*charts, plot_gradients(self.gradients)] if drawn else charts
