"""Checkpoints: all that the next step of a training depends on, in one safetensors file.

These are parameters, buffers, the optimizer's state, the state of the random numbers, the order of
the epoch and the position in it, the schedule, and the history. A training that is killed and
resumed ends with the same bits as one that was not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mulle.errors import DataError
from mulle.files import write_bytes
from mulle.nn import randomness
from mulle.nn.schedules import get_state, set_state
from mulle.nn.tensor import as_numpy
from mulle.nn.train.history import Epoch
from mulle.nn.train.resumption import describe_schedule, differences, settings_of
from mulle.nn.train.training import Training
from mulle.nn.weights import read

FORMAT = 1


def save(training: Training, path: Path) -> None:
    """Write a checkpoint of a training, whole or not at all.

    Raises:
        RunError: the disk is full, or the folder cannot be written to.
    """
    from safetensors.numpy import save as as_bytes

    history, batches = training.history, training.batches
    arrays = {
        **_prefixed("model.", training.model.state_dict()),
        **_prefixed("optimizer.", training.optimizer.state_dict()),
        **_prefixed("best.", training.best_weights),
        "order": batches.order,
        "losses": np.array(history.losses),
        "lrs": np.array(history.lrs),
        "torch_random": _torch_random(training),
    }
    facts = {
        "format": FORMAT,
        "optimizer": type(training.optimizer).__name__,
        "epoch": training.epoch,
        "position": batches.position,
        "batch_size": batches.size,
        "step": training.step,
        "lr": training.lr,
        "epoch_losses": training.epoch_losses,
        "epochs_since_best": training.epochs_since_best,
        "in_epoch": training.in_epoch,
        "finished": training.finished,
        "random": randomness.get_state(),
        "schedule": get_state(training.schedule),
        "schedule_settings": describe_schedule(training.schedule),
        "precision": training.precision.state(),
        "epochs": [list(epoch) for epoch in history.epochs],
        "gradients": history.gradients,
        "best_epoch": history.best_epoch,
    }
    whole = {name: np.asarray(a, order="C") for name, a in arrays.items()}
    write_bytes(path, as_bytes(whole, {"training": json.dumps(facts)}))


def load(training: Training, path: Path) -> None:
    """Restore a training from its checkpoint.

    Raises:
        DataError: the file is damaged, or belongs to another model, optimizer or data.
    """
    arrays, notes = read(path)
    try:
        facts = json.loads(notes["training"])
        state = {part: _part(part + ".", arrays) for part in ("model", "optimizer", "best")}
        order = arrays["order"]
    except (KeyError, ValueError) as error:
        raise DataError("checkpoint-damaged", where=str(path), name=path.name) from error
    _refuse_another(training, facts, order, path)
    given = settings_of(training)
    try:
        training.model.load_state_dict(state["model"])
    except DataError as error:
        wrong = error.values
        names = [*wrong.get("missing", []), *wrong.get("unknown", [])] or [wrong["name"]]
        raise DataError("checkpoint-model-differs", where=str(path), names=names) from error
    try:
        training.optimizer.load_state_dict(state["optimizer"])
    except DataError as error:
        error.place = str(path)
        raise
    training.best_weights = state["best"]
    training.batches.order, training.batches.position = order, facts["position"]
    training.epoch, training.step, training.lr = facts["epoch"], facts["step"], facts["lr"]
    training.epoch_losses = facts["epoch_losses"]
    training.epochs_since_best = facts["epochs_since_best"]
    training.in_epoch, training.finished = facts["in_epoch"], facts["finished"]
    set_state(training.schedule, facts["schedule"])
    training.precision.load(facts["precision"])
    training.replaced = differences(given, settings_of(training))
    training.schedule_before = facts.get("schedule_settings", "")
    history = training.history
    history.losses, history.lrs = arrays["losses"].tolist(), arrays["lrs"].tolist()
    history.epochs = [Epoch(*epoch) for epoch in facts["epochs"]]
    history.gradients = {int(step): found for step, found in facts["gradients"].items()}
    history.best_epoch = facts["best_epoch"]
    _restore_random(training, facts["random"], arrays["torch_random"])


def _refuse_another(
    training: Training, facts: Mapping[str, Any], order: np.ndarray, path: Path
) -> None:
    own = {
        "checkpoint-optimizer-differs": type(training.optimizer).__name__,
        "checkpoint-batch-size-differs": training.batches.size,
        "checkpoint-rows-differ": training.batches.rows,
    }
    saved = {
        "checkpoint-optimizer-differs": facts["optimizer"],
        "checkpoint-batch-size-differs": facts["batch_size"],
        "checkpoint-rows-differ": len(order),
    }
    for code, received in own.items():
        if saved[code] != received:
            raise DataError(code, where=str(path), expected=saved[code], received=received)


def _prefixed(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {prefix + name: np.asarray(as_numpy(a)) for name, a in arrays.items()}


def _part(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {k[len(prefix) :]: a for k, a in arrays.items() if k.startswith(prefix)}


def _torch_random(training: Training) -> np.ndarray:
    if training.optimizer.in_torch is None:
        return np.empty(0, np.uint8)
    torch = sys.modules["torch"]
    states = [torch.get_rng_state()]
    states += torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return np.concatenate([np.array([len(s) for s in states], np.uint32).view(np.uint8),
                           *[s.numpy() for s in states]])  # fmt: skip


def _restore_random(training: Training, state: dict[str, Any], theirs: np.ndarray) -> None:
    randomness.set_state(state)
    if training.optimizer.in_torch is not None and len(theirs):
        torch = sys.modules["torch"]
        cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
        head = 4 * (1 + cards)
        ends = np.cumsum(theirs[:head].copy().view(np.uint32)) + head
        parts = [torch.tensor(s) for s in np.split(theirs, [head, *ends])[1:-1]]
        torch.set_rng_state(parts[0])
        if cards:
            torch.cuda.set_rng_state_all(parts[1:])
