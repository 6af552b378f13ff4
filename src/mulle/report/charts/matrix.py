"""A matrix of counts as shaded cells: which classes are taken for which.

catalogue  plot-heatmap
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.report.charts import theme as t
from mulle.report.charts.theme import HALF, INK, PAPER, Layer, Numbers, Spec

WIDEST_CELL = 88.0


def confusion(classes: Sequence[str], counts: Sequence[Numbers], *, words: Messages) -> Spec:
    """Confusion matrix: rows are the truth, columns the answer, shade is the share of its row.

    Args:
        classes: names of the C classes.
        counts: C rows of C counts, `counts[actual][predicted]`.
        words: language of the chart.
    """
    size = max(1, len(classes))
    shown = t.labels(classes, 16)
    left, widest = t.margin(shown), t.margin(shown) - 18
    slanted = widest > min(WIDEST_CELL, (HALF - left - 8) / size)
    right = max(8.0, 0.77 * (t.margin(shown[-1:]) - 18) - 20) if slanted else 8.0
    side = max(10.0, min(WIDEST_CELL, (HALF - left - right) / size))
    top = 46 + (0.6 * widest if slanted else 0)
    cells = [(i, j) for i in range(len(classes)) for j in range(len(classes))]
    share = [counts[i][j] / (sum(counts[i]) or 1) for i, j in cells]
    data = t.points(
        actual=[shown[i] for i, _ in cells],
        predicted=[shown[j] for _, j in cells],
        share=share,
        count=[numbers.count(counts[i][j]) for i, j in cells],
        percent=[numbers.percent(s) for s in share],
    )
    axes = _axes(words, top, slanted=slanted)
    depth = {"field": "share", "type": "quantitative", "legend": None,
             "scale": {"domain": [0, 1], "range": [0.04, 1]}}  # fmt: skip
    shade: Layer = {"mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2},
                    "encoding": {**axes, "fillOpacity": depth}}  # fmt: skip
    layers: list[Layer] = [shade]
    longest = max((len(cell["count"]) for cell in data["values"]), default=0)
    if side >= max(30, 7 * longest):
        layers += [_cell_text(axes, "count", -6, 12 if side < 40 else 14),
                   _cell_text(axes, "percent", 10, 10 if side < 40 else 11)]  # fmt: skip
    agree = sum(row[i] for i, row in enumerate(counts))
    total = sum(map(sum, counts))
    return {"data": data} | t.frame(
        layers,
        title=f"{words('chart.actual')} × {words('chart.predicted')}",
        description=f"{numbers.count(agree)} / {numbers.count(total)}",
        height=size * max(0.75 * side, min(side, 34)),
        outer=round(left + right + side * size),
        left=left,
        right=right,
        top=top,
        bottom=8,
    )


def _axes(words: Messages, top: float, *, slanted: bool) -> dict[str, Any]:
    """Predicted classes above, actual ones at the left; long names above lean."""
    nominal = {"type": "nominal", "sort": None, "scale": {"padding": 0}}
    above = {
        "title": words("chart.predicted"), "orient": "top", "grid": False, "titleY": 14 - top,
        "labelAngle": -40 if slanted else 0, "labelAlign": "left" if slanted else "center",
        "labelPadding": 4,
    }  # fmt: skip
    beside = {
        "title": words("chart.actual"), "grid": False, "titleAngle": 0, "titleAlign": "right",
        "titleAnchor": "end", "titleX": -8, "titleY": -12, "titleBaseline": "bottom",
    }  # fmt: skip
    return {
        "x": {"field": "predicted", **nominal, "axis": above},
        "y": {"field": "actual", **nominal, "axis": beside},
    }


def _cell_text(axes: dict[str, Any], field: str, dy: int, size: int) -> Layer:
    """Text of a matrix cell, in paper colour where the cell is dark."""
    colour = {"condition": {"test": "datum.share > 0.55", "value": PAPER}, "value": INK}
    mark = {"type": "text", "dy": dy, "fontSize": size}
    return {"mark": mark, "encoding": {**axes, "text": {"field": field}, "color": colour}}
