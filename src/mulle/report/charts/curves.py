"""Curves of predictions against the truth: ROC, precision and recall, calibration, values."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mulle.i18n import Messages
from mulle.report.charts import theme as t
from mulle.report.charts.axes import MAX_SERIES, Axis, Plot, plot
from mulle.report.charts.canvas import Drawing
from mulle.report.charts.theme import Numbers, thin

Curves = Mapping[str, tuple[Numbers, Numbers]]
MAX_POINTS = 300  # of a curve
_HEIGHT = 240  # pixels of the plot area
_FOOT = 0.16  # of the height, for the bars that count rows


def roc(curves: Curves, *, words: Messages) -> Drawing:
    """Draw ROC curves: share of positives found against share of negatives called positive.

    Args:
        curves: name of the curve -> (false positive rates, true positive rates).
        words: language of the chart.
    """
    axes = _unit_square("chart.false-positive-rate", "chart.true-positive-rate", curves, words)
    axes.diagonal(words("chart.chance"))
    _draw(axes, curves)
    return axes.drawing("ROC", ", ".join(curves))


def precision_recall(curves: Curves, base_rate: float, *, words: Messages) -> Drawing:
    """Draw precision against recall; the dashed line is what guessing would give.

    Args:
        curves: name of the curve -> (recalls, precisions).
        base_rate: share of positives.
        words: language of the chart.
    """
    axes = _unit_square("chart.recall", "chart.precision", curves, words)
    axes.level(base_rate, words("chart.chance"))
    _draw(axes, curves)
    name = f"{words('chart.precision')} / {words('chart.recall')}"
    return axes.drawing(name, ", ".join(curves))


def calibration(
    predicted: Numbers,
    observed: Numbers,
    counts: Numbers,
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    words: Messages,
) -> Drawing:
    """Draw observed share against predicted probability; bars at the foot count the rows.

    Args:
        predicted, observed: per bin, both 0..1.
        counts: rows per bin.
        low, high: interval of the observed share per bin.
        words: language of the chart.
    """
    axes = _unit_square("chart.mean-predicted", "chart.observed", {}, words)
    canvas, x, y = axes.canvas, axes.x, axes.y
    largest = max(counts, default=1) or 1
    tall = _FOOT * (y.start - y.end)
    boxes = [(x(p), tall * n / largest) for p, n in zip(predicted, counts, strict=True)
             if math.isfinite(p)]  # fmt: skip
    canvas.rects("foot", [(min(max(at - 6, x.start), x.end - 12), y.start - h, 12, h)
                          for at, h in boxes])  # fmt: skip
    axes.diagonal(words("chart.perfect"))
    if low is not None and high is not None:
        ends = zip(predicted, low, high, strict=True)
        canvas.segments("error", [(x(p), y(a), x(p), y(b)) for p, a, b in ends
                                  if math.isfinite(p + a + b)])  # fmt: skip
    axes.curve("l0", predicted, observed)
    axes.dots("spot", predicted, observed)
    return axes.drawing(words("chart.observed"), words("chart.rows-here", count=sum(counts)))


def predicted_actual(actual: Numbers, predicted: Numbers, *, words: Messages) -> Drawing:
    """Draw predicted against actual values; on the dashed line they are equal."""
    ends = t.extent(actual, predicted)
    chosen = thin(len(actual))
    x, y = Axis(*ends, words("chart.actual")), Axis(*ends, words("chart.predicted"))
    axes = plot(x, y, words=words, height=260)
    axes.dots("dot", [actual[i] for i in chosen], [predicted[i] for i in chosen])
    axes.diagonal(words("chart.perfect"))
    title = f"{words('chart.predicted')} × {words('chart.actual')}"
    return axes.drawing(title, words("chart.rows-here", count=len(actual)))


def _unit_square(x: str, y: str, curves: Curves, words: Messages) -> Plot:
    """Return axes from 0 to 1; `x` and `y` are the keys of their titles."""
    shown = t.labels(curves, 18)
    ends = Axis(0.0, 1.0, words(x)), Axis(0.0, 1.0, words(y))
    return plot(*ends, words=words, height=_HEIGHT, series=shown)


def _draw(axes: Plot, curves: Curves) -> None:
    """Draw lines in the unit square, each thinned to some 300 points; the last point stays."""
    for k, (xs, ys) in enumerate(curves.values()):
        last = len(xs) - 1
        kept = [*(i for i in thin(len(xs), MAX_POINTS) if i != last), *([last] * (last >= 0))]
        ink = f"l{k}" if k < MAX_SERIES else "thin"
        axes.curve(ink, [xs[i] for i in kept], [ys[i] for i in kept])
