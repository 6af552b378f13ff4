"""A matrix of counts as shaded cells: which classes are taken for which.

catalogue  plot-heatmap
"""

from __future__ import annotations

from collections.abc import Sequence

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts.axes import LETTER
from mulle.report.charts.canvas import Canvas, Drawing
from mulle.report.charts.pairs import level_of
from mulle.report.charts.theme import HALF, Numbers

WIDEST_CELL = 88.0
_DARK = 8  # shades from this one on carry text in the colour of paper


def confusion(classes: Sequence[str], counts: Sequence[Numbers], *, words: Messages) -> Drawing:
    """Draw a confusion matrix: rows are the truth, columns the prediction, shade the row's share.

    Args:
        classes: names of the C classes.
        counts: C rows of C counts, `counts[actual][predicted]`.
        words: language of the chart.
    """
    size = max(1, len(classes))
    shown = t.labels(classes, 16)
    beside = f"↓ {words('chart.actual')}"
    longest = max((display_width(s) for s in shown), default=0) * LETTER
    left = max(t.margin(shown) - 6, LETTER * display_width(beside) + 10)
    slanted = longest > min(WIDEST_CELL, (HALF - left - 8) / size) - 4
    right = max(8.0, 0.77 * LETTER * display_width(shown[-1]) - 20) if slanted and shown else 8.0
    side = max(1.0, min(WIDEST_CELL, (HALF - left - right) / size))
    tall = max(0.75 * side, min(side, 34))
    top = 44 + (0.66 * longest if slanted else 0)
    canvas = Canvas(HALF, top + tall * size + 4)
    canvas.text("qe", left - 8, top - 10, beside)
    canvas.text("qs", left, 13, f"{words('chart.predicted')} →")
    step = -(-14 // side)  # where cells are lower than letters, only some of the names stand
    for i, label in enumerate(shown):
        if i % max(1, -(-13 // tall)) == 0:
            canvas.text("te", left - 8, top + (i + 0.5) * tall + 4, label)
        middle = left + (i + 0.5) * side
        if slanted and i % max(1, step) == 0:
            canvas.text("ts", middle + 2, top - 7, label, turn=-40)
        elif not slanted:
            canvas.text("tm", middle, top - 9, label)
    _cells(canvas, counts, (left, top, side, tall))
    agree, total = sum(row[i] for i, row in enumerate(counts)), sum(map(sum, counts))
    title = f"{words('chart.actual')} × {words('chart.predicted')}"
    return canvas.drawing(title, f"{numbers.count(agree)} / {numbers.count(total)}")


def _cells(
    canvas: Canvas, counts: Sequence[Numbers], frame: tuple[float, float, float, float]
) -> None:
    """Draw the shaded cells, one mark a shade, and what they hold where there is room."""
    left, top, side, tall = frame
    boxes: dict[str, list[tuple[float, float, float, float]]] = {}
    widest = max((display_width(numbers.count(n)) for row in counts for n in row), default=0)
    whole = side >= max(32, LETTER * widest + 4) and tall >= 26  # room for counts and shares
    texts: list[tuple[str, float, float, str]] = []
    gap = 1 if side >= 14 else 0.25
    for i, row in enumerate(counts):
        total = sum(row) or 1
        for j, count in enumerate(row):
            x, y, level = left + j * side, top + i * tall, level_of(count / total)
            box = (x + gap, y + gap, side - 2 * gap, tall - 2 * gap)
            boxes.setdefault(f"p{level}", []).append(box)
            x, y, ink = x + side / 2, y + tall / 2, "w" if level >= _DARK else ""
            texts.append((f"{ink or 't'}m", x, y - 1 if whole else y + 4, numbers.count(count)))
            if whole:
                texts.append(
                    (f"{ink}s" if ink else "sm", x, y + 12, numbers.percent(count / total))
                )
    legible = side >= LETTER * widest + 4 and tall >= 15
    for ink in sorted(boxes):
        canvas.rects(ink, boxes[ink])
    for text in texts if legible else []:
        canvas.text(*text)
