"""The learning-rate range test: which rates make the loss fall, and which make it explode.

catalogue  sch-lrfind
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mulle.errors import RunError
from mulle.nn.memory import keep_pages
from mulle.nn.module import Module
from mulle.nn.optim import Optimizer
from mulle.nn.randomness import manual_seed
from mulle.nn.train import settings
from mulle.nn.train.batches import Batches
from mulle.nn.train.loop import run
from mulle.nn.train.progress import Progress
from mulle.nn.train.training import Loss, Training

_DECAY = 0.9  # weight of the past in the running mean
_EXPLODED = 4.0  # times the lowest loss


class RangeTest(NamedTuple):
    """Hold the result of a range test.

    Attributes:
        lrs: learning rates, ascending.
        losses: running mean of the loss at each rate.
        suggested: a tenth of the rate with the lowest loss.
    """

    lrs: list[float]
    losses: list[float]
    suggested: float


def lr_range_test(
    model: Module,
    data: Any,
    *,
    loss: str | Loss,
    optimizer: str | type[Optimizer] | Callable[..., Optimizer] = "adam",
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 200,
    batch_size: int | None = 32,
    random_state: int | None = None,
) -> RangeTest:
    """Train while the learning rate rises from `low` to `high`, by the same factor each step.

    The test ends where the loss is four times its lowest value. Afterwards the model is unchanged.

    Args:
        model: as for `train`.
        data: as for `train`.
        loss: as for `train`.
        optimizer: as for `train`.
        low: first learning rate, above 0.
        high: last learning rate.
        steps: number of steps.
        batch_size: as for `train`.
        random_state: as for `train`.

    Source: Smith 2017, arXiv:1506.01186, section 3.3.
    """
    before, mode = model.state_dict(), model.training
    opt = settings.as_optimizer(optimizer, model, low)
    batches = Batches(data, batch_size, opt.parameters[0])
    growth = (high / low) ** (1 / max(1, steps - 1))
    epochs = -(-steps // len(batches))
    training = Training(
        model, batches, settings.as_loss(loss), opt, lambda step: growth**step, epochs
    )
    training.diagnosing = False
    losses = training.history.losses
    training.stop = lambda: len(losses) >= steps or _has_exploded(losses)
    if random_state is not None:
        manual_seed(random_state)
    try:
        # A loss that is not finite ends the test as well; the steps before it count.
        with contextlib.suppress(RunError), keep_pages(), np.errstate(over="ignore"):
            run(training, Progress(on=False))
    finally:
        model.load_state_dict(before)
        model.train(mode)
    smooth, lrs = running_mean(losses), training.history.lrs
    return RangeTest(lrs, smooth, lrs[int(np.argmin(smooth))] / 10)


def _has_exploded(losses: Sequence[float]) -> bool:
    recent = running_mean(losses[-50:])
    return len(losses) > 10 and recent[-1] > _EXPLODED * min(recent)


def running_mean(values: Sequence[float]) -> list[float]:
    """Return the exponential running mean, corrected for its bias to 0 at the beginning.

    >>> [round(m, 6) for m in running_mean([2.0, 2.0, 5.0])]
    [2.0, 2.0, 3.107011]
    """
    means, total, weight = [], 0.0, 0.0
    for value in values:
        total = _DECAY * total + (1 - _DECAY) * value
        weight = _DECAY * weight + (1 - _DECAY)
        means.append(total / weight)
    return means
