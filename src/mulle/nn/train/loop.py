"""Training: batch after batch, gradients, a step; epoch after epoch, a look at how it goes.

catalogue  ad-epoch ad-iteration ad-cost ad-backprop ad-forward
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mulle.budget import Stop, never
from mulle.errors import MulleError
from mulle.nn import clip
from mulle.nn.memory import keep_pages
from mulle.nn.module import Module
from mulle.nn.optim import Optimizer
from mulle.nn.randomness import manual_seed
from mulle.nn.regularize import Penalty
from mulle.nn.schedules import Performance, Schedule
from mulle.nn.train import checkpoint as checkpoints
from mulle.nn.train import settings
from mulle.nn.train.batches import Batches
from mulle.nn.train.diagnosis import ROWS, diagnose, probe
from mulle.nn.train.evaluate import Metric, evaluate
from mulle.nn.train.failure import not_finite
from mulle.nn.train.history import Epoch, History
from mulle.nn.train.precision import make_precision
from mulle.nn.train.progress import Progress

Loss = Callable[[Any, Any], Any]


class EarlyStopping(NamedTuple):
    """End when the watched loss has not improved for `patience` epochs.

    Attributes:
        patience: epochs without improvement that are let pass.
        least: what counts as one.
        restore: give the model the weights of its best epoch at the end.
    """

    patience: int
    least: float = 0.0
    restore: bool = True


class Training:
    """A training under way; what callbacks are handed.

    Attributes:
        model, optimizer, schedule, batches, history: as their names say.
        lr: the learning rate that the schedule's factor is applied to.
        epoch, epochs: of how many this is the how-manieth, from 1; 0 before the first.
        step, total_steps: updates made, and to be made.
        waited: epochs since the best.
        epoch_losses: sum of losses times rows, and rows, of this epoch so far.
        begun: an epoch is under way.
        finished: nothing is left to be done.
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
        self.early: EarlyStopping | None = None
        self.callbacks: Sequence[Callable[[Training], Any]] = ()
        self.stop: Stop = never
        self.checkpoint: Path | None = None
        self.checkpoint_every: int | None = None
        self.diagnosing = True
        self.best_weights: dict[str, np.ndarray] = {}
        self.waited = 0
        self.epoch_losses = [0.0, 0.0]
        self.begun = self.finished = False
        self._evidence: Any = None

    def run(self, progress: Progress) -> History:
        """Go on to the end."""
        self.model.train()
        ended = ""
        while not ended and not self.finished:
            if not self.begun:
                if self.epoch >= self.epochs:
                    break
                self._begin_epoch()
            ended = self._pass(progress) or self._end_epoch()
        self.history.stopped = ended or "epochs"
        self.finished = ended in {"patience", "callback"}
        self._finish()
        return self.history

    def _begin_epoch(self) -> None:
        self.epoch += 1
        self.begun, self.epoch_losses = True, [0.0, 0.0]
        self.batches.begin()

    def _pass(self, progress: Progress) -> str:
        """The rest of this epoch; why it ended early, if it did."""
        self._since = time.perf_counter()
        every = self.checkpoint_every
        for inputs, target in self.batches.rest():
            self._step(inputs, target)
            progress.show(self)
            if every and self.step % every == 0:
                self.save()
            if self.stop():
                return "stop" if self.batches.position < self.batches.rows else ""
        return ""

    def _step(self, inputs: tuple[Any, ...], target: Any) -> None:
        optimizer, history = self.optimizer, self.history
        lr = optimizer.lr = self.lr * self.schedule(self.step)
        if optimizer.wants_closure:
            look_again: Any = optimizer.step
            value = float(look_again(lambda: self.gradients(inputs, target)))
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
        """The loss of a batch; its gradients are then in the parameters.

        Raises:
            RunError: the loss is no number.
        """
        optimizer, precision = self.optimizer, self.precision
        optimizer.zero_grad()
        with precision.computing():
            loss = self.loss(self.model(*inputs), target)
        value = float(loss.item())
        if not math.isfinite(value):
            raise not_finite(self, value, inputs)
        precision.backward(loss)
        if self.penalty or self.clip_norm is not None or self.clip_value is not None:
            precision.unscale(optimizer)
            value += self._shape_gradients()
        return value

    def _shape_gradients(self) -> float:
        """Penalty and clipping; what the penalty adds to the loss."""
        added = self.penalty.apply(self.optimizer) if self.penalty else 0.0
        if self.clip_value is not None:
            clip.clip_value(self.optimizer, self.clip_value)
        if self.clip_norm is not None:
            clip.clip_norm(self.optimizer, self.clip_norm)
        return added

    def _end_epoch(self) -> str:
        """Validate, note, look, save; why the training ends here, if it does."""
        total, rows = self.epoch_losses
        self.begun = False
        validation = math.nan
        scores: dict[str, float] = {}
        if self.validation is not None:
            validation, scores = evaluate(self.model, self.validation, self.loss, self.metrics)
        seconds = time.perf_counter() - self._since
        epoch = Epoch(self.epoch, total / rows, validation, scores, seconds, self.step)
        best = self.history.add(epoch, self.early.least if self.early else 0.0)
        self.waited = 0 if best else self.waited + 1
        if best and self.early and self.early.restore:
            self.best_weights = self.model.state_dict()
        if isinstance(self.schedule, Performance):
            self.schedule.observe(epoch.watched)
        if self.diagnosing and self.epoch & (self.epoch - 1) == 0:  # 1, 2, 4, 8, ...
            self._look()
        ended = "patience" if self.early and self.waited > self.early.patience else ""
        for callback in self.callbacks:
            if callback(self) is True:
                ended = ended or "callback"
        if self.checkpoint is not None and not self.checkpoint_every:
            self.save()
        return ended or ("stop" if self.epoch < self.epochs and self.stop() else "")

    def _look(self) -> None:
        """Gather evidence of what goes on inside."""
        inputs, target = self.batches.sample(ROWS)
        try:
            self._evidence = probe(self.model, inputs, target, self.loss)
        except MulleError:  # a layer or loss that only PyTorch knows
            self.diagnosing = False
            return
        strengths = {w.name: w.strength for w in self._evidence.weights}
        self.history.gradients[self.step] = strengths

    def _finish(self) -> None:
        if self.diagnosing and self.step and self.step not in self.history.gradients:
            self._look()
        if self._evidence is not None and self.diagnosing:
            seen = self._evidence
            seen.losses = np.array(self.history.losses)
            seen.epochs = np.array([epoch.loss for epoch in self.history.epochs])
            seen.optimizer = self.optimizer
            seen.earlier = next(iter(self.history.gradients.values()))
            self.history.diagnoses = diagnose(seen)
        if self.checkpoint is not None:
            self.save()
        if self.best_weights:
            self.model.load_state_dict(self.best_weights)
        self.model.eval()

    def save(self) -> None:
        """Write the checkpoint."""
        if self.checkpoint is not None:
            checkpoints.save(self, self.checkpoint)


