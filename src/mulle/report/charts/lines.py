"""Named series over a number: time, steps, a parameter.

catalogue  plot-scatter
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mulle.i18n import Messages
from mulle.language import messages
from mulle.report.charts import theme as t
from mulle.report.charts.axes import MAX_SERIES, Axis, plot, wide_and_narrow
from mulle.report.charts.canvas import Drawing
from mulle.report.charts.theme import HALF, Numbers

MAX_POINTS = 2000  # of a line or of dots


def line(
    curves: Mapping[str, tuple[Numbers, Numbers]],
    x_name: str,
    y_name: str,
    *,
    dots: Collection[str] = (),
    wide: bool = True,
    words: Messages | None = None,
) -> Drawing:
    """Draw lines of named series, those of `dots` as dots.

    Args:
        curves: name of the series -> (x values, y values) of equal length.
        x_name, y_name: titles of the axes.
        dots: names of the series that are drawn as dots.
        wide: whether the picture is as wide as a page, or half as wide.
        words: language of large numbers; the person's own where None.
    """
    shown = dict(zip(curves, t.labels(curves, 18), strict=True))
    x = Axis(*_ends(*(xs for xs, _ in curves.values())), x_name)
    y = Axis(*t.extent(*(ys for _, ys in curves.values())), y_name)

    def draw(width: float) -> Drawing:
        axes = plot(
            x,
            y,
            words=words or messages(),
            width=width,
            height=200,
            series=list(shown.values()),
            dots=[shown[name] for name in dots],
        )
        for k, (name, (xs, ys)) in enumerate(curves.items()):
            kept = t.thin(len(xs), MAX_POINTS)
            points = [xs[i] for i in kept], [ys[i] for i in kept]
            if name in dots:
                axes.dots(f"d{k}" if k < MAX_SERIES else "dot", *points)
            else:
                axes.curve(f"l{k}" if k < MAX_SERIES else "thin", *points)
        return axes.drawing(y_name, ", ".join(curves))

    return wide_and_narrow(draw) if wide else draw(HALF)


def _ends(*groups: Numbers) -> tuple[float, float]:
    """The least and the largest number, or room around the only one."""
    low, high = t.bounds(*groups)
    return (low, high) if low < high else t.extent([low])
