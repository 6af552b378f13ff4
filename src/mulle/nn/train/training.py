"""`Training`: the state of a training under way, and one step of it.

catalogue  ad-iteration ad-cost ad-backprop ad-forward
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mulle.budget import Stop, never
from mulle.nn import clip
from mulle.nn.module import Module
from mulle.nn.optim import Optimizer
from mulle.nn.regularize import Penalty
from mulle.nn.schedules import Schedule
from mulle.nn.train.batches import Batches
from mulle.nn.train.evaluate import Metric
from mulle.nn.train.failure import find_not_finite
from mulle.nn.train.history import History
from mulle.nn.train.precision import make_precision
from mulle.nn.train.progress import Status

Loss = Callable[[Any, Any], Any]
STEPS_AVERAGED = 50  # in the loss that the progress line shows


class EarlyStopping(NamedTuple):
    """End a training when the monitored loss has not improved for `patience` epochs.

    Attributes:
        patience: number of epochs without improvement that are allowed.
        min_delta: smallest decrease that counts as an improvement.
        restore_best: whether the model gets the weights of its best epoch at the end.
    """

    patience: int
    min_delta: float = 0.0
    restore_best: bool = True


class Training:
    """Hold a training under way; callbacks receive it.

    Attributes:
        model: the model being trained.
        batches: its rows, in batches.
        loss: function of output and target.
        optimizer: the optimizer; its `lr` is that of the current step.
        schedule: factor of the learning rate by step.
        history: the record so far.
        lr: learning rate that the schedule's factor multiplies.
        epoch: current epoch (1-based); 0 before the first.
        epochs: number of epochs.
        step: number of updates made.
        total_steps: number of updates in all epochs.
        epochs_since_best: number of epochs since the best one.
        epoch_losses: sum of losses times rows, and number of rows, of the current epoch so far.
        in_epoch: whether an epoch has begun and not ended.
        finished: whether nothing is left to do.
        replaced: settings of the optimizer that a checkpoint replaced: given, and now in use.
        schedule_before: schedule that the checkpoint was saved with, as text; "" where unknown.
    """

    def __init__(
        self,
        model: Module,
        batches: Batches,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule,
        epochs: int,
    ) -> None:
        self.model, self.batches, self.loss = model, batches, loss
        self.optimizer, self.schedule, self.lr = optimizer, schedule, optimizer.lr
        self.epoch, self.epochs, self.step = 0, epochs, 0
        self.total_steps = epochs * len(batches)
        self.history = History()
        self.validation: Batches | None = None
        self.metrics: Mapping[str, Metric] = {}
        self.precision = make_precision("float32", optimizer)
        self.clip_norm: float | None = None
        self.clip_value: float | None = None
        self.penalty: Penalty | None = None
        self.early_stopping: EarlyStopping | None = None
        self.callbacks: Sequence[Callable[[Training], Any]] = ()
        self.stop: Stop = never
        self.checkpoint: Path | None = None
        self.checkpoint_every: int | None = None
        self.diagnosing = True
        self.best_weights: dict[str, np.ndarray] = {}
        self.epochs_since_best = 0
        self.epoch_losses = [0.0, 0.0]
        self.in_epoch = self.finished = False
        self.evidence: Any = None
        self.replaced: dict[str, tuple[Any, Any]] = {}
        self.schedule_before = ""

    def make_step(self, inputs: tuple[Any, ...], target: Any) -> None:
        """Update the parameters once, from one batch, and record the loss."""
        optimizer, history = self.optimizer, self.history
        lr = optimizer.lr = self.lr * self.schedule(self.step)
        if optimizer.wants_closure:
            search: Any = optimizer.step
            value = float(search(lambda: self.gradients(inputs, target)))
        else:
            value = self.gradients(inputs, target)
            self.precision.step(optimizer)
        self.step += 1
        history.losses.append(value)
        history.lrs.append(lr)
        rows = len(target)
        self.epoch_losses[0] += value * rows
        self.epoch_losses[1] += rows

    def gradients(self, inputs: tuple[Any, ...], target: Any) -> float:
        """Return the loss of a batch; its gradients are then in the parameters.

        Raises:
            RunError: the loss is not finite; the message names the layer.
        """
        optimizer, precision = self.optimizer, self.precision
        optimizer.zero_grad()
        with precision.computing():
            loss = self.loss(self.model(*inputs), target)
        value = float(loss.item())
        if not math.isfinite(value):
            raise find_not_finite(
                self.model, inputs, loss=value, step=self.step + 1, epoch=self.epoch
            )
        precision.backward(loss)
        if self.penalty or self.clip_norm is not None or self.clip_value is not None:
            precision.unscale(optimizer)
            value += self._shape_gradients()
        return value

    def _shape_gradients(self) -> float:
        """Apply penalty and clipping; return what the penalty adds to the loss."""
        added = self.penalty.apply(self.optimizer) if self.penalty else 0.0
        if self.clip_value is not None:
            clip.clip_value(self.optimizer, self.clip_value)
        if self.clip_norm is not None:
            clip.clip_norm(self.optimizer, self.clip_norm)
        return added

    def status(self) -> Status:
        """Return how far the training has come."""
        recent = self.history.losses[-STEPS_AVERAGED:]
        return Status(
            epoch=self.epoch,
            epochs=self.epochs,
            loss=sum(recent) / max(1, len(recent)),
            lr=self.optimizer.lr,
            batch_size=self.batches.size,
            steps_left=self.total_steps - self.step,
        )