def train(
    model: Module,
    data: Any,
    *,
    loss: str | Loss,
    optimizer: str | type[Optimizer] | Optimizer | Callable[..., Optimizer] = "adam",
    lr: float | None = None,
    schedule: str | Schedule | None = None,
    epochs: int = 10,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation: Any = None,
    metrics: Mapping[str, Metric] | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    penalty: Penalty | None = None,
    early_stopping: EarlyStopping | int | None = None,
    callbacks: Sequence[Callable[[Training], Any]] = (),
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = True,
    random_state: int | None = None,
    precision: str = "float32",
    stop: Stop = never,
    progress: bool = True,
    diagnosing: bool = True,
) -> History:
    """Train a model, where its parameters live: in NumPy, CuPy or PyTorch.

    Args:
        model: left in inference mode.
        data: (inputs, target); inputs are an array, or a tuple of arrays for several of them.
        loss: name of an operation, or a function of output and target.
        optimizer: a name of `nn.optim.OPTIMIZERS`, a class or function of parameters, or one made.
        lr: learning rate; the optimizer's own where None.
        schedule: a name of `nn.schedules.SCHEDULES`, or a function of the number of steps made.
        epochs: passes over the rows.
        batch_size: rows in a step; None for all of them (as `lbfgs` and its like want), 1 for
            stochastic gradient descent.
        shuffle: a new order each epoch.
        validation: (inputs, target) that nothing is learned from.
        metrics: of the outputs and targets of the validation rows, by name.
        clip_norm, clip_value: largest norm of all gradients, largest entry.
        penalty: on the size of the weights, in the loss.
        early_stopping: or just its patience.
        callbacks: called with the `Training` after each epoch; one that returns True ends it.
        checkpoint: a file to save to after each epoch, and to resume from.
        checkpoint_every: save after so many steps instead.
        resume: whether to go on from `checkpoint` where it exists.
        random_state: seed of orders and dropout; initial weights were drawn before.
        precision: "float32", or in PyTorch "float16" or "bfloat16" (mixed).
        stop: asked after each step; when true, the training ends with what it has.
        progress: a line on stderr, where that is a terminal.
        diagnosing: look for dying units, fading gradients and the like.

    Raises:
        UnknownName: there is no such loss, optimizer, schedule or precision.
        DataError: the data do not fit, or the checkpoint belongs to another training.
        RunError: the loss became no number; the message names the layer.
    """
    opt = settings.as_optimizer(optimizer, model, lr)
    batches = Batches(data, batch_size, opt.parameters[0], shuffle=shuffle)
    plan = settings.as_schedule(schedule, epochs * len(batches))
    training = Training(model, batches, settings.as_loss(loss), opt, plan, epochs)
    if validation is not None:
        size = max(batches.size, 1024)
        training.validation = Batches(validation, size, opt.parameters[0], shuffle=False)
    training.metrics = metrics or {}
    training.clip_norm, training.clip_value, training.penalty = clip_norm, clip_value, penalty
    training.early = (
        EarlyStopping(early_stopping) if isinstance(early_stopping, int) else early_stopping
    )
    training.callbacks, training.stop, training.diagnosing = callbacks, stop, diagnosing
    training.precision = make_precision(precision, opt)
    training.checkpoint = Path(checkpoint) if checkpoint is not None else None
    training.checkpoint_every = checkpoint_every
    if random_state is not None:
        manual_seed(random_state)
        settings.seed_torch(opt, random_state)
    if training.checkpoint is not None and resume and training.checkpoint.exists():
        checkpoints.load(training, training.checkpoint)
    with keep_pages(), Progress(on=progress) as shown:
        return training.run(shown)
