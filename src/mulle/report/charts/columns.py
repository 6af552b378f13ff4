"""Pictures of one column: the distribution of its values.

catalogue  plot-hist plot-box
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts import times
from mulle.report.charts.axes import foot, ticks_of
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.theme import HALF, Numbers

SPARK = (216, 44)  # pixels of the smallest picture
_TOP, _LEFT, _FOOT, _STRIP, _APART = 24, 46, 24, 30, 14


@dataclass(frozen=True)
class Whiskers:
    """A box plot: low whisker, first quartile, median, third quartile, high whisker; outliers."""

    figures: Numbers
    far: Numbers = ()


def histogram(
    edges: Numbers,
    counts: Numbers,
    name: str,
    *,
    outside: tuple[float, float] = (0, 0),
    other: Numbers | None = None,
    series: tuple[str, str] = ("", ""),
    box: Whiskers | None = None,
    dates: bool = False,
    shares: bool = False,
    words: Messages,
) -> Drawing:
    """Draw counts of a number in adjoining bins, and a second distribution as an outline.

    Args:
        edges: B + 1 ascending edges.
        counts: B counts, or shares.
        name: of the column.
        outside: counts below the first and above the last edge, drawn apart.
        other: B counts of another set of rows, such as new rows.
        series: names of the two sets of rows.
        box: a box plot to draw below, over the same axis.
        dates: whether the edges are microseconds since 1970.
        shares: whether the counts are shares of 1.
        words: language of the picture.
    """
    legend = 20 if other is not None else 0
    plot = Canvas(HALF, 172 + legend + (_STRIP if box else 0))
    bottom = plot.height - _FOOT - (_STRIP if box else 0)
    low, high = (edges[0], edges[-1]) if len(edges) else (0.0, 1.0)
    left, right = _LEFT + _APART * bool(outside[0]), HALF - 14 - _APART * bool(outside[1])
    x = Scale(low, high, left, right)
    tall = max([*counts, *(other if other is not None else ())], default=0) or 1
    y = Scale(0, tall, bottom, _TOP + legend)
    if legend:
        _legend(plot, series)
    said = words("chart.share") if shares else words("chart.rows")
    _side(plot, y, said, words, percent=shares)
    _bars(plot, [x(e) for e in edges], [y(c) for c in counts], bottom)
    _apart(plot, outside, x, y)
    if other is not None:
        _stair(plot, [x(e) for e in edges], [y(c) for c in other], bottom)
    if box:
        _whiskers(plot, box, x, bottom + _STRIP / 2 + 3)
    foot(plot, x, plot.height - 8,
         times.ticks(x.low, x.high) if dates else ticks_of(x, words))  # fmt: skip
    total = sum(counts) + sum(outside)
    about = "" if shares else words("chart.rows-here", count=total)
    return plot.drawing(name, about)


def spark(
    counts: Numbers,
    name: str,
    *,
    outside: tuple[float, float] = (0, 0),
    apart: float = 0,
    gap: float = 0.5,
) -> Drawing:
    """Draw the smallest picture: bars without axes; `apart` is a last bar for all others."""
    width, height = SPARK
    plot = Canvas(width, height)
    tall = max([*counts, apart], default=0) or 1
    y = Scale(0, tall, height - 1, 2)
    left, right = 10.0 * bool(outside[0]), width - 10.0 * bool(outside[1])
    widest = 28.0 if gap > 1 else right - left
    step = min(widest, (right - left) / max(1, len(counts) + bool(apart)))
    ends = [left + k * step for k in range(len(counts) + 1)]
    _bars(plot, ends, [y(c) for c in counts], height - 1, gap)
    if apart:
        plot.rects("mute", [(ends[-1] + gap / 2, y(apart), step - gap, height - 1 - y(apart))])
    sides = ((0.0, outside[0]), (width - 7.0, outside[1]))
    plot.rects("mute", [(at, min(y(n), height - 3), 7, height - 1 - min(y(n), height - 3))
                        for at, n in sides if n])  # fmt: skip
    plot.segments("grid", [(0, height - 0.5, width, height - 0.5)])
    return plot.drawing(name)


def cycle(labels: Sequence[str], counts: Numbers, name: str, *, words: Messages) -> Drawing:
    """Draw rows over a cycle, such as the hours of a day, as upright bars with labels."""
    plot = Canvas(HALF, 150)
    bottom = plot.height - _FOOT
    y = Scale(0, max(counts, default=0) or 1, bottom, _TOP)
    _side(plot, y, words("chart.rows"), words)
    step = (HALF - 14 - _LEFT) / max(1, len(counts))
    ends = [_LEFT + k * step for k in range(len(counts) + 1)]
    _bars(plot, ends, [y(c) for c in counts], bottom, gap=min(6.0, step / 4))
    shown = [t.shorten(label, 6) for label in labels]
    widest = max((7.5 * display_width(label) + 5 for label in shown), default=0.0)
    for k in range(0, len(shown), max(1, math.ceil(widest / step))):
        plot.text("tm", ends[k] + step / 2, plot.height - 8, shown[k])
    return plot.drawing(name, words("chart.rows-here", count=sum(counts)))


def _side(plot: Canvas, y: Scale, title: str, words: Messages, *, percent: bool = False) -> None:
    """Draw grid lines with their numbers at the left and a title above."""
    marks = [v for v in y.ticks(3) if percent or v == int(v)]
    plot.segments("grid", [(_LEFT, y(v), plot.width - 14, y(v)) for v in marks])
    for value in marks:
        said = numbers.percent(value) if percent else numbers.short(value, words.lang)
        plot.text("te", _LEFT - 6, y(value) + 4, said)
    plot.text("qs", 0, y.end - 12, title)


def _bars(plot: Canvas, ends: Numbers, tops: Numbers, bottom: float, gap: float = 1.0) -> None:
    gap = min(gap, (ends[1] - ends[0]) / 3) if len(ends) > 1 else gap
    plot.rects("bar", [(a + gap / 2, min(top, bottom - 1) if top < bottom else top, b - a - gap,
                        max(bottom - top, 1.0 if top < bottom else 0.0))
                       for a, b, top in zip(ends, ends[1:], tops, strict=False)])  # fmt: skip


def _apart(plot: Canvas, outside: tuple[float, float], x: Scale, y: Scale) -> None:
    """Draw bars for values beyond the ends of the axis, marked by arrows."""
    for count, at, arrow in ((outside[0], x.start - _APART, "<"), (outside[1], x.end + 5, ">")):
        if count:
            top = min(y(count), y.start - 1)
            plot.rects("mute", [(at, top, 9, y.start - top)])
            plot.text("qm", at + 4.5, top - 4, arrow)


def _stair(plot: Canvas, ends: Numbers, tops: Numbers, bottom: float) -> None:
    steps = [(ends[0], bottom)] if len(ends) else []
    for a, b, top in zip(ends, ends[1:], tops, strict=False):
        steps += [(a, top), (b, top)]
    steps += [(ends[-1], bottom)] if len(ends) else []
    plot.segments("outline", [(*p, *q) for p, q in itertools.pairwise(steps)])


def _whiskers(plot: Canvas, box: Whiskers, x: Scale, middle: float) -> None:
    low, first, half, third, high = (x(v) for v in box.figures)
    plot.segments("thin", [(low, middle, first, middle), (third, middle, high, middle),
                           (low, middle - 4, low, middle + 4),
                           (high, middle - 4, high, middle + 4)])  # fmt: skip
    plot.rects("box", [(first, middle - 7, max(third - first, 1), 14)])
    plot.segments("mark", [(half, middle - 7, half, middle + 7)])
    plot.dots("far", sorted({(round(x(v), 1), middle) for v in box.far if x.low <= v <= x.high}))


def _legend(plot: Canvas, series: tuple[str, str]) -> None:
    first, second = (t.shorten(s, 18) for s in series)
    plot.rects("bar", [(0, 3, 11, 11)])
    plot.text("ts", 17, 13, first)
    after = 17 + 7.2 * display_width(first) + 20
    plot.segments("outline", [(after, 9, after + 14, 9)])
    plot.text("ts", after + 20, 13, second)
