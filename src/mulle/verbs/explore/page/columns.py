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
from mulle.verbs.explore.page.figures import figures
from mulle.verbs.explore.page.pictures import label, picture, small
from mulle.verbs.explore.page.view import View, kind_name, table
from mulle.verbs.explore.summaries import (
    AnySummary,
    BooleanSummary,
    CategorySummary,
    DateSummary,
    FailedSummary,
    ImageSummary,
    Level,
    NumberSummary,
    Season,
    Spread,
    TextSummary,
)

_Line = tuple[str, Any, str]  # key of its name, value, format
_TOP = 10


def columns(view: View) -> list[PageBlock]:
    """Render a panel for every column of the table."""
    words, summaries = view.words, view.report.summaries
    topics = {topic.code: topic for topic in view.topics}
    kinds = Counter(summary.kind for summary in summaries)
    codes = Counter(code for summary in summaries for code in set(summary.findings))
    block = ColumnPanels(
        [_panel(summary, topics, view) for summary in summaries],
        {kind: (words.name("kind", kind), count) for kind, count in kinds.most_common()},
        {code: (topic.title, codes[code]) for code, topic in topics.items() if codes[code]},
    )
    return [Heading(words("explore.columns")), block] if summaries else []


def _panel(summary: AnySummary, topics: Mapping[str, FindingGroup], view: View) -> ColumnPanel:
    marks = [topics[code] for code in dict.fromkeys(summary.findings) if code in topics]
    try:
        drawn, told, blocks = small(summary), figures(summary, view.words), _body(summary, view)
    except Exception as error:  # a summary that cannot be drawn is still a summary
        said = view.words("explore.column-failed", error=f"{type(error).__name__}: {error}")
        drawn, told, blocks = None, [], [Prose(said)]
    return ColumnPanel(
        name=summary.name,
        kind=summary.kind,
        kind_name=kind_name(summary, view.words),
        codes=[topic.code for topic in marks],
        marks=[(topic.severity, topic.title) for topic in marks[:4]]
        + ([("error", summary.what)] if isinstance(summary, FailedSummary) else []),
        picture=drawn,
        figures=told,
        blocks=blocks,
    )


def _body(summary: AnySummary, view: View) -> list[PageBlock]:
    words = view.words
    if isinstance(summary, FailedSummary):
        return [Prose(words("explore.column-failed", error=summary.what)), Prose(summary.fix)]
    drawn = picture(summary, words)
    blocks: list[PageBlock] = [Figure(drawn)] if drawn else []
    blocks += [_lines(part, view) for part in _OF[type(summary)](summary) if part]
    blocks += _pictures(summary, view)
    why = words.name("reason", summary.reason) if summary.reason else ""
    return (
        [*blocks, Prose(words("explore.kind-because", kind=kind_name(summary, words), why=why))]
        if why
        else blocks
    )


def _lines(lines: Sequence[_Line], view: View) -> KeyValues:
    told = [(key, value, how) for key, value, how in lines if value is not None]
    return KeyValues(
        [(view.words(f"explore.{key}"), view.say(value, how)) for key, value, how in told]
    )


def _pictures(summary: AnySummary, view: View) -> list[PageBlock]:
    words = view.words
    if isinstance(summary, DateSummary):
        return [_season(season, view) for season in summary.seasons]
    if isinstance(summary, NumberSummary | TextSummary) and summary.top:
        return [_levels(summary.top[:_TOP], words("explore.most-frequent"), view)]
    if isinstance(summary, CategorySummary) and summary.rare:
        return [_levels(summary.rare[:_TOP], words("explore.rarest"), view)]
    if isinstance(summary, ImageSummary):
        named = (("modes", summary.modes), ("formats", summary.formats))
        return [_levels(levels, words(f"explore.{key}"), view) for key, levels in named if levels]
    return []


def _levels(levels: Sequence[Level], title: str, view: View) -> DataTable:
    words = view.words
    rows = [(label(v.value, words), v.count, v.share) for v in levels]
    titles = [words("term.value"), (words("term.rows"), "count"), (words("term.share"), "percent")]
    return table([title, *titles[1:]], rows)


def _season(season: Season, view: View) -> Figure:
    """Draw the rows over one cycle; the parts of a week and a year have names."""
    words = view.words
    labels = [words.name(season.cycle, part) for part in season.labels]
    name = words.name("cycle", season.cycle)
    return Figure(charts.cycle(labels, season.counts, name, words=words), name)


def _missing(summary: AnySummary) -> list[_Line]:
    return [("rows", summary.count, "count"), ("missing-rows", summary.missing, "count"),
            ("distinct", summary.distinct, "count")]  # fmt: skip


def _number(summary: NumberSummary) -> list[list[_Line]]:
    box = summary.box
    counts: list[_Line] = [
        *_missing(summary),
        ("zeros", summary.zeros, "count"),
        ("negative", summary.negative, "count"),
    ]
    counts += [("infinite", summary.infinite, "count")] if summary.infinite else []
    if box:
        counts += [("outliers-low", box.below, "count"), ("outliers-high", box.above, "count")]
    return [_spread(summary.spread), counts]


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


def _boolean(summary: BooleanSummary) -> list[list[_Line]]:
    return [
        [
            *_missing(summary),
            ("true-rows", summary.true, "count"),
            ("false-rows", summary.false, "count"),
        ]
    ]


def _category(summary: CategorySummary) -> list[list[_Line]]:
    lengths = summary.lengths
    return [
        [
            *_missing(summary),
            ("rare-levels", summary.rare_levels, "count"),
            ("rare-rows", summary.rare_rows, "count"),
            ("singles", summary.singles, "count"),
            ("entropy", summary.entropy, "number"),
            ("evenness", summary.evenness, "percent"),
        ],
        [
            ("blank", summary.blank, "count"),
            ("shortest", lengths.min, "count"),
            ("mean-length", lengths.mean, "number"),
            ("longest", lengths.max, "count"),
        ],
    ]


def _date(summary: DateSummary) -> list[list[_Line]]:
    return [
        [
            *_missing(summary),
            ("first", summary.first, ""),
            ("last", summary.last, ""),
            ("regular", summary.regular, "percent"),
            ("gap-count", summary.gap_count, "count"),
            ("future", summary.future, "count"),
        ]
    ]


def _text(summary: TextSummary) -> list[list[_Line]]:
    return [
        [
            *_missing(summary),
            ("duplicates", summary.duplicates, "count"),
            ("blank", summary.blank, "count"),
            ("mean-length", summary.characters.mean, "number"),
            ("longest", summary.characters.max, "count"),
        ]
    ]


def _image(summary: ImageSummary) -> list[list[_Line]]:
    return [
        [
            ("rows", summary.count, "count"),
            ("opened", summary.opened, "count"),
            ("unreadable", summary.unreadable, "count"),
            ("absent", summary.absent, "count"),
            ("bytes", summary.bytes, "bytes"),
            ("same-pixels", summary.duplicates, "count"),
            ("near-pixels", summary.near_duplicates, "count"),
        ],
        [
            ("width", summary.width.mean, "number"),
            ("height", summary.height.mean, "number"),
            ("aspect", summary.aspect.mean, "number"),
            ("brightness", summary.brightness.mean, "percent"),
        ],
    ]


_OF: Mapping[type, Callable[[Any], list[list[_Line]]]] = {
    NumberSummary: _number,
    BooleanSummary: _boolean,
    CategorySummary: _category,
    DateSummary: _date,
    TextSummary: _text,
    ImageSummary: _image,
}
