"""Two axes on a canvas: scales, grid lines, tick labels, titles and a legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts import times
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.theme import HALF, PHONE, WIDE, Numbers

LETTER = 6.9  # pixels of a letter of 12 pixels; a Hangul syllable takes two
LEGEND_LINE = 20  # pixels
_TITLE, _TICKS = 28, 22  # pixels for the title of the y axis, and for each line below
MAX_SERIES = 6  # series that differ by colour and dashes


@dataclass(frozen=True)
class Axis:
    """One axis: the range that it shows, its title, and whether its numbers are times."""

    low: float
    high: float
    title: str = ""
    dates: bool = False


@dataclass
class Plot:
    """A canvas with an x and a y axis.

    Attributes:
        canvas: for marks; `x` and `y` say where a value lies.
    """

    canvas: Canvas
    x: Scale
    y: Scale
    _labels: list[tuple[float, float, str]] = field(default_factory=list)

    def curve(self, ink: str, xs: Numbers, ys: Numbers) -> None:
        """Draw a line through points, leaving out those that are not finite."""
        self.canvas.line(ink, self.places(xs, ys))

    def dots(self, ink: str, xs: Numbers, ys: Numbers) -> None:
        """Draw a dot at each point that is finite."""
        self.canvas.dots(ink, self.places(xs, ys))

    def places(self, xs: Numbers, ys: Numbers) -> list[tuple[float, float]]:
        """Return where finite points lie, in pixels."""
        pairs = zip(xs, ys, strict=True)
        return [(self.x(a), self.y(b)) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]

    def diagonal(self, label: str) -> None:
        """Draw the dashed line of equal values with its name below it."""
        low, high = max(self.x.low, self.y.low), min(self.x.high, self.y.high)
        ends = (self.x(low), self.y(low), self.x(high), self.y(high))
        self.canvas.segments("dash", [ends])
        a, b, c, d = ends
        wide = LETTER * display_width(label)
        at = min(a + 0.68 * (c - a) + 9, self.x.end - wide)
        self._label(at, b + (at - 9 - a) / ((c - a) or 1) * (d - b) + 13, label)

    def level(self, value: float, label: str) -> None:
        """Draw a dashed line at a y value with its name above its left end."""
        y = self.y(value)
        self.canvas.segments("dash", [(self.x.start, y, self.x.end, y)])
        self._label(self.x.start + 6, y - 6, label)

    def _label(self, x: float, y: float, text: str) -> None:
        self._labels.append((x, y, text))

    def drawing(self, title: str, description: str = "") -> Drawing:
        """Return the finished picture; the names of dashed lines lie above the curves."""
        for label in self._labels:
            self.canvas.text("qh", *label)
        return self.canvas.drawing(title, description)


def plot(
    x: Axis,
    y: Axis,
    *,
    words: Messages,
    width: float = HALF,
    height: float = 180,
    series: Sequence[str] = (),
    dots: Sequence[str] = (),
) -> Plot:
    """Return axes with grid, tick labels and titles, ready for marks.

    Args:
        x, y: the axes.
        words: language of numbers.
        width: of the whole picture, in CSS pixels.
        height: of the plot area between the axes, in CSS pixels.
        series: labels of the series, of which number k is drawn with the inks `l{k}` and `d{k}`;
            two or more are listed in a legend.
        dots: the series of the legend that are drawn as dots.
    """
    entries = list(series[:MAX_SERIES]) if len(series) > 1 else []
    lines = t.flow(entries, width, swatch=22)
    top = LEGEND_LINE * len(lines) + (_TITLE if y.title else 8)
    canvas = Canvas(width, top + height + _TICKS * (2 if x.title else 1))
    vertical = Scale(y.low, y.high, top + height, top)
    marks = _marks(vertical, y, max(2, round(height / 45)), words)
    left = max(24.0, 10 + LETTER * max((display_width(label) for _, label in marks), default=0))
    horizontal = Scale(x.low, x.high, left, width - 14)
    canvas.segments("grid", [(left, vertical(v), horizontal.end, vertical(v)) for v, _ in marks])
    for value, label in marks:
        canvas.text("te", left - 7, vertical(value) + 4, label)
    ticks = _marks(horizontal, x, max(2, round((width - left) / 75)), words)
    foot(canvas, horizontal, top + height + 17, ticks)
    _titles(canvas, x, y, horizontal, top)
    for row, line in enumerate(lines):
        for at, k in line:
            middle = LEGEND_LINE * row + 9.0
            if entries[k] in dots:
                canvas.dots(f"d{k}", [(at + 8, middle)])
            else:
                canvas.segments(f"l{k}", [(at, middle, at + 16, middle)])
            canvas.text("ts", at + 22, middle + 4, entries[k])
    return Plot(canvas, horizontal, vertical)


def wide_and_narrow(draw: Callable[[float], Drawing]) -> Drawing:
    """Draw a picture for a wide page, and once more for a phone.

    Args:
        draw: draws the picture in a width in CSS pixels.
    """
    return replace(draw(WIDE), narrow=draw(PHONE))


def foot(canvas: Canvas, x: Scale, at: float, ticks: Sequence[tuple[float, str]]) -> None:
    """Write tick labels below a picture; those that would overlap are left out."""
    taken = -1e9
    for value, label in ticks:
        half = LETTER / 2 * display_width(label)
        middle = min(max(x(value), half + 1), canvas.width - half - 1)
        if middle - half >= taken + 6:
            canvas.text("tm", middle, at, label)
            taken = middle + half


def tick_labels(values: Sequence[float], words: Messages) -> list[str]:
    """Return labels of round numbers, all with as many decimals.

    >>> tick_labels([0.9, 0.95, 1], Messages("en")), tick_labels([0, 2e6], Messages("ko"))
    (['0.90', '0.95', '1.00'], ['0', '200만'])
    """
    if max(map(abs, values), default=0.0) >= 1e4:
        return [numbers.short(v, words.lang) for v in values]
    decimals = max((len(f"{v:.10f}".rstrip("0").partition(".")[2]) for v in values), default=0)
    if decimals > 5:
        return [numbers.short(v, words.lang) for v in values]
    return [f"{v:,.{decimals}f}".replace("-", numbers.MINUS) for v in values]


def ticks_of(scale: Scale, words: Messages, wanted: int = 4) -> list[tuple[float, str]]:
    """Return round numbers of a scale with their labels."""
    values = scale.ticks(wanted)
    return list(zip(values, tick_labels(values, words), strict=True))


def _marks(scale: Scale, axis: Axis, wanted: int, words: Messages) -> list[tuple[float, str]]:
    if axis.dates:
        return times.ticks(axis.low, axis.high, wanted)
    return ticks_of(scale, words, wanted)


def _titles(canvas: Canvas, x: Axis, y: Axis, scale: Scale, top: float) -> None:
    room = int(canvas.width / LETTER) - 2
    if y.title:
        canvas.text("qs", 0, top - 15, f"↑ {t.shorten(t.clean(y.title), min(44, room))}")
    if x.title:
        title = f"{t.shorten(t.clean(x.title), min(44, room))} →"
        canvas.text("qe", scale.end, canvas.height - 5, title)
