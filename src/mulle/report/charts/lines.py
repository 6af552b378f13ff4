"""Named series over a number: time, steps, a parameter.

catalogue  plot-scatter
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mulle.report.charts import theme as t
from mulle.report.charts.theme import HALF, WIDE, Layer, Numbers, Spec


def line(
    curves: Mapping[str, tuple[Numbers, Numbers]],
    x_name: str,
    y_name: str,
    *,
    dots: Collection[str] = (),
    wide: bool = True,
) -> Spec:
    """Lines of named series, those of `dots` as dots."""
    shown = dict(zip(curves, t.labels(curves, 18), strict=True))
    axes = {
        "x": t.x("x", t.title(x_name), values=[x for xs, _ in curves.values() for x in xs]),
        "y": t.y("y", t.title(y_name), values=[y for _, ys in curves.values() for y in ys]),
        "color": t.series(list(shown.values())),
    }
    layers: list[Layer] = []
    for name, (xs, ys) in curves.items():
        mark = {"type": "point", "size": 20} if name in dots else {"type": "line"}
        data = t.points(x=xs, y=ys, series=[shown[name]] * len(xs))
        layers.append({"data": data, "mark": mark, "encoding": axes})
    top = t.above(list(shown.values()))
    about = ", ".join(curves)
    outer = WIDE if wide else HALF
    return t.frame(layers, title=y_name, description=about, height=200, outer=outer, top=top)
