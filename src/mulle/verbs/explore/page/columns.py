"""The section of columns: a line each with its picture, and all of its figures behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mulle.report import (
    ColumnPanel,
    ColumnPanels,
    DataTable,
    Figure,
    FindingGroup,
    Heading,
    KeyValues,
    PageBlock,
    Prose,
    charts,
)
from mulle.verbs.explore.cards import (
    AnyCard,
    BooleanCard,
    CategoryCard,
    DateCard,
    FailedCard,
    ImageCard,
    Level,
    NumberCard,
    Season,
    Spread,
    TextCard,
)
from mulle.verbs.explore.page.figures import figures
from mulle.verbs.explore.page.pictures import label, picture, small
from mulle.verbs.explore.page.view import View, kind_name, table

_Line = tuple[str, Any, str]  # key of its name, value, format
_TOP = 10


def columns(view: View) -> list[PageBlock]:
    """Every column of the table."""
    words, cards = view.words, view.report.cards
    topics = {topic.code: topic for topic in view.topics}
    kinds = Counter(card.kind for card in cards)
    codes = Counter(code for card in cards for code in set(card.findings))
    block = ColumnPanels(
        [_card(card, topics, view) for card in cards],
        {kind: (words.name("kind", kind), count) for kind, count in kinds.most_common()},
        {code: (topic.title, codes[code]) for code, topic in topics.items() if codes[code]},
    )
    return [Heading(words("explore.columns")), block] if cards else []


def _card(card: AnyCard, topics: Mapping[str, FindingGroup], view: View) -> ColumnPanel:
    marks = [topics[code] for code in dict.fromkeys(card.findings) if code in topics]
    try:
        drawn, told, blocks = small(card), figures(card, view.words), _body(card, view)
    except Exception as error:  # a card that cannot be drawn is still a card
        said = view.words("explore.card-failed", error=f"{type(error).__name__}: {error}")
        drawn, told, blocks = None, [], [Prose(said)]
    return ColumnPanel(
        name=card.name,
        kind=card.kind,
        kind_name=kind_name(card, view.words),
        codes=[topic.code for topic in marks],
        marks=[(topic.severity, topic.title) for topic in marks[:4]]
        + ([("error", card.what)] if isinstance(card, FailedCard) else []),
        picture=drawn,
        figures=told,
        blocks=blocks,
    )


def _body(card: AnyCard, view: View) -> list[PageBlock]:
    words = view.words
    if isinstance(card, FailedCard):
        return [Prose(words("explore.card-failed", error=card.what)), Prose(card.fix)]
    drawn = picture(card, words)
    blocks: list[PageBlock] = [Figure(drawn)] if drawn else []
    blocks += [_lines(part, view) for part in _OF[type(card)](card) if part]
    blocks += _pictures(card, view)
    why = words.name("reason", card.reason) if card.reason else ""
    return (
        [*blocks, Prose(words("explore.kind-because", kind=kind_name(card, words), why=why))]
        if why
        else blocks
    )


def _lines(lines: Sequence[_Line], view: View) -> KeyValues:
    told = [(key, value, how) for key, value, how in lines if value is not None]
    return KeyValues(
        [(view.words(f"explore.{key}"), view.say(value, how)) for key, value, how in told]
    )


def _pictures(card: AnyCard, view: View) -> list[PageBlock]:
    words = view.words
    if isinstance(card, DateCard):
        return [_season(season, view) for season in card.seasons]
    if isinstance(card, NumberCard | TextCard) and card.top:
        return [_levels(card.top[:_TOP], words("explore.most-frequent"), view)]
    if isinstance(card, CategoryCard) and card.rare:
        return [_levels(card.rare[:_TOP], words("explore.rarest"), view)]
    if isinstance(card, ImageCard):
        named = (("modes", card.modes), ("formats", card.formats))
        return [_levels(levels, words(f"explore.{key}"), view) for key, levels in named if levels]
    return []


def _levels(levels: Sequence[Level], title: str, view: View) -> DataTable:
    words = view.words
    rows = [(label(v.value, words), v.count, v.share) for v in levels]
    titles = [words("term.value"), (words("term.rows"), "count"), (words("term.share"), "percent")]
    return table([title, *titles[1:]], rows)


def _season(season: Season, view: View) -> Figure:
    """Rows over one cycle; the parts of a week and a year have names."""
    words = view.words
    labels = [words.name(season.cycle, part) for part in season.labels]
    name = words.name("cycle", season.cycle)
    return Figure(charts.cycle(labels, season.counts, name, words=words), name)


def _missing(card: AnyCard) -> list[_Line]:
    return [("rows", card.count, "count"), ("missing-rows", card.missing, "count"),
            ("distinct", card.distinct, "count")]  # fmt: skip


def _number(card: NumberCard) -> list[list[_Line]]:
    box = card.box
    counts: list[_Line] = [
        *_missing(card),
        ("zeros", card.zeros, "count"),
        ("negative", card.negative, "count"),
    ]
    counts += [("infinite", card.infinite, "count")] if card.infinite else []
    if box:
        counts += [("outliers-low", box.below, "count"), ("outliers-high", box.above, "count")]
    return [_spread(card.spread), counts]


def _spread(spread: Spread) -> list[_Line]:
    if spread.mean is None:
        return []
    quantiles = [(f"q{100 * p.q:g}".replace(".", "-"), p.value, "number") for p in spread.quantiles
                 if 0 < p.q < 1]  # fmt: skip
    return [
        ("mean", spread.mean, "number"),
        ("std", spread.std, "number"),
        ("skew", spread.skew, "number"),
        ("kurtosis", spread.kurtosis, "number"),
        ("min", spread.min, "number"),
        *(line for line in quantiles if line[0] in _QUANTILES),
        ("max", spread.max, "number"),
    ]


_QUANTILES = {"q1", "q5", "q25", "q50", "q75", "q95", "q99"}


def _boolean(card: BooleanCard) -> list[list[_Line]]:
    return [
        [*_missing(card), ("true-rows", card.true, "count"), ("false-rows", card.false, "count")]
    ]


def _category(card: CategoryCard) -> list[list[_Line]]:
    lengths = card.lengths
    return [
        [
            *_missing(card),
            ("rare-levels", card.rare_levels, "count"),
            ("rare-rows", card.rare_rows, "count"),
            ("singles", card.singles, "count"),
            ("entropy", card.entropy, "number"),
            ("evenness", card.evenness, "percent"),
        ],
        [
            ("blank", card.blank, "count"),
            ("shortest", lengths.min, "count"),
            ("mean-length", lengths.mean, "number"),
            ("longest", lengths.max, "count"),
        ],
    ]


def _date(card: DateCard) -> list[list[_Line]]:
    return [
        [
            *_missing(card),
            ("first", card.first, ""),
            ("last", card.last, ""),
            ("regular", card.regular, "percent"),
            ("gap-count", card.gap_count, "count"),
            ("future", card.future, "count"),
        ]
    ]


def _text(card: TextCard) -> list[list[_Line]]:
    return [
        [
            *_missing(card),
            ("duplicates", card.duplicates, "count"),
            ("blank", card.blank, "count"),
            ("mean-length", card.characters.mean, "number"),
            ("longest", card.characters.max, "count"),
        ]
    ]


def _image(card: ImageCard) -> list[list[_Line]]:
    return [
        [
            ("rows", card.count, "count"),
            ("opened", card.opened, "count"),
            ("unreadable", card.unreadable, "count"),
            ("absent", card.absent, "count"),
            ("bytes", card.bytes, "bytes"),
            ("same-pixels", card.duplicates, "count"),
            ("near-pixels", card.near_duplicates, "count"),
        ],
        [
            ("width", card.width.mean, "number"),
            ("height", card.height.mean, "number"),
            ("aspect", card.aspect.mean, "number"),
            ("brightness", card.brightness.mean, "percent"),
        ],
    ]


_OF: Mapping[type, Callable[[Any], list[list[_Line]]]] = {
    NumberCard: _number,
    BooleanCard: _boolean,
    CategoryCard: _category,
    DateCard: _date,
    TextCard: _text,
    ImageCard: _image,
}
