"""Charts that compare: plans on the leaderboard, trials of a search, columns by importance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mulle.i18n import Messages
from mulle.i18n import format as numbers
from mulle.i18n.format import display_width
from mulle.report.charts import theme as t
from mulle.report.charts.axes import LETTER, Axis, foot, plot, ticks_of, wide_and_narrow
from mulle.report.charts.canvas import Canvas, Drawing, Scale
from mulle.report.charts.theme import PHONE, Numbers

_ROW = 26  # pixels from name to name
_BELOW = 44  # pixels for the ticks and the title of the axis


def leaderboard(rows: Sequence[Mapping[str, Any]], metric: str, *, words: Messages) -> Drawing:
    """Draw the scores of plans as dots, one line a plan, best first.

    Args:
        rows: each with `name`, `validation`, and if known `low` and `high` (the interval of the
            validation score) and `test`.
        metric: code of the metric.
        words: language of the chart.
    """
    return wide_and_narrow(lambda width: _leaderboard(rows, metric, words, width))


def search(
    seconds: Numbers,
    scores: Numbers,
    metric: str,
    *,
    greater_is_better: bool = True,
    words: Messages,
) -> Drawing:
    """Draw each trial's score at the time it finished, and the best so far as a stair.

    Args:
        seconds: since the start of the run, ascending.
        scores: validation scores.
        metric: code of the metric.
        greater_is_better: whether the best is the largest.
        words: language of the chart.
    """
    best = best_so_far(scores, greater_is_better=greater_is_better)
    names = [words("chart.best-so-far"), words("chart.trial")]
    last = best[-1] if best else math.nan
    about = f"{names[0]}: {numbers.score(last)}"

    def draw(width: float) -> Drawing:
        x = Axis(0.0, max(*seconds, 0.0, 0.0) * 1.02 or 1.0, words("chart.seconds"))
        y = Axis(*t.extent(scores), words.name("metric", metric))
        axes = plot(x, y, words=words, width=width, series=names, dots=names[1:])
        axes.dots("d1", seconds, scores)
        stairs = [(a, b) for a, b in zip(seconds, best, strict=True) if math.isfinite(b)]
        steps = [p for (_, b), (a, c) in itertools.pairwise(stairs) for p in ((a, b), (a, c))]
        corners = [*stairs[:1], *steps]
        axes.curve("l0", [a for a, _ in corners], [b for _, b in corners])
        return axes.drawing(words("section.search"), about)

    return wide_and_narrow(draw)


def best_so_far(scores: Numbers, *, greater_is_better: bool = True) -> list[float]:
    """Return the best of the scores up to each one; nan before the first that is finite.

    >>> best_so_far([0.5, 0.7, 0.4])
    [0.5, 0.7, 0.7]
    """
    best: list[float] = []
    for value in map(float, scores):
        last = best[-1] if best else math.nan
        better = math.isnan(last) or (value > last if greater_is_better else value < last)
        best.append(value if math.isfinite(value) and better else last)
    return best


def importance(
    columns: Sequence[str], means: Numbers, errors: Numbers | None = None, *, words: Messages
) -> Drawing:
    """Draw bars of permutation importance with whiskers of ± one error.

    Args:
        columns: names, most important first.
        means, errors: loss of score, and its standard deviation.
        words: language of the chart.
    """
    return wide_and_narrow(lambda width: _importance(columns, means, errors, words, width))


def _lines(shown: Sequence[str], width: float, top: float) -> tuple[Canvas, float]:
    """Return a canvas with a name at the left of each line, and where the axis begins."""
    canvas = Canvas(width, top + _ROW * max(1, len(shown)) + _BELOW)
    left = t.margin(shown) - 4
    for k, label in enumerate(shown):
        canvas.text("te", left - 10, top + _ROW * (k + 0.5) + 4, label)
    return canvas, left


def _axis(canvas: Canvas, x: Scale, title: str, top: float, words: Messages) -> None:
    bottom = canvas.height - _BELOW
    ticks = ticks_of(x, words, max(3, round((x.end - x.start) / 90)))
    canvas.segments("grid", [(x(v), top, x(v), bottom) for v, _ in ticks])
    foot(canvas, x, bottom + 17, ticks)
    room = int(canvas.width / LETTER) - 2
    canvas.text("qe", x.end, canvas.height - 5, f"{t.shorten(title, min(44, room))} →")


def _limit(width: float) -> int:
    """Columns of text that a name may take."""
    return 30 if width > PHONE else 17


def _leaderboard(
    rows: Sequence[Mapping[str, Any]], metric: str, words: Messages, width: float
) -> Drawing:
    shown = t.labels([row["name"] for row in rows], _limit(width))
    keys = ("validation", "low", "high", "test")
    columns = {k: [t.values_of(row, k) for row in rows] for k in keys}
    near = t.focus(columns["validation"])
    inside = [v in near for v in columns["validation"]]
    columns |= {k: [v if kept else math.nan for v, kept in zip(column, inside, strict=True)]
                for k, column in columns.items()}  # fmt: skip
    top = 28
    canvas, left = _lines(shown, width, top)
    x = Scale(*t.extent(*columns.values()), left, width - 14)
    _axis(canvas, x, words.name("metric", metric), top, words)
    heights = [top + _ROW * (k + 0.5) for k in range(len(rows))]
    ends = zip(columns["low"], columns["high"], heights, strict=True)
    canvas.segments("error", [(x(a), y, x(b), y) for a, b, y in ends if math.isfinite(a + b)])
    places = {k: [(x(v), y) for v, y in zip(columns[k], heights, strict=True) if math.isfinite(v)]
              for k in keys}  # fmt: skip
    canvas.dots("spot", places["validation"])
    canvas.diamonds("outline", places["test"])
    for row, kept, y in zip(rows, inside, heights, strict=True):
        value = t.values_of(row, "validation")
        if not kept and math.isfinite(value):
            below = value < x.low
            text = f"← {numbers.score(value)}" if below else f"{numbers.score(value)} →"
            canvas.text("qs" if below else "qe", x.start + 4 if below else x.end, y + 4, text)
    _dots_legend(canvas, words)
    best = f"{rows[0]['name']}: {numbers.score(columns['validation'][0])}" if rows else ""
    return canvas.drawing(words("section.leaderboard"), best)


def _dots_legend(canvas: Canvas, words: Messages) -> None:
    first, second = words("chart.validation"), words("chart.test")
    canvas.dots("spot", [(6, 9)])
    canvas.text("ts", 16, 13, first)
    after = 16 + 7.2 * display_width(first) + 20
    canvas.diamonds("outline", [(after + 6, 9)])
    canvas.text("ts", after + 16, 13, second)


def _importance(
    columns: Sequence[str], means: Numbers, errors: Numbers | None, words: Messages, width: float
) -> Drawing:
    shown = t.labels(columns, _limit(width))
    half = [float(e) for e in errors] if errors is not None else [0.0] * len(shown)
    low = [m - e for m, e in zip(means, half, strict=True)]
    high = [m + e for m, e in zip(means, half, strict=True)]
    canvas, left = _lines(shown, width, 4)
    ends = t.extent(low, high, [0.0])
    zero_at_edge = min([v for v in low if math.isfinite(v)], default=0.0) >= 0
    x = Scale(0.0 if zero_at_edge else ends[0], ends[1], left, width - 14)
    _axis(canvas, x, words("chart.importance"), 4, words)
    for k, mean in enumerate(means):
        if not math.isfinite(mean):
            continue
        y = 4 + _ROW * (k + 0.5)
        a, b = sorted((x(0.0), x(mean)))
        canvas.rects("bar", [(a, y - 8, max(1.0, b - a), 16)])
        if half[k] > 0 and math.isfinite(half[k]):
            canvas.segments("whisker", [(x(low[k]), y, x(high[k]), y)])
    first = f"{columns[0]}: {numbers.plus_minus(means[0], half[0])}" if shown else ""
    return canvas.drawing(words("section.importance"), first)
