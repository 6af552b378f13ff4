"""Charts of a training: losses, learning rate, gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mulle.language import messages
from mulle.report.charts import Drawing, line

MAX_POINTS = 400
_LOWEST = 1e-30  # where a gradient is 0, so that its logarithm can be drawn


def plot_losses(
    steps: Sequence[int], training: Sequence[float], validation: Sequence[float]
) -> Drawing:
    """Draw the losses at the end of each epoch.

    Args:
        steps: number of steps at the end of each epoch.
        training: mean loss of each epoch.
        validation: loss on the validation rows after each epoch; nan where there was none.
    """
    words = messages()
    curves: dict[str, Any] = {words("nn-plot.training"): (list(steps), list(training))}
    known = [(at, y) for at, y in zip(steps, validation, strict=True) if not math.isnan(y)]
    if known:
        curves[words("nn-plot.validation")] = ([at for at, _ in known], [y for _, y in known])
    return line(curves, words("nn-plot.steps"), words("nn-plot.loss"))


def plot_learning_rates(lrs: Sequence[float]) -> Drawing:
    """Draw the learning rate of each step, thinned to `MAX_POINTS`."""
    words = messages()
    every = max(1, len(lrs) // MAX_POINTS)
    curve = list(range(0, len(lrs), every)), list(lrs[::every])
    return line({"": curve}, words("nn-plot.steps"), words("nn-plot.learning-rate"))


def plot_gradients(gradients: Mapping[int, Mapping[str, float]]) -> Drawing:
    """Draw the decimal logarithms of three weights' gradients.

    Args:
        gradients: root mean square of the gradient of each weight, after some steps; the first, the
            middle and the last weight are drawn.
    """
    words = messages()
    names = list(dict.fromkeys(name for found in gradients.values() for name in found))
    chosen = dict.fromkeys([names[0], names[len(names) // 2], names[-1]])
    curves = {}
    for name in chosen:
        known = {at: found[name] for at, found in gradients.items() if name in found}
        curves[name] = list(known), [math.log10(max(g, _LOWEST)) for g in known.values()]
    return line(curves, words("nn-plot.steps"), words("nn-plot.gradient"))
