"""Charts about data: how values of a column lie, and how two columns go together.

catalogue  plot-hist plot-box plot-scatter
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mulle.page import numbers
from mulle.page.charts import theme as t
from mulle.page.charts.theme import ACCENT, HALF, INK, QUIET, WIDE, Layer, Numbers, Spec, thin
from mulle.page.words import Words


def histogram(
    edges: Numbers,
    counts: Numbers,
    name: str,
    *,
    other: Numbers | None = None,
    series: tuple[str, str] = ("", ""),
    words: Words,
) -> Spec:
    """Counts of one number in adjoining bins; a second distribution lies over it as an outline.

    Args:
        edges: B + 1 ascending edges.
        counts: B counts, or densities.
        name: of the column.
        other: B counts of another set of rows on the same scale, such as new rows.
        series: what the two sets are called, where there are two.
        words: language of the chart.
    """
    named = [series[0] or words("term.train"), series[1] or words("term.test")]
    colour = t.series(named if other is not None else named[:1])
    axes = {"x": t.x("x", t.title(name), values=edges),
            "y": t.y("y", words("chart.rows"), zero=True, values=counts),
            "color": colour}  # fmt: skip
    bars: Layer = {
        "data": t.points(x=edges[:-1], x2=edges[1:], y=counts, series=[named[0]] * len(counts)),
        "mark": {"type": "bar", "opacity": 0.85, "binSpacing": 1},
        "encoding": {**axes, "x2": {"field": "x2"}, "y2": {"datum": 0}},
    }
    layers = [bars]
    if other is not None:
        outline = [0, *other, 0]
        data = t.points(x=[*edges, edges[-1]], y=[*outline[1:], 0][: len(edges) + 1],
                        series=[named[1]] * (len(edges) + 1))  # fmt: skip
        layers.append({"data": data, "encoding": axes,
                       "mark": {"type": "line", "interpolate": "step-after"}})  # fmt: skip
    about = words("chart.rows-here", count=sum(counts))
    return t.frame(layers, title=name, description=about, height=170,
                   top=t.above(named if other is not None else []))  # fmt: skip


def boxes(groups: Sequence[str], quantiles: Sequence[Numbers], name: str, *, words: Words) -> Spec:
    """Box strips side by side: low whisker, first quartile, median, third quartile, high whisker.

    Args:
        groups: a name for each strip.
        quantiles: five numbers for each strip, ascending.
        name: of the column that is shown.
        words: language of the chart.
    """
    shown = t.labels(groups, 20)
    low, first, middle, third, high = (
        zip(*quantiles, strict=True) if len(quantiles) else ([], [], [], [], [])
    )
    axis = t.x("x", t.title(name), values=[*low, *high])
    along = {"y": t.names(), "x": axis, "x2": {"field": "x2"}}
    layers: list[Layer] = [
        {"data": t.points(name=shown, x=low, x2=high), "encoding": along, "mark": {"type": "rule"}},
        {
            "data": t.points(name=shown, x=first, x2=third),
            "mark": {"type": "bar", "color": ACCENT, "height": {"band": 0.75}},
            "encoding": along,
        },
        {
            "data": t.points(name=shown, x=middle),
            "mark": {"type": "tick", "color": t.PAPER, "thickness": 3, "bandSize": 16},
            "encoding": {"y": t.names(), "x": axis},
        },
    ]
    return t.frame(layers, title=name, description=words("chart.quantiles"),
                   height=28 * max(1, len(shown)), left=t.margin(shown), top=8)  # fmt: skip


def category_bars(
    categories: Sequence[str],
    counts: Numbers,
    name: str,
    *,
    others: int = 0,
    other_count: float = 0,
    missing: float = 0,
    words: Words,
) -> Spec:
    """Counts of categories, most frequent first; the rest and missing values stand apart.

    Args:
        categories, counts: what is shown by name.
        name: of the column.
        others, other_count: how many more categories there are, and their rows in all.
        missing: rows without a value.
        words: language of the chart.
    """
    apart = [(words("chart.other", count=others), other_count)] if others else []
    apart += [(words("chart.missing"), missing)] if missing else []
    shown = t.labels([*categories, *(label for label, _ in apart)], 22)
    height = [*counts, *(count for _, count in apart)]
    said = [numbers.count(count) for count in height]
    axis = {**t.x("x", zero=True), "axis": None}
    data = t.points(name=shown, x=height, text=said,
                    apart=[i >= len(categories) for i in range(len(shown))])  # fmt: skip
    colour = {"condition": {"test": "datum.apart", "value": QUIET}, "value": ACCENT}
    layers: list[Layer] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.8}},
            "encoding": {"y": t.names(), "x": axis, "color": colour},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "color": INK},
            "encoding": {"y": t.names(), "x": axis, "text": {"field": "text"}},
        },
    ]
    about = words("chart.rows-here", count=sum(height))
    return {"data": data} | t.frame(
        layers, title=name, description=about, height=24 * max(1, len(shown)),
        left=t.margin(shown), right=t.margin(said), top=4, bottom=4,
    )  # fmt: skip


def scatter(
    xs: Numbers, ys: Numbers, x_name: str, y_name: str, *,
    groups: Sequence[str] | None = None, words: Words,
) -> Spec:  # fmt: skip
    """One dot a row for two columns, at most 2,000 of them; `groups` colours the dots."""
    chosen = thin(len(xs))
    kept = [str(groups[i]) for i in chosen] if groups is not None else [""] * len(chosen)
    named = list(dict.fromkeys(kept))
    dots: Layer = {
        "data": t.points(x=[xs[i] for i in chosen], y=[ys[i] for i in chosen], series=kept),
        "mark": {"type": "point", "size": 20, "opacity": 0.5},
        "encoding": {
            "x": t.x("x", t.title(x_name), values=xs),
            "y": t.y("y", t.title(y_name), values=ys),
            "color": t.series(named),
        },
    }
    about = words("chart.rows-here", count=len(xs))
    return t.frame([dots], title=f"{x_name} × {y_name}", description=about, height=250,
                   top=t.above(named))  # fmt: skip


def line(
    curves: Mapping[str, tuple[Numbers, Numbers]], x_name: str, y_name: str, *, wide: bool = True
) -> Spec:
    """Lines of named series over a number such as time, rows or a parameter."""
    shown = t.labels(curves, 18)
    rows: dict[str, list[object]] = {"x": [], "y": [], "series": []}
    for label, (xs, ys) in zip(shown, curves.values(), strict=True):
        rows["x"] += list(xs)
        rows["y"] += list(ys)
        rows["series"] += [label] * len(xs)
    layer: Layer = {
        "data": t.points(**rows),
        "mark": {"type": "line"},
        "encoding": {
            "x": t.x("x", t.title(x_name), values=rows["x"]),
            "y": t.y("y", t.title(y_name), values=rows["y"]),
            "color": t.series(shown),
        },
    }
    return t.frame([layer], title=y_name, description=", ".join(curves), height=200,
                   outer=WIDE if wide else HALF, top=t.above(shown))  # fmt: skip
