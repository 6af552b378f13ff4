"""The few figures of a column that stand in its line, the same four places for every column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mulle.i18n import Messages
from mulle.report import Fact
from mulle.report.charts.theme import shorten
from mulle.verbs.explore.summaries import (
    AnySummary,
    BooleanSummary,
    CategorySummary,
    DateSummary,
    FailedSummary,
    ImageSummary,
    NumberSummary,
    Quantile,
    TextSummary,
)

_Figures = list[tuple[str, Any, str]]


def figures(summary: AnySummary, words: Messages) -> list[Fact]:
    """Return missing and distinct values, and what a column of this kind is best known by."""
    if isinstance(summary, FailedSummary):
        return []
    distinct: Any = summary.distinct
    if not summary.distinct_exact:
        distinct = words("explore.at-least", count=summary.distinct)
    told: _Figures = [
        ("missing", summary.missing_share, "percent"),
        ("distinct", distinct, "count"),
        *_OF[type(summary)](summary, words),
    ]
    return [Fact(words(f"explore.{key}"), value, how) for key, value, how in told]


def quantile(quantiles: list[Quantile], q: float) -> float | None:
    """Return the value of a quantile, None where it was not computed."""
    return next((p.value for p in quantiles if abs(p.q - q) < 1e-9), None)


def _number(summary: NumberSummary, words: Messages) -> _Figures:
    spread = summary.spread
    if summary.distinct <= 1:
        return [("value", spread.min, "number")]
    ends = (
        words("explore.from-to", low=spread.min, high=spread.max) if spread.min is not None else "–"
    )
    middle = quantile(spread.quantiles, 0.5)
    return [("median", middle if middle is not None else spread.mean, "short"), ("range", ends, "")]


def _boolean(summary: BooleanSummary, words: Messages) -> _Figures:
    share = summary.true / summary.present if summary.present else None
    other = summary.false / summary.present if summary.present else None
    return [("true", share, "percent"), ("false", other, "percent")]


def _category(summary: CategorySummary, words: Messages) -> _Figures:
    if not summary.top:
        return []
    first = summary.top[0]
    if summary.distinct <= 1:
        return [("value", shorten(str(first.value), 18), "")]
    return [("most", shorten(str(first.value), 14), ""), ("its-share", first.share, "percent")]


def _date(summary: DateSummary, words: Messages) -> _Figures:
    return [("first", summary.first[:10], ""), ("last", summary.last[:10], "")]


def _text(summary: TextSummary, words: Messages) -> _Figures:
    words_of = summary.words
    middle = quantile(words_of.covers, 0.5)
    return [("words", middle if middle is not None else words_of.mean, "number"),
            ("longest", words_of.max, "count")]  # fmt: skip


def _image(summary: ImageSummary, words: Messages) -> _Figures:
    size = str(summary.sizes[0].value) if summary.sizes else "–"
    return [("size", size, ""), ("unreadable", summary.unreadable + summary.absent, "count")]


_OF: Mapping[type, Callable[[Any, Messages], _Figures]] = {
    NumberSummary: _number,
    BooleanSummary: _boolean,
    CategorySummary: _category,
    DateSummary: _date,
    TextSummary: _text,
    ImageSummary: _image,
}
