"""Pictures of two columns, and of many: dots, boxes by group, counts by two categories, a matrix.

catalogue  plot-scatter plot-pair plot-heatmap
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.report.charts import theme as t
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.columns import foot
from mulle.report.charts.theme import HALF, Numbers

_STEPS = 10


def scatter(
    xs: Numbers, ys: Numbers, x_name: str, y_name: str, *,
    dates: Collection[str] = (), words: Messages,
) -> Drawing:  # fmt: skip
    """One dot a row for two columns, at most 1,000 of them; `dates` names those that are times."""
    plot = Canvas(HALF, 268)
    pairs = [(xs[i], ys[i]) for i in t.thin(len(xs), 1000)]
    pairs = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    x = Scale(*_extent([a for a, _ in pairs]), 46, HALF - 14)
    y = Scale(*_extent([b for _, b in pairs]), plot.height - 46, 26)
    marks = [] if y_name in dates else y.ticks(4)
    plot.segments("grid", [(x.start, y(v), x.end, y(v)) for v in marks])
    for value in marks:
        plot.text("te", x.start - 6, y(value) + 4, numbers.short(value, words.lang))
    plot.dots("dot", [(x(a), y(b)) for a, b in pairs])
    foot(plot, x, plot.height - 28, words, dates=x_name in dates)
    plot.text("qs", 0, 12, f"↑ {t.title(y_name)}")
    plot.text("qe", x.end, plot.height - 6, f"{t.title(x_name)} →")
    return plot.drawing(f"{x_name} × {y_name}", words("chart.rows-here", count=len(xs)))


def boxes(
    groups: Sequence[str], quantiles: Sequence[Numbers], name: str, *, words: Messages
) -> Drawing:
    """Box strips: low whisker, first quartile, median, third quartile, high whisker of each group.

    Args:
        groups: a name for each strip.
        quantiles: five numbers for each strip, ascending.
        name: of the column that is shown.
        words: language of the picture.
    """
    shown = t.labels(groups, 20)
    plot = Canvas(HALF, 26 * max(1, len(shown)) + 46)
    left = t.margin(shown) - 4
    x = Scale(*_extent([v for five in quantiles for v in five]), left, HALF - 14)
    for k, (label, five) in enumerate(zip(shown, quantiles, strict=True)):
        y = 26 * k + 14
        low, first, half, third, high = (x(v) for v in five)
        plot.text("te", left - 8, y + 4, label)
        plot.segments("thin", [(low, y, first, y), (third, y, high, y)])
        plot.rects("box", [(first, y - 8, max(1.0, third - first), 16)])
        plot.segments("mark", [(half, y - 8, half, y + 8)])
    foot(plot, x, plot.height - 26, words)
    plot.text("qe", x.end, plot.height - 5, f"{t.title(name)} →")
    return plot.drawing(name, words("chart.quantiles"))


def counts(
    rows: Sequence[str], columns: Sequence[str], table: Sequence[Numbers], name: str, *,
    words: Messages,
) -> Drawing:  # fmt: skip
    """Rows of each pair of two categories; the shade is the share of its line."""
    shown, heads = t.labels(rows, 16), t.labels(columns, 12)
    left = t.margin(shown) - 4
    wide = (HALF - left) / max(1, len(heads))
    slanted = max((6.9 * t.columns(h) for h in heads), default=0) > wide - 4
    top = 24 + (0 if not slanted else 14)
    plot = Canvas(HALF, top + 28 * max(1, len(shown)))
    for j, head in enumerate(heads):
        room = max(2, int((wide * (2 if slanted else 1) - 4) / 6.9))
        plot.text("tm", left + (j + 0.5) * wide, 14 + (14 if slanted and j % 2 else 0),
                  t.shorten(head, room))  # fmt: skip
    for i, label in enumerate(shown):
        y, total = top + 28 * i, sum(table[i]) or 1
        plot.text("te", left - 8, y + 18, label)
        for j, count in enumerate(table[i]):
            level = _level(count / total)
            plot.rects(f"p{level}", [(left + j * wide + 1, y + 1, wide - 2, 26)])
            said = numbers.short(count, words.lang)
            if 6.9 * t.columns(said) < wide - 2:
                ink = "wm" if level >= _STEPS - 2 else "tm"
                plot.text(ink, left + (j + 0.5) * wide, y + 18, said)
    about = words("chart.rows-here", count=sum(map(sum, table)))
    return plot.drawing(name, about)


def matrix(
    names: Sequence[str], values: Sequence[Sequence[float | None]], title: str, about: str,
    *, width: float = 720,
) -> Drawing:  # fmt: skip
    """A square matrix of values in [-1, 1] as colours, for more columns than numbers can be read.

    Cells of one shade are one mark, so that a hundred columns take some 100 KB.
    """
    left = matrix_left(names, width)
    side = (width - left) / max(1, len(names))
    plot = Canvas(width, side * len(names))
    cells: dict[str, list[tuple[float, float, float, float]]] = {}
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if value is not None and i != j:
                box = (left + j * side, i * side, side, side)
                cells.setdefault(shade(value), []).append(box)
    for ink in sorted(cells):
        plot.rects(ink, cells[ink])
    for i, label in enumerate(t.labels(names, 18) if left else []):
        plot.text("te", left - 6, (i + 0.5) * side + 4, label)
    return plot.drawing(title, about)


def matrix_left(names: Sequence[str], width: float) -> float:
    """Where the cells of a matrix begin; its names are left out where there is no room for them."""
    left = t.margin(t.labels(names, 18)) - 6
    return left if (width - left) / max(1, len(names)) >= 11 else 0.0


def shade(value: float) -> str:
    """The ink of a value in [-1, 1]: its sign and one of ten steps.

    >>> shade(0.0), shade(0.94), shade(-0.31), shade(1)
    ('p0', 'p9', 'n3', 'p9')
    """
    return ("n" if value < 0 else "p") + str(_level(abs(value)))


def _level(share: float) -> int:
    return min(_STEPS - 1, int(share * _STEPS + 1e-9)) if math.isfinite(share) else 0


def _extent(values: Numbers) -> tuple[float, float]:
    low, high = t.extent(values)
    return low, high
