"""The few figures of a column that stand in its line, the same four places for every column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mulle.i18n import Messages
from mulle.report import Fact
from mulle.report.charts.theme import shorten
from mulle.verbs.explore.cards import (
    AnyCard,
    BooleanCard,
    CategoryCard,
    DateCard,
    FailedCard,
    ImageCard,
    NumberCard,
    Quantile,
    TextCard,
)

_Figures = list[tuple[str, Any, str]]


def figures(card: AnyCard, words: Messages) -> list[Fact]:
    """Missing, distinct, and what a column of this sort is best known by."""
    if isinstance(card, FailedCard):
        return []
    distinct: Any = card.distinct
    if not card.distinct_exact:
        distinct = words("explore.at-least", count=card.distinct)
    told: _Figures = [
        ("missing", card.missing_share, "percent"),
        ("distinct", distinct, "count"),
        *_OF[type(card)](card, words),
    ]
    return [Fact(words(f"explore.{key}"), value, how) for key, value, how in told]


def quantile(quantiles: list[Quantile], q: float) -> float | None:
    """The value of one quantile, None where it was not computed."""
    return next((p.value for p in quantiles if abs(p.q - q) < 1e-9), None)


def _number(card: NumberCard, words: Messages) -> _Figures:
    spread = card.spread
    if card.distinct <= 1:
        return [("value", spread.min, "number")]
    ends = (
        words("explore.from-to", low=spread.min, high=spread.max) if spread.min is not None else "–"
    )
    middle = quantile(spread.quantiles, 0.5)
    return [("median", middle if middle is not None else spread.mean, "short"), ("range", ends, "")]


def _boolean(card: BooleanCard, words: Messages) -> _Figures:
    share = card.true / card.present if card.present else None
    other = card.false / card.present if card.present else None
    return [("true", share, "percent"), ("false", other, "percent")]


def _category(card: CategoryCard, words: Messages) -> _Figures:
    if not card.top:
        return []
    first = card.top[0]
    if card.distinct <= 1:
        return [("value", shorten(str(first.value), 18), "")]
    return [("most", shorten(str(first.value), 14), ""), ("its-share", first.share, "percent")]


def _date(card: DateCard, words: Messages) -> _Figures:
    return [("first", card.first[:10], ""), ("last", card.last[:10], "")]


def _text(card: TextCard, words: Messages) -> _Figures:
    words_of = card.words
    middle = quantile(words_of.covers, 0.5)
    return [("words", middle if middle is not None else words_of.mean, "number"),
            ("longest", words_of.max, "count")]  # fmt: skip


def _image(card: ImageCard, words: Messages) -> _Figures:
    size = str(card.sizes[0].value) if card.sizes else "–"
    return [("size", size, ""), ("unreadable", card.unreadable + card.absent, "count")]


_OF: Mapping[type, Callable[[Any, Messages], _Figures]] = {
    NumberCard: _number,
    BooleanCard: _boolean,
    CategoryCard: _category,
    DateCard: _date,
    TextCard: _text,
    ImageCard: _image,
}
