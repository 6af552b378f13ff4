"""The pictures of one column: a small one for its line, a large one for its card and for export."""

from __future__ import annotations

from mulle.errors import DataError
from mulle.i18n import Messages
from mulle.language import messages
from mulle.report import charts
from mulle.report.charts import Drawing, Whiskers
from mulle.verbs.explore.cards import (
    AnyCard,
    Bins,
    BooleanCard,
    CategoryCard,
    DateCard,
    ImageCard,
    Lengths,
    Level,
    NumberCard,
    TextCard,
)
from mulle.verbs.explore.report import Report

SHOWN = 20  # categories of a small picture
_MOST = 12  # of a large one


def chart(report: Report, column: str, lang: str = "en") -> Drawing:
    """The picture of one column: a histogram with its box, bars, dates or lengths.

    Raises:
        UnknownName: there is no such column, or language.
        DataError: the column has nothing to draw.
    """
    card = report.card(column)
    drawn = picture(card, messages(lang))
    if drawn is None:
        raise DataError(
            "nothing-to-draw",
            where=report.header.source,
            column=column,
            kind=card.kind,
            distinct=card.distinct,
        )
    return drawn


def picture(card: AnyCard, words: Messages) -> Drawing | None:
    """The large picture of a column, None where there is nothing to draw."""
    if isinstance(card, NumberCard):
        return _number(card, words)
    if isinstance(card, BooleanCard) and card.present:
        names = [words("term.yes"), words("term.no")]
        return charts.category_bars(
            names, [card.true, card.false], card.name, missing=card.missing, words=words
        )
    if isinstance(card, CategoryCard) and _repeats(card):
        return _categories(card, words)
    if isinstance(card, DateCard) and card.histogram.counts:
        return bins_picture(card.histogram, card.name, words, dates=True)
    if isinstance(card, TextCard):
        return lengths_picture(card.words, card.name, words)
    if isinstance(card, ImageCard) and card.sizes:
        return levels_picture(card.sizes[:_MOST], card.name, words)
    return None


def small(card: AnyCard) -> Drawing | None:
    """The picture in a column's line."""
    if isinstance(card, BooleanCard) and card.present:
        return charts.spark([card.true, card.false], card.name, gap=3)
    if isinstance(card, CategoryCard) and _repeats(card) and card.distinct > 1:
        shown = [level.count for level in card.top[:SHOWN]]
        rest = card.present - sum(shown)
        return charts.spark(shown, card.name, apart=max(0, rest), gap=3)
    if isinstance(card, ImageCard) and card.sizes:
        return charts.spark([level.count for level in card.sizes[:SHOWN]], card.name, gap=3)
    bins = _bins(card)
    if bins is None or not bins.counts or card.distinct <= 1:
        return None
    return charts.spark(bins.counts, card.name, outside=(bins.below, bins.above))


def bins_picture(bins: Bins, name: str, words: Messages, *, dates: bool = False) -> Drawing:
    """Counts in adjoining bins."""
    outside = (bins.below, bins.above)
    return charts.histogram(
        bins.edges, bins.counts, name, outside=outside, dates=dates, words=words
    )


def levels_picture(levels: list[Level], name: str, words: Messages) -> Drawing:
    """Values with their counts."""
    labels = [label(level.value, words) for level in levels]
    return charts.category_bars(labels, [level.count for level in levels], name, words=words)


def lengths_picture(lengths: Lengths, name: str, words: Messages) -> Drawing | None:
    """How long texts are, in their unit."""
    if not lengths.histogram.counts:
        return None
    return bins_picture(lengths.histogram, f"{name}: {words.name('unit', lengths.unit)}", words)


def label(value: str | float, words: Messages) -> str:
    """A value as the name of a bar."""
    return words.said(value) if not isinstance(value, str) else value or "“”"


def _repeats(card: CategoryCard) -> bool:
    """Whether any category stands out, so that bars of them say something."""
    return bool(card.top) and (card.top[0].count > 1 or card.distinct <= _MOST)


def _bins(card: AnyCard) -> Bins | None:
    if isinstance(card, NumberCard | DateCard):
        return card.histogram
    return card.words.histogram if isinstance(card, TextCard) else None


def _number(card: NumberCard, words: Messages) -> Drawing | None:
    bins, box = card.histogram, card.box
    if not bins.counts:
        return None
    figures = (box.low_whisker, box.first, box.median, box.third, box.high_whisker) if box else ()
    return charts.histogram(
        bins.edges,
        bins.counts,
        card.name,
        outside=(bins.below, bins.above),
        box=Whiskers(figures, box.shown) if box else None,
        words=words,
    )


def _categories(card: CategoryCard, words: Messages) -> Drawing:
    shown = card.top[:_MOST]
    others = max(0, card.distinct - len(shown))
    return charts.category_bars(
        [label(level.value, words) for level in shown],
        [level.count for level in shown],
        card.name,
        others=others,
        other_count=max(0, card.present - sum(level.count for level in shown)) if others else 0,
        missing=card.missing,
        words=words,
    )
