"""Charts about a model: how plans compare, how good answers are, where they err, what they look at.

Each function takes plain data and the words of a language and gives a Vega-Lite specification, a
plain dict that `svg` draws. Names of columns and classes are data here, never field names, so that
any name is safe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mulle.page import numbers
from mulle.page import theme as t
from mulle.page.theme import ACCENT, INK, PAPER, QUIET, RULE, WIDE, Layer, Spec
from mulle.page.words import Words

Numbers = Sequence[float]
Curves = Mapping[str, tuple[Numbers, Numbers]]
UNIT = [0, 1]


def leaderboard(rows: Sequence[Mapping[str, Any]], metric: str, *, words: Words) -> Spec:
    """Dots of scores, one line a plan, best first.

    Args:
        rows: each with `name`, `validation`, and if known `low` and `high` (the interval of the
            validation score) and `test`.
        metric: code of the metric.
        words: language of the chart.
    """
    shown = t.labels([row["name"] for row in rows], 30)
    columns = {k: [t.values_of(row, k) for row in rows]
               for k in ("validation", "low", "high", "test")}  # fmt: skip
    title = words.name("metric", metric)
    scale = t.x("value", title, domain=t.extent(*columns.values()))
    legend = t.series([words("chart.validation"), words("chart.test")])

    def dots(key: str, mark: dict[str, Any]) -> Layer:
        data = t.points(name=shown, value=columns[key],
                        series=[words(f"chart.{key}")] * len(rows))  # fmt: skip
        return {"data": data, "mark": {"type": "point", **mark},
                "encoding": {"y": t.names(), "x": scale, "color": legend}}  # fmt: skip

    whiskers = {
        "data": t.points(name=shown, value=columns["low"], high=columns["high"]),
        "mark": {"type": "rule", "color": ACCENT, "opacity": 0.45},
        "encoding": {"y": t.names(), "x": scale, "x2": {"field": "high"}},
    }
    test = {"shape": "diamond", "filled": False, "strokeWidth": 2, "size": 70}
    best = f"{rows[0]['name']}: {numbers.score(columns['validation'][0])}" if rows else ""
    return t.frame(
        [whiskers, dots("validation", {}), dots("test", test)],
        title=words("section.leaderboard"),
        description=best,
        height=26 * max(1, len(rows)),
        outer=WIDE,
        left=t.margin(shown),
    )


def roc(curves: Curves, *, words: Words) -> Spec:
    """ROC curves: share of positives found against share of negatives called positive.

    Args:
        curves: name of the curve -> (false positive rates, true positive rates).
        words: language of the chart.
    """
    titles = words("chart.false-positive-rate"), words("chart.true-positive-rate")
    diagonal = _reference([0, 1], [0, 1], words("chart.chance"))
    return _unit_square([*diagonal, _curves(curves, titles)], "ROC", curves)


def precision_recall(curves: Curves, base_rate: float, *, words: Words) -> Spec:
    """Precision against recall; the dashed line is what guessing would give.

    Args:
        curves: name of the curve -> (recalls, precisions).
        base_rate: share of positives.
        words: language of the chart.
    """
    titles = words("chart.recall"), words("chart.precision")
    chance = _reference([0, 1], [base_rate, base_rate], words("chart.chance"))
    name = f"{words('chart.precision')} / {words('chart.recall')}"
    return _unit_square([*chance, _curves(curves, titles)], name, curves)


def calibration(
    predicted: Numbers,
    observed: Numbers,
    counts: Numbers,
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    words: Words,
) -> Spec:
    """Observed share against predicted probability; bars at the foot say how many rows.

    Args:
        predicted, observed: per bin, both 0..1.
        counts: rows per bin.
        low, high: interval of the observed share per bin.
        words: language of the chart.
    """
    axes = {
        "x": t.x("x", words("chart.mean-predicted"), domain=UNIT),
        "y": t.y("y", words("chart.observed"), domain=UNIT),
    }
    most = max(counts, default=1) or 1
    foot = [0.16 * count / most for count in counts]
    layers: list[Layer] = [
        {
            "data": t.points(x=predicted, y=foot),
            "mark": {"type": "bar", "color": RULE, "width": 12},
            "encoding": axes,
        },
        *_reference([0, 1], [0, 1], words("chart.perfect")),
        {
            "data": t.points(x=predicted, y=low or observed, y2=high or observed),
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


def confusion(classes: Sequence[str], counts: Sequence[Numbers], *, words: Words) -> Spec:
    """Confusion matrix: rows are the truth, columns the answer, shade is the share of its row.

    Args:
        classes: names of the C classes.
        counts: C rows of C counts, `counts[actual][predicted]`.
        words: language of the chart.
    """
    size = len(classes)
    side = max(10, min(88, 264 / max(1, size)))
    shown = t.labels(classes, 16)
    across = t.labels(classes, max(4, int(side / 7)))
    cells = [(i, j) for i in range(size) for j in range(size)]
    share = [counts[i][j] / (sum(counts[i]) or 1) for i, j in cells]
    data = t.points(
        actual=[shown[i] for i, _ in cells],
        predicted=[across[j] for _, j in cells],
        share=share,
        count=[numbers.count(counts[i][j]) for i, j in cells],
        percent=[numbers.percent(s) for s in share],
    )
    axes = {
        "x": {"field": "predicted", "type": "nominal", "sort": None, "scale": {"padding": 0},
              "axis": {"title": words("chart.predicted"), "orient": "top", "labelAngle": 0,
                       "grid": False, "labelPadding": 4, "titleColor": QUIET}},
        "y": {"field": "actual", "type": "nominal", "sort": None, "scale": {"padding": 0},
              "axis": {"title": words("chart.actual"), "grid": False, "titleAngle": 0,
                       "titleAlign": "right", "titleAnchor": "end", "titleX": -8, "titleY": -12,
                       "titleBaseline": "bottom"}},
    }  # fmt: skip
    depth = {"field": "share", "type": "quantitative", "legend": None,
             "scale": {"domain": UNIT, "range": [0.04, 1]}}  # fmt: skip
    shade: Layer = {"mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2},
                    "encoding": {**axes, "fillOpacity": depth}}  # fmt: skip
    layers: list[Layer] = [shade]
    if side >= 40:
        layers += [_cell_text(axes, "count", -6, 14), _cell_text(axes, "percent", 11, 11)]
    right = sum(counts[i][i] for i in range(size))
    total = sum(map(sum, counts))
    left = t.margin(shown)
    return {"data": data} | t.frame(
        layers,
        title=f"{words('chart.actual')} × {words('chart.predicted')}",
        description=f"{numbers.count(right)} / {numbers.count(total)}",
        height=side * 0.75 * size if side >= 40 else side * size,
        outer=int(left + 8 + side * size),
        left=left,
        right=8,
        top=46,
        bottom=8,
    )


def importance(
    columns: Sequence[str], means: Numbers, errors: Numbers | None = None, *, words: Words
) -> Spec:
    """Bars of permutation importance with whiskers of ± one error.

    Args:
        columns: names, most important first.
        means, errors: loss of score, and its standard deviation.
        words: language of the chart.
    """
    shown = t.labels(columns, 26)
    spread = list(errors) if errors is not None else [0.0] * len(shown)
    low = [m - e for m, e in zip(means, spread, strict=True)]
    high = [m + e for m, e in zip(means, spread, strict=True)]
    axis = t.x("value", words("chart.importance"), zero=True)
    bars: Layer = {
        "data": t.points(name=shown, value=means),
        "mark": {"type": "bar", "height": {"band": 0.8}},
        "encoding": {"y": t.names(), "x": axis},
    }
    whiskers: Layer = {
        "data": t.points(name=shown, value=low, high=high),
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.25},
        "encoding": {"y": t.names(), "x": axis, "x2": {"field": "high"}},
    }
    first = f"{columns[0]}: {numbers.plus_minus(means[0], spread[0])}" if shown else ""
    return t.frame(
        [bars, whiskers] if errors is not None else [bars],
        title=words("section.importance"),
        description=first,
        height=24 * max(1, len(shown)),
        outer=WIDE,
        left=t.margin(shown),
        top=8,
    )


def predicted_actual(actual: Numbers, predicted: Numbers, *, words: Words) -> Spec:
    """Predicted against actual numbers; on the dashed line they are equal."""
    domain = t.extent(actual, predicted)
    chosen = thin(len(actual))
    dots: Layer = {
        "data": t.points(x=[actual[i] for i in chosen], y=[predicted[i] for i in chosen]),
        "mark": {"type": "point", "size": 18, "opacity": 0.45},
        "encoding": {
            "x": t.x("x", words("chart.actual"), domain=domain, format="~s"),
            "y": t.y("y", words("chart.predicted"), domain=domain, format="~s"),
        },
    }
    line = _reference(domain, domain, words("chart.perfect"))
    title = f"{words('chart.predicted')} × {words('chart.actual')}"
    about = words("chart.rows-here", count=len(actual))
    return t.frame([dots, *line], title=title, description=about, height=260)


def search(
    seconds: Numbers, scores: Numbers, metric: str, *, greater_is_better: bool = True, words: Words
) -> Spec:
    """Each trial's score at the time it finished, and the best so far as a stair.

    Args:
        seconds: since the start of the run, ascending.
        scores: validation scores.
        metric: code of the metric.
        greater_is_better: whether the best is the largest.
        words: language of the chart.
    """
    best, so_far = [], math.nan
    for value in scores:
        if math.isfinite(value) and (
            math.isnan(so_far) or (value > so_far if greater_is_better else value < so_far)
        ):
            so_far = value
        best.append(so_far)
    named = [words("chart.trial"), words("chart.best-so-far")]
    axes = {"x": t.x("x", words("chart.seconds"), zero=True),
            "y": t.y("y", words.name("metric", metric)), "color": t.series(named)}  # fmt: skip
    axes["color"]["scale"]["range"] = [QUIET, ACCENT]
    stair: Layer = {
        "data": t.points(x=seconds, y=best, series=[named[1]] * len(best)),
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": axes,
    }
    dots: Layer = {
        "data": t.points(x=seconds, y=scores, series=[named[0]] * len(best)),
        "mark": {"type": "point", "size": 36},
        "encoding": axes,
    }
    about = f"{named[1]}: {numbers.score(so_far)}"
    return t.frame(
        [dots, stair], title=words("section.search"), description=about, height=180, outer=WIDE
    )


def thin(length: int, limit: int = 2000) -> range:
    """Evenly spaced positions, at most about `limit`, so that a picture stays small.

    >>> list(thin(7, 3))
    [0, 3, 6]
    """
    return range(0, length, max(1, math.ceil(length / limit)))


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
            "x": t.x("x", titles[0], domain=UNIT),
            "y": t.y("y", titles[1], domain=UNIT),
            "color": t.series(shown),
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _unit_square(layers: list[Layer], title: str, curves: Curves) -> Spec:
    several = len(curves) > 1
    return t.frame(layers, title=title, description=", ".join(curves), height=240,
                   top=52 if several else 30)  # fmt: skip


def _reference(xs: Sequence[float], ys: Sequence[float], label: str) -> list[Layer]:
    """A dashed line that stands for chance or perfection, with its name at the right end."""
    axes = {"x": t.x("x"), "y": t.y("y")}
    line: Layer = {
        "data": t.points(x=xs, y=ys),
        "mark": {"type": "line", "strokeDash": [4, 4], "color": QUIET, "strokeWidth": 1.25},
        "encoding": axes,
    }
    name: Layer = {
        "data": t.points(x=xs[-1:], y=ys[-1:], label=[label]),
        "mark": {"type": "text", "align": "right", "dx": -4, "dy": 16 if ys[0] != ys[1] else -7,
                 "color": QUIET, "fontSize": 11},
        "encoding": {**axes, "text": {"field": "label"}},
    }  # fmt: skip
    return [line, name]


def _cell_text(axes: dict[str, Any], field: str, dy: int, size: int) -> Layer:
    """Text of a matrix cell, in paper colour where the cell is dark."""
    colour = {"condition": {"test": "datum.share > 0.55", "value": PAPER}, "value": INK}
    mark = {"type": "text", "dy": dy, "fontSize": size}
    return {"mark": mark, "encoding": {**axes, "text": {"field": field}, "color": colour}}

