"""The pictures of one column: a small one for its line, a large one for its details and export."""

from __future__ import annotations

from mulle.errors import DataError
from mulle.i18n import Messages
from mulle.language import messages
from mulle.report import charts
from mulle.report.charts import Drawing, Whiskers
from mulle.verbs.explore.report import ReportData
from mulle.verbs.explore.summaries import (
    AnySummary,
    Bins,
    BooleanSummary,
    CategorySummary,
    DateSummary,
    ImageSummary,
    Lengths,
    Level,
    NumberSummary,
    TextSummary,
)

SHOWN = 20  # categories of a small picture
MAX_BARS = 12  # of a large one


def chart(report: ReportData, column: str, lang: str = "en") -> Drawing:
    """Draw one column: a histogram with its box, bars, dates or lengths.

    Raises:
        UnknownName: there is no such column, or language.
        DataError: the column has nothing to draw.
    """
    summary = report.column(column)
    drawn = picture(summary, messages(lang))
    if drawn is None:
        raise DataError(
            "nothing-to-draw",
            where=report.header.source,
            column=column,
            kind=summary.kind,
            distinct=summary.distinct,
        )
    return drawn


def picture(summary: AnySummary, words: Messages) -> Drawing | None:
    """Draw the large picture of a column, None where there is nothing to draw."""
    if isinstance(summary, NumberSummary):
        return _number(summary, words)
    if isinstance(summary, BooleanSummary) and summary.present:
        names = [words("term.yes"), words("term.no")]
        return charts.category_bars(
            names, [summary.true, summary.false], summary.name, missing=summary.missing, words=words
        )
    if isinstance(summary, CategorySummary) and _repeats(summary):
        return _categories(summary, words)
    if isinstance(summary, DateSummary) and summary.histogram.counts:
        return bins_picture(summary.histogram, summary.name, words, dates=True)
    if isinstance(summary, TextSummary):
        return lengths_picture(summary.words, summary.name, words)
    if isinstance(summary, ImageSummary) and summary.sizes:
        return levels_picture(summary.sizes[:MAX_BARS], summary.name, words)
    return None


def small(summary: AnySummary) -> Drawing | None:
    """Draw the picture in a column's line."""
    if isinstance(summary, BooleanSummary) and summary.present:
        return charts.spark([summary.true, summary.false], summary.name, gap=3)
    if isinstance(summary, CategorySummary) and _repeats(summary) and summary.distinct > 1:
        shown = [level.count for level in summary.top[:SHOWN]]
        rest = summary.present - sum(shown)
        return charts.spark(shown, summary.name, apart=max(0, rest), gap=3)
    if isinstance(summary, ImageSummary) and summary.sizes:
        return charts.spark([level.count for level in summary.sizes[:SHOWN]], summary.name, gap=3)
    bins = _bins(summary)
    if bins is None or not bins.counts or summary.distinct <= 1:
        return None
    return charts.spark(bins.counts, summary.name, outside=(bins.below, bins.above))


def bins_picture(bins: Bins, name: str, words: Messages, *, dates: bool = False) -> Drawing:
    """Draw counts in adjoining bins."""
    outside = (bins.below, bins.above)
    return charts.histogram(
        bins.edges, bins.counts, name, outside=outside, dates=dates, words=words
    )


def levels_picture(levels: list[Level], name: str, words: Messages) -> Drawing:
    """Draw values with their counts."""
    labels = [label(level.value, words) for level in levels]
    return charts.category_bars(labels, [level.count for level in levels], name, words=words)


def lengths_picture(lengths: Lengths, name: str, words: Messages) -> Drawing | None:
    """Draw the lengths of texts, in their unit."""
    if not lengths.histogram.counts:
        return None
    return bins_picture(lengths.histogram, f"{name}: {words.name('unit', lengths.unit)}", words)


def label(value: str | float, words: Messages) -> str:
    """Return a value as the label of a bar."""
    return words.render(value) if not isinstance(value, str) else value or "“”"


def _repeats(summary: CategorySummary) -> bool:
    """Return whether some category is frequent enough for bars to be useful."""
    return bool(summary.top) and (summary.top[0].count > 1 or summary.distinct <= MAX_BARS)


def _bins(summary: AnySummary) -> Bins | None:
    if isinstance(summary, NumberSummary | DateSummary):
        return summary.histogram
    return summary.words.histogram if isinstance(summary, TextSummary) else None


def _number(summary: NumberSummary, words: Messages) -> Drawing | None:
    bins, box = summary.histogram, summary.box
    if not bins.counts:
        return None
    figures = (box.low_whisker, box.first, box.median, box.third, box.high_whisker) if box else ()
    return charts.histogram(
        bins.edges,
        bins.counts,
        summary.name,
        outside=(bins.below, bins.above),
        box=Whiskers(figures, box.shown) if box else None,
        words=words,
    )


def _categories(summary: CategorySummary, words: Messages) -> Drawing:
    shown = summary.top[:MAX_BARS]
    others = max(0, summary.distinct - len(shown))
    return charts.category_bars(
        [label(level.value, words) for level in shown],
        [level.count for level in shown],
        summary.name,
        others=others,
        other_count=max(0, summary.present - sum(level.count for level in shown)) if others else 0,
        missing=summary.missing,
        words=words,
    )
