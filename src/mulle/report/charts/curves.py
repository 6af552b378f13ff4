"""Curves of answers against the truth: ROC, precision and recall, calibration, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mulle.i18n import Messages
from mulle.report.charts import theme as t
from mulle.report.charts.theme import ACCENT, QUIET, RULE, Layer, Numbers, Spec, thin

Curves = Mapping[str, tuple[Numbers, Numbers]]
UNIT = [0, 1]


def roc(curves: Curves, *, words: Messages) -> Spec:
    """ROC curves: share of positives found against share of negatives called positive.

    Args:
        curves: name of the curve -> (false positive rates, true positive rates).
        words: language of the chart.
    """
    titles = words("chart.false-positive-rate"), words("chart.true-positive-rate")
    diagonal = _reference([0, 1], [0, 1], words("chart.chance"), _unit_axes(titles))
    return _unit_square([*diagonal, _curves(curves, titles)], "ROC", curves)


def precision_recall(curves: Curves, base_rate: float, *, words: Messages) -> Spec:
    """Precision against recall; the dashed line is what guessing would give.

    Args:
        curves: name of the curve -> (recalls, precisions).
        base_rate: share of positives.
        words: language of the chart.
    """
    titles = words("chart.recall"), words("chart.precision")
    level = [base_rate, base_rate]
    chance = _reference([0, 1], level, words("chart.chance"), _unit_axes(titles))
    name = f"{words('chart.precision')} / {words('chart.recall')}"
    return _unit_square([*chance, _curves(curves, titles)], name, curves)


def calibration(
    predicted: Numbers,
    observed: Numbers,
    counts: Numbers,
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    words: Messages,
) -> Spec:
    """Observed share against predicted probability; bars at the foot say how many rows.

    Args:
        predicted, observed: per bin, both 0..1.
        counts: rows per bin.
        low, high: interval of the observed share per bin.
        words: language of the chart.
    """
    axes = _unit_axes((words("chart.mean-predicted"), words("chart.observed")))
    most = max(counts, default=1) or 1
    below = observed if low is None else low
    beyond = observed if high is None else high
    foot = [0.16 * count / most for count in counts]
    layers: list[Layer] = [
        {
            "data": t.points(x=predicted, y=foot),
            "mark": {"type": "bar", "color": RULE, "width": 12},
            "encoding": axes,
        },
        *_reference([0, 1], [0, 1], words("chart.perfect"), axes),
        {
            "data": t.points(x=predicted, y=below, y2=beyond),
            "mark": {"type": "rule", "color": ACCENT, "opacity": 0.45},
            "encoding": {**axes, "y2": {"field": "y2"}},
        },
        {
            "data": t.points(x=predicted, y=observed),
            "mark": {"type": "line", "point": {"size": 50, "filled": True, "color": ACCENT}},
            "encoding": axes,
        },
    ]
    total = words("chart.rows-here", count=sum(counts))
    return t.frame(layers, title=words("chart.observed"), description=total, height=240)


def predicted_actual(actual: Numbers, predicted: Numbers, *, words: Messages) -> Spec:
    """Predicted against actual numbers; on the dashed line they are equal."""
    domain = t.extent(actual, predicted)
    chosen = thin(len(actual))
    axes = {
        "x": t.x("x", words("chart.actual"), domain=domain, values=domain),
        "y": t.y("y", words("chart.predicted"), domain=domain, values=domain),
    }
    dots: Layer = {
        "data": t.points(x=[actual[i] for i in chosen], y=[predicted[i] for i in chosen]),
        "mark": {"type": "point", "size": 18, "opacity": 0.45},
        "encoding": axes,
    }
    line = _reference(domain, domain, words("chart.perfect"), axes)
    title = f"{words('chart.predicted')} × {words('chart.actual')}"
    about = words("chart.rows-here", count=len(actual))
    return t.frame([dots, *line], title=title, description=about, height=260)


def _curves(curves: Curves, titles: tuple[str, str]) -> Layer:
    """Lines in the unit square, each thinned to some 300 points."""
    rows: dict[str, list[Any]] = {"x": [], "y": [], "series": [], "order": []}
    shown = t.labels(curves, 18)
    for label, (xs, ys) in zip(shown, curves.values(), strict=True):
        last = len(xs) - 1
        kept = [*(i for i in thin(len(xs), 300) if i != last), *([last] if last >= 0 else [])]
        rows["x"] += [xs[i] for i in kept]
        rows["y"] += [ys[i] for i in kept]
        rows["series"] += [label] * len(kept)
        rows["order"] += kept
    return {
        "data": t.points(**rows),
        "mark": {"type": "line", "opacity": 1 if len(shown) <= 4 else 0.7},
        "encoding": {
            **_unit_axes(titles),
            "color": t.series(shown),
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _unit_square(layers: list[Layer], title: str, curves: Curves) -> Spec:
    about, top = ", ".join(curves), t.above(t.labels(curves, 18))
    return t.frame(layers, title=title, description=about, height=240, top=top)


def _unit_axes(titles: tuple[str, str]) -> dict[str, Any]:
    return {"x": t.x("x", titles[0], domain=UNIT), "y": t.y("y", titles[1], domain=UNIT)}


def _reference(
    xs: Sequence[float], ys: Sequence[float], label: str, axes: dict[str, Any]
) -> list[Layer]:
    """A dashed line that stands for chance or perfection, with its name where curves are not."""
    flat = ys[0] == ys[1]
    place = 0.02 if flat else 0.68
    line: Layer = {
        "data": t.points(x=xs, y=ys),
        "mark": {"type": "line", "strokeDash": [4, 4], "color": QUIET, "strokeWidth": 1.25},
        "encoding": axes,
    }
    name: Layer = {
        "data": t.points(
            x=[xs[0] + place * (xs[1] - xs[0])], y=[ys[0] + place * (ys[1] - ys[0])], label=[label]
        ),
        "mark": {"type": "text", "align": "left", "dx": 0 if flat else 9,
                 "dy": -7 if flat else 9, "color": QUIET, "fontSize": 11},
        "encoding": {**axes, "text": {"field": "label"}},
    }  # fmt: skip
    return [line, name]
