"""Pictures of two columns or more: dots, boxes by group, counts of two categories, a matrix.

catalogue  plot-scatter plot-pair plot-heatmap
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts import times
from mulle.report.charts.axes import Axis, foot, plot, ticks_of
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.theme import HALF, Numbers

_STEPS = 10


def scatter(
    xs: Numbers, ys: Numbers, x_name: str, y_name: str, *,
    dates: Collection[str] = (), words: Messages,
) -> Drawing:  # fmt: skip
    """Draw a dot for each row, at most 1,000 of them; `dates` names the columns of times."""
    kept = t.thin(len(xs), 1000)
    across, up = [xs[i] for i in kept], [ys[i] for i in kept]
    axes = plot(
        Axis(*t.extent(across), x_name, dates=x_name in dates),
        Axis(*t.extent(up), y_name, dates=y_name in dates),
        words=words,
        height=200,
    )
    axes.dots("dot", across, up)
    return axes.drawing(f"{x_name} × {y_name}", words("chart.rows-here", count=len(xs)))


def boxes(
    groups: Sequence[str], quantiles: Sequence[Numbers], name: str, *, dates: bool = False,
    words: Messages,
) -> Drawing:  # fmt: skip
    """Draw a box for each group: low whisker, quartiles and median, high whisker.

    Args:
        groups: names of the groups.
        quantiles: five ascending numbers for each group.
        name: of the column that is shown.
        dates: whether the numbers are microseconds since 1970.
        words: language of the picture.
    """
    shown = t.labels(groups, 20)
    canvas = Canvas(HALF, 26 * max(1, len(shown)) + 46)
    left = t.margin(shown) - 4
    x = Scale(*t.extent([v for five in quantiles for v in five]), left, HALF - 14)
    for k, (label, five) in enumerate(zip(shown, quantiles, strict=True)):
        y = 26 * k + 14
        low, first, half, third, high = (x(v) for v in five)
        canvas.text("te", left - 8, y + 4, label)
        canvas.segments("thin", [(low, y, first, y), (third, y, high, y)])
        canvas.rects("box", [(first, y - 8, max(1.0, third - first), 16)])
        canvas.segments("mark", [(half, y - 8, half, y + 8)])
    ticks = times.ticks(x.low, x.high, 3) if dates else ticks_of(x, words)
    foot(canvas, x, canvas.height - 26, ticks)
    canvas.text("qe", x.end, canvas.height - 5, f"{t.shorten(t.clean(name), 44)} →")
    return canvas.drawing(name, words("chart.quantiles"))


def counts(
    rows: Sequence[str], columns: Sequence[str], table: Sequence[Numbers], name: str, *,
    words: Messages,
) -> Drawing:  # fmt: skip
    """Draw the rows of each pair of categories; the shade is the share of the line."""
    shown, heads = t.labels(rows, 16), t.labels(columns, 12)
    left = t.margin(shown) - 4
    wide = (HALF - left) / max(1, len(heads))
    slanted = max((6.9 * display_width(h) for h in heads), default=0) > wide - 4
    top = 24 + (0 if not slanted else 14)
    canvas = Canvas(HALF, top + 28 * max(1, len(shown)))
    for j, head in enumerate(heads):
        room = max(2, int((wide * (2 if slanted else 1) - 4) / 6.9))
        canvas.text("tm", left + (j + 0.5) * wide, 14 + (14 if slanted and j % 2 else 0),
                  t.shorten(head, room))  # fmt: skip
    for i, label in enumerate(shown):
        y, total = top + 28 * i, sum(table[i]) or 1
        canvas.text("te", left - 8, y + 18, label)
        for j, count in enumerate(table[i]):
            level = level_of(count / total)
            canvas.rects(f"p{level}", [(left + j * wide + 1, y + 1, wide - 2, 26)])
            said = numbers.short(count, words.lang)
            if 6.9 * display_width(said) < wide - 2:
                ink = "wm" if level >= _STEPS - 2 else "tm"
                canvas.text(ink, left + (j + 0.5) * wide, y + 18, said)
    about = words("chart.rows-here", count=sum(map(sum, table)))
    return canvas.drawing(name, about)


def matrix(
    names: Sequence[str], values: Sequence[Sequence[float | None]], title: str, about: str,
    *, width: float = 720,
) -> Drawing:  # fmt: skip
    """Draw a square matrix of values in [-1, 1] as colours, for many columns.

    Cells of one shade are one mark, so that a hundred columns take some 100 KB.
    """
    left = matrix_left(names, width)
    side = (width - left) / max(1, len(names))
    canvas = Canvas(width, side * len(names))
    cells: dict[str, list[tuple[float, float, float, float]]] = {}
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if value is not None and i != j:
                box = (left + j * side, i * side, side, side)
                cells.setdefault(shade(value), []).append(box)
    for ink in sorted(cells):
        canvas.rects(ink, cells[ink])
    for i, label in enumerate(t.labels(names, 18) if left else []):
        canvas.text("te", left - 6, (i + 0.5) * side + 4, label)
    return canvas.drawing(title, about)


def matrix_left(names: Sequence[str], width: float) -> float:
    """Return where the cells of a matrix begin; 0 where there is no room for names."""
    left = t.margin(t.labels(names, 18)) - 6
    return left if (width - left) / max(1, len(names)) >= 11 else 0.0


def shade(value: float) -> str:
    """Return the ink of a value in [-1, 1]: its sign and one of ten steps.

    >>> shade(0.0), shade(0.94), shade(-0.31), shade(1)
    ('p0', 'p9', 'n3', 'p9')
    """
    return ("n" if value < 0 else "p") + str(level_of(abs(value)))


def level_of(share: float) -> int:
    """Return the shade, from 0 to 9, of a share of 1."""
    return min(_STEPS - 1, int(share * _STEPS + 1e-9)) if math.isfinite(share) else 0
