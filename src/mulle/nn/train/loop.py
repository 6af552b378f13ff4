"""Train a network: batch after batch, epoch after epoch, with a look at how it goes.

catalogue  ad-epoch ad-iteration ad-cost ad-backprop ad-forward
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mulle.budget import Stop, never
from mulle.errors import MulleError
from mulle.nn.memory import keep_pages
from mulle.nn.module import Module
from mulle.nn.optim import Optimizer
from mulle.nn.randomness import manual_seed
from mulle.nn.regularize import Penalty
from mulle.nn.schedules import Performance, Schedule
from mulle.nn.train import checkpoint as checkpoints
from mulle.nn.train import resumption, settings
from mulle.nn.train.batches import Batches
from mulle.nn.train.diagnosis import MAX_ROWS, diagnose, probe
from mulle.nn.train.evaluate import Metric, evaluate
from mulle.nn.train.history import Epoch, History
from mulle.nn.train.precision import make_precision
from mulle.nn.train.progress import Progress
from mulle.nn.train.training import EarlyStopping, Loss, Training


def run(training: Training, progress: Progress) -> History:
    """Run a training from where it stands to its end."""
    training.model.train()
    ended = ""
    while not ended and not training.finished:
        if not training.in_epoch:
            if training.epoch >= training.epochs:
                break
            _begin_epoch(training)
        begin = time.perf_counter()
        ended = _run_batches(training, progress)
        ended = ended or _end_epoch(training, time.perf_counter() - begin)
    training.history.stopped = ended or "epochs"
    training.finished = ended in {"patience", "callback"}
    _finish(training)
    return training.history


def _begin_epoch(training: Training) -> None:
    training.epoch += 1
    training.in_epoch, training.epoch_losses = True, [0.0, 0.0]
    training.batches.begin()


def _run_batches(training: Training, progress: Progress) -> str:
    """Go through the rest of this epoch; return why it ended early, or ""."""
    every, batches = training.checkpoint_every, training.batches
    for inputs, target in batches.rest():
        training.make_step(inputs, target)
        if progress.count_step():
            progress.show(training.status())
        if every and training.step % every == 0:
            _save(training)
        if training.stop():
            return "stop" if batches.position < batches.end else ""
    return ""


def _end_epoch(training: Training, seconds: float) -> str:
    """Validate, record, diagnose and save; return why the training ends here, or ""."""
    total, rows = training.epoch_losses
    training.in_epoch = False
    validation, scores = _validate(training)
    epoch = Epoch(training.epoch, total / rows, validation, scores, seconds, training.step)
    early = training.early_stopping
    best = training.history.add(epoch, early.min_delta if early else 0.0)
    training.epochs_since_best = 0 if best else training.epochs_since_best + 1
    if best and early and early.restore_best:
        training.best_weights = training.model.state_dict()
    if isinstance(training.schedule, Performance):
        training.schedule.observe(epoch.monitored)
    if training.diagnosing and training.epoch & (training.epoch - 1) == 0:  # 1, 2, 4, 8, ...
        _gather_evidence(training)
    ended = "patience" if early and training.epochs_since_best > early.patience else ""
    for callback in training.callbacks:
        if callback(training) is True:
            ended = ended or "callback"
    if training.checkpoint is not None and not training.checkpoint_every:
        _save(training)
    return ended or ("stop" if training.epoch < training.epochs and training.stop() else "")


def _validate(training: Training) -> tuple[float, dict[str, float]]:
    if training.validation is None:
        return math.nan, {}
    return evaluate(training.model, training.validation, training.loss, training.metrics)


def _gather_evidence(training: Training) -> None:
    """Look at activations and gradients on some rows."""
    inputs, target = training.batches.sample(MAX_ROWS)
    try:
        training.evidence = probe(training.model, inputs, target, training.loss)
    except MulleError:  # a layer or loss that only PyTorch knows
        training.diagnosing = False
        return
    strengths = {w.name: w.strength for w in training.evidence.weights}
    training.history.gradients[training.step] = strengths


def _finish(training: Training) -> None:
    """Diagnose, save, and leave the model in inference mode with its final weights."""
    history = training.history
    if training.diagnosing and training.step and training.step not in history.gradients:
        _gather_evidence(training)
    evidence = training.evidence
    if evidence is not None and training.diagnosing:
        evidence.losses = np.array(history.losses)
        evidence.epochs = np.array([epoch.loss for epoch in history.epochs])
        evidence.optimizer = training.optimizer
        evidence.earlier = next(iter(history.gradients.values()))
        history.diagnoses = diagnose(evidence)
    _save(training)
    if training.best_weights:
        training.model.load_state_dict(training.best_weights)
    training.model.eval()


def _save(training: Training) -> None:
    if training.checkpoint is not None:
        checkpoints.save(training, training.checkpoint)


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
    drop_last: bool = False,
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
    """Train a model where its parameters live: in NumPy, CuPy or PyTorch.

    Args:
        model: the model; it is left in inference mode.
        data: (inputs, target); inputs are an array, or a tuple of arrays for several inputs.
        loss: name of an operation, or a function of output and target.
        optimizer: a name of `nn.optim.OPTIMIZERS`, a class or function of the parameters, or an
            optimizer of this model.
        lr: learning rate, above 0; the optimizer's own where None.
        schedule: a name of `nn.schedules.SCHEDULES`, or a function of the number of steps made.
        epochs: number of passes over the rows.
        batch_size: rows per step; None for all of them (as `lbfgs` and its like need), 1 for
            stochastic gradient descent.
        shuffle: whether each epoch has a new order.
        drop_last: whether an epoch leaves out the last rows where they fill no batch, as
            `BatchNorm` needs where that would be one row.
        validation: (inputs, target) that nothing is learned from.
        metrics: functions of outputs and targets of the validation rows, by name.
        clip_norm: largest norm of all gradients together.
        clip_value: largest absolute value of an entry of a gradient.
        penalty: penalty on the size of the weights, added to the loss.
        early_stopping: when to end without improvement; a number is its patience.
        callbacks: functions that receive the `Training` after each epoch; one that returns True
            ends it.
        checkpoint: file to save to after each epoch, and to resume from.
        checkpoint_every: number of steps after which to save instead.
        resume: whether to continue from `checkpoint` where it exists. As in PyTorch, the settings
            of the optimizer in the file replace those passed here; `ResumeWarning` names them, and
            the schedule where it is another. Freeze what was frozen before
            resuming: as in PyTorch, the file does not say what is.
        random_state: seed of orders and dropout; initial weights were drawn before.
        precision: "float32", or in PyTorch "float16" or "bfloat16" (mixed).
        stop: function called after each step; when it returns True, the training ends with what it
            has.
        progress: whether to show a line on stderr, where that is a terminal.
        diagnosing: whether to look for dying units, vanishing gradients and the like.

    Raises:
        UnknownName: there is no such loss, optimizer, schedule or precision.
        DataError: the data do not fit, or the checkpoint belongs to another training.
        RunError: the loss is not finite; the message names the layer.
    """
    opt = settings.as_optimizer(optimizer, model, lr)
    batches = Batches(data, batch_size, opt.parameters[0], shuffle=shuffle, drop_last=drop_last)
    plan = settings.as_schedule(schedule, epochs * len(batches))
    training = Training(model, batches, settings.as_loss(loss), opt, plan, epochs)
    if validation is not None:
        size = max(batches.size, 1024)
        training.validation = Batches(validation, size, opt.parameters[0], shuffle=False)
    training.metrics = metrics or {}
    training.clip_norm, training.clip_value, training.penalty = clip_norm, clip_value, penalty
    training.early_stopping = (
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
        resumption.warn(training)
    with keep_pages(), Progress(on=progress) as shown:
        return run(training, shown)
