"""Horizontal bars: categories, two tables side by side, the target over slices."""

from __future__ import annotations

from collections.abc import Sequence

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.theme import HALF, Numbers

_LINE = 22  # pixels from bar to bar
_SHADES = ("p9", "p6", "p3", "n6", "n3")


def category_bars(
    categories: Sequence[str],
    counts: Numbers,
    name: str,
    *,
    others: int = 0,
    other_count: float = 0,
    missing: float = 0,
    words: Messages,
) -> Drawing:
    """Draw counts of categories, most frequent first; others and missing values are set apart.

    Args:
        categories, counts: names and rows of the categories that are shown.
        name: of the column.
        others, other_count: number of further categories, and of their rows.
        missing: number of rows without a value.
        words: language of the picture.
    """
    apart = [(words("chart.other", count=others), other_count)] if others else []
    apart += [(words("chart.missing"), missing)] if missing else []
    shown = t.labels([*categories, *(label for label, _ in apart)], 22)
    long = [*counts, *(count for _, count in apart)]
    said = [numbers.count(count) for count in long]
    plot, x = _frame(shown, said, max(long, default=0))
    for k, (label, count) in enumerate(zip(shown, long, strict=True)):
        _label(plot, x, k, label)
        ink = "bar" if k < len(categories) else "mute"
        plot.rects(ink, [(x.start, k * _LINE + 5, max(1.0, x(count) - x.start), 15)])
        plot.text("ts", max(x(count), x.start + 1) + 6, k * _LINE + 17, said[k])
    return plot.drawing(name, words("chart.rows-here", count=sum(long)))


def share_bars(names: Sequence[str], shares: Numbers, name: str, *, words: Messages) -> Drawing:
    """Draw shares of 1, the largest first."""
    shown, said = t.labels(names, 22), [numbers.percent(v) for v in shares]
    plot, x = _frame(shown, said, max(shares, default=0))
    for k, (label, share) in enumerate(zip(shown, shares, strict=True)):
        _label(plot, x, k, label)
        plot.rects("bar", [(x.start, k * _LINE + 5, max(1.0, x(share) - x.start), 15)])
        plot.text("ts", max(x(share), x.start + 1) + 6, k * _LINE + 17, said[k])
    return plot.drawing(name, words("chart.share"))


def paired_bars(
    categories: Sequence[str],
    reference: Numbers,
    current: Numbers,
    name: str,
    *,
    series: tuple[str, str],
    words: Messages,
) -> Drawing:
    """Draw the shares of categories in two tables as pairs of bars, with a legend.

    Args:
        categories: names of the categories.
        reference, current: shares of 1 in the two tables.
        name: of the column.
        series: names of the two tables.
        words: language of the picture.
    """
    shown = t.labels(categories, 22)
    top, step = 26, 36
    said = [numbers.percent(v) for v in [*reference, *current]]
    plot, x = _frame(shown, said, max([*reference, *current], default=0), top + step * len(shown))
    plot.rects("bar", [(0, 3, 11, 11)])
    first, second = (t.shorten(s, 18) for s in series)
    plot.text("ts", 17, 13, first)
    after = 17 + 7.2 * display_width(first) + 20
    plot.rects("over", [(after, 3, 11, 11)])
    plot.text("ts", after + 17, 13, second)
    for k, label in enumerate(shown):
        y = top + k * step
        plot.text("te", x.start - 8, y + 19, label)
        for ink, share, at in (("bar", reference[k], y + 2), ("over", current[k], y + 16)):
            plot.rects(ink, [(x.start, at, max(1.0, x(share) - x.start), 12)])
            plot.text("ts", max(x(share), x.start + 1) + 6, at + 10, numbers.percent(share))
    return plot.drawing(name, f"{first} / {second}")


def slice_bars(
    labels: Sequence[str],
    values: Numbers,
    rows: Numbers,
    name: str,
    *,
    about: str,
    percent: bool = False,
    words: Messages,
) -> Drawing:
    """Draw a mean or a share for each slice of the rows, with the number of its rows."""
    shown = t.labels(labels, 22)
    say = numbers.percent if percent else numbers.short
    said = [f"{say(v, words.lang)} · {numbers.count(n)}" for v, n in zip(values, rows, strict=True)]
    low, high = min([0.0, *values]), max([0.0, *values])
    plot, x = _frame(shown, said, high, low=low)
    for k, (label, value) in enumerate(zip(shown, values, strict=True)):
        _label(plot, x, k, label)
        a, b = sorted((x(0), x(value)))
        plot.rects("bar", [(a, k * _LINE + 5, max(1.0, b - a), 15)])
        plot.text("ts", b + 6, k * _LINE + 17, said[k])
    return plot.drawing(name, about)


def stacked_bars(
    labels: Sequence[str], shares: Sequence[Numbers], classes: Sequence[str], name: str, *,
    about: str,
) -> Drawing:  # fmt: skip
    """Draw shares of up to five classes in each slice as stacked bars, with a legend."""
    shown, parts = t.labels(labels, 22), t.labels(classes[: len(_SHADES)], 14)
    lines = t.flow(parts, HALF, swatch=16)
    top = 20 * len(lines) + 4
    plot, x = _frame(shown, [""], 1.0, top + _LINE * len(shown))
    for row, line in enumerate(lines):
        for at, k in line:
            plot.rects(_SHADES[k], [(at, 20 * row + 3, 11, 11)])
            plot.text("ts", at + 16, 20 * row + 13, parts[k])
    for k, label in enumerate(shown):
        plot.text("te", x.start - 8, top + k * _LINE + 17, label)
        ends = [0.0]
        for share in shares[k][: len(parts)]:
            ends.append(min(1.0, ends[-1] + share))
        for shade, a, b in zip(_SHADES, ends, ends[1:], strict=False):
            plot.rects(shade, [(x(a), top + k * _LINE + 5, x(b) - x(a) - 0.5, 15)])
    return plot.drawing(name, about)


def _frame(
    shown: Sequence[str], said: Sequence[str], high: float, height: float = 0, *, low: float = 0
) -> tuple[Canvas, Scale]:
    """Return a canvas and an axis with room for names at the left and numbers at the right."""
    plot = Canvas(HALF, height or _LINE * max(1, len(shown)) + 4)
    left = t.margin(shown) - 4
    right = HALF - 12 - 6.9 * max((display_width(s) for s in said), default=0)
    return plot, Scale(low, high or 1.0, left, max(right, left + 20))


def _label(plot: Canvas, x: Scale, line: int, label: str) -> None:
    plot.text("te", x.start - 8, line * _LINE + 17, label)
