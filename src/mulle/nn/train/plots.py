"""A training as charts: loss, learning rate, gradients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mulle.report.charts import Drawing, line

if TYPE_CHECKING:
    from mulle.nn.train.history import History

_POINTS = 400


def plots(history: History) -> list[Drawing]:
    """Draw loss, learning rate and gradient norms by steps."""
    ends = [epoch.steps for epoch in history.epochs]
    curves = {"training": (ends, [epoch.loss for epoch in history.epochs])}
    checked = [(e.steps, e.validation) for e in history.epochs if not math.isnan(e.validation)]
    if checked:
        curves["validation"] = ([at for at, _ in checked], [loss for _, loss in checked])
    every = max(1, len(history.lrs) // _POINTS)
    steps = list(range(0, len(history.lrs), every))
    charts = [
        line(curves, "steps", "loss"),
        line({"": (steps, history.lrs[::every])}, "steps", "learning rate"),
    ]
    if history.gradients:
        charts.append(line(_gradients(history), "steps", "log10 of the gradient"))
    return charts


def _gradients(history: History) -> dict[str, Any]:
    """Of the first, the middle and the last weight, by the decimal logarithm."""
    names = list(next(iter(history.gradients.values())))
    chosen = dict.fromkeys([names[0], names[len(names) // 2], names[-1]])
    at = list(history.gradients)
    return {
        name: (at, [math.log10(max(history.gradients[s].get(name, 0.0), 1e-30)) for s in at])
        for name in chosen
    }
