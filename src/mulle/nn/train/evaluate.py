"""Evaluate a model on rows that it does not learn from: loss and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np

from mulle.nn.module import Module
from mulle.nn.tensor import as_numpy, no_grad
from mulle.nn.train.batches import Batches

Metric = Callable[[np.ndarray, np.ndarray], float]


def evaluate(
    model: Module, batches: Batches, loss: Callable[[Any, Any], Any], metrics: Mapping[str, Metric]
) -> tuple[float, dict[str, float]]:
    """Return the mean loss over the rows, and metrics of all outputs, in inference mode.

    Args:
        model: the model; afterwards it is in training mode.
        batches: batches of validation rows, not shuffled.
        loss: function of output and target.
        metrics: functions of outputs and targets, as NumPy arrays.
    """
    total, outputs, targets = 0.0, [], []
    model.eval()
    batches.begin()
    with no_grad(), _torch_no_grad(model):
        for inputs, target in batches.rest():
            output = model(*inputs)
            total += float(loss(output, target).item()) * len(target)
            if metrics:
                outputs.append(as_numpy(output).copy())
                targets.append(as_numpy(target).copy())
    model.train()
    scores = {
        name: float(metric(np.concatenate(outputs), np.concatenate(targets)))
        for name, metric in metrics.items()
    }
    return total / batches.rows, scores


def _torch_no_grad(model: Module) -> Any:
    if not type(model.parameters()[0]).__module__.startswith("torch"):
        return nullcontext()
    import torch

    return torch.no_grad()
