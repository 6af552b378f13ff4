"""Charts that compare: plans on the leaderboard, trials of a search, columns by importance.

Each function takes plain data and the words of a language and gives a Vega-Lite specification, a
plain dict that `svg` draws. Names of columns and classes are data here, never field names, so that
any name is safe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.report.charts import theme as t
from mulle.report.charts.theme import ACCENT, INK, QUIET, WIDE, Layer, Numbers, Spec


def leaderboard(rows: Sequence[Mapping[str, Any]], metric: str, *, words: Messages) -> Spec:
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
    near = t.focus(columns["validation"])
    inside = [v in near for v in columns["validation"]]
    columns |= {k: [v if kept else math.nan for v, kept in zip(column, inside, strict=True)]
                for k, column in columns.items()}  # fmt: skip
    domain = t.extent(*columns.values())
    scale = t.x("value", title, domain=domain)
    legend = t.series([words("chart.validation"), words("chart.test")])
    legend["legend"]["legendX"], legend["legend"]["legendY"] = 0, -26
    shape = legend | {"scale": legend["scale"] | {"range": ["circle", "diamond"]}}

    def dots(key: str, mark: dict[str, Any]) -> Layer:
        data = t.points(name=shown, value=columns[key],
                        series=[words(f"chart.{key}")] * len(rows))  # fmt: skip
        return {"data": data, "mark": {"type": "point", **mark},
                "encoding": {"y": t.names(), "x": scale, "color": legend,
                             "shape": shape}}  # fmt: skip

    whiskers = {
        "data": t.points(name=shown, value=columns["low"], high=columns["high"]),
        "mark": {"type": "rule", "color": ACCENT, "opacity": 0.45},
        "encoding": {"y": t.names(), "x": scale, "x2": {"field": "high"}},
    }
    far = [(name, t.values_of(row, "validation"))
           for name, row, kept in zip(shown, rows, inside, strict=True) if not kept]  # fmt: skip
    test = {"filled": False, "strokeWidth": 2, "size": 70}
    best = f"{rows[0]['name']}: {numbers.score(columns['validation'][0])}" if rows else ""
    return t.frame(
        [whiskers, dots("validation", {}), dots("test", test), *_far_off(far, domain, scale)],
        title=words("section.leaderboard"),
        description=best,
        height=26 * max(1, len(rows)),
        outer=WIDE,
        left=t.margin(shown),
        top=34,
    )


def search(
    seconds: Numbers,
    scores: Numbers,
    metric: str,
    *,
    greater_is_better: bool = True,
    words: Messages,
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
        [dots, stair], title=words("section.search"), description=about, height=180,
        outer=WIDE, top=t.above(named),
    )  # fmt: skip


def importance(
    columns: Sequence[str], means: Numbers, errors: Numbers | None = None, *, words: Messages
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


def _far_off(
    far: Sequence[tuple[str, float]], domain: Sequence[float], scale: dict[str, Any]
) -> list[Layer]:
    """Scores beyond the axis, written at the edge that they lie behind."""
    layers: list[Layer] = []
    for name, value in far:
        if not math.isfinite(value):
            continue
        below = value < domain[0]
        said = f"← {numbers.score(value)}" if below else f"{numbers.score(value)} →"
        mark = {"type": "text", "align": "left" if below else "right", "color": QUIET}
        layers.append({
            "data": t.points(name=[name], value=[domain[0 if below else 1]], text=[said]),
            "mark": mark,
            "encoding": {"y": t.names(), "x": scale, "text": {"field": "text"}},
        })  # fmt: skip
    return layers
