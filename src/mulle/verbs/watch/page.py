"""The drift page: the verdict first, then the columns that matter most, answers, scores, checks."""

from __future__ import annotations

from mulle.i18n import Messages
from mulle.report import (
    Callout,
    Callouts,
    Column,
    DataTable,
    Details,
    Fact,
    Facts,
    Figure,
    Figures,
    Heading,
    PageBlock,
    Prose,
    charts,
    render,
)
from mulle.report.blocks import Severity
from mulle.report.charts import Drawing
from mulle.verbs.watch.sentences import between, headline, sentence, words_in
from mulle.verbs.watch.verdict import ColumnVerdict, Performance, Status, Verdict

DRAWN = 12  # columns drawn at once
_SEVERITY: dict[Status, Severity] = {
    Status.drifted: "warning", Status.stable: "good", Status.unknown: "note",
    Status.not_judged: "note",
}  # fmt: skip


def html(verdict: Verdict, lang: str = "en") -> str:
    """One HTML file that needs no network.

    Args:
        verdict: what moved.
        lang: `en` or `ko`.

    Returns:
        HTML5 text, to be written as UTF-8.

    Raises:
        UnknownName: no such language.
    """
    words = words_in(lang)
    blocks = [
        *_summary(verdict, words),
        *_columns(verdict, words),
        *_whole("answers", verdict.prediction, words),
        *_whole("target", verdict.target, words),
        *_scores(verdict, words),
        *_absent(verdict, words),
        *_details(verdict, words),
    ]
    title = (
        words("watch.title", rows=verdict.rows, model=verdict.model)
        if verdict.model and verdict.rows
        else words("watch.title-plain")
    )
    return render(title, blocks, lang=words.lang, subtitle=headline(verdict, words), wide=True)


def _summary(verdict: Verdict, words: Messages) -> list[PageBlock]:
    of = words("watch.of-columns", count=verdict.number_of_columns)
    facts = [
        Fact(words("watch.drifted-columns"), verdict.number_of_drifted_columns, "count", of),
        Fact(words("watch.unknown-columns"), verdict.number_of_unknown_columns, "count", of),
        Fact(words("watch.rows-before"), verdict.n_ref, "count", verdict.reference),
        Fact(words("watch.rows-now"), verdict.n_cur, "count", verdict.rows),
    ]
    if verdict.prediction is not None:
        said = words.name("watch-status", verdict.prediction.status.value)
        facts.append(Fact(words("watch.answers"), said))
    for score in (verdict.performance or verdict.estimated_performance)[:1]:
        said = words.name("watch-status", score.status.value)
        facts.append(Fact(words.name("metric", score.metric), score.score, "score", said))
    return [Facts(facts)]


def _columns(verdict: Verdict, words: Messages) -> list[PageBlock]:
    if not verdict.columns:
        return []
    blocks: list[PageBlock] = [Heading(words("watch.columns")), Prose(words("watch.columns-about"))]
    told = [
        Callout(f"{name}: {sentence(c.reason, words)}", _SEVERITY[c.status])
        for name, c in verdict.columns.items()
        if c.status is Status.drifted
    ]
    if told:
        blocks.append(Callouts(told))
    figures = [
        Figure(drawn, f"{name}: {words.name('watch-status', c.status.value)}")
        for name, c in verdict.columns.items()
        if (drawn := picture(name, c, words)) is not None
    ]
    if figures:
        blocks.append(Figures(figures[:DRAWN]))
    if len(figures) > DRAWN:
        more = words("page.more-of", count=len(figures) - DRAWN)
        blocks.append(Details(more, [Figures(figures[DRAWN : 20 * DRAWN])]))
    return [*blocks, _table(verdict, words)]


def _table(verdict: Verdict, words: Messages) -> DataTable:
    titles = [
        Column(words("term.column")), Column(words("watch.status")), Column(words("watch.measure")),
        Column(words("watch.effect"), "percent"), Column(words("watch.between"), "number"),
        Column(words("watch.threshold"), "percent"), Column(words("watch.importance"), "number"),
        Column(words("watch.needed"), "count"), Column(words("term.reason")),
    ]  # fmt: skip
    rows = [
        [
            name, words.name("watch-status", c.status.value),
            words.name("watch-measure", c.measure), c.score, between(c), c.threshold,
            c.importance, c.rows_needed, sentence(c.reason, words),
        ]
        for name, c in verdict.columns.items()
    ]  # fmt: skip
    marked = [k for k, c in enumerate(verdict.columns.values()) if c.drift_detected]
    return DataTable(titles, rows, marked=marked)


def _whole(key: str, column: ColumnVerdict | None, words: Messages) -> list[PageBlock]:
    """The answers, or the labels."""
    if column is None:
        return []
    said = Callout(sentence(column.reason, words), _SEVERITY[column.status])
    blocks: list[PageBlock] = [Heading(words(f"watch.{key}")), Callouts([said])]
    drawn = picture(words(f"watch.{key}"), column, words)
    if drawn is not None:
        blocks.append(Figures([Figure(drawn, words.name("watch-status", column.status.value))]))
    return blocks


def _scores(verdict: Verdict, words: Messages) -> list[PageBlock]:
    blocks: list[PageBlock] = [Heading(words("watch.performance"))]
    if verdict.performance:
        blocks.append(_findings(verdict.performance, words))
    else:
        blocks.append(Prose(words("watch.performance-none")))
    blocks.append(Heading(words("watch.estimate"), 3))
    if verdict.estimated_performance:
        blocks.append(_findings(verdict.estimated_performance, words))
        blocks.append(Prose(words("watch.estimate-about")))
    else:
        blocks.append(Prose(words("watch.estimate-none")))
    return blocks


def _findings(scores: list[Performance], words: Messages) -> Callouts:
    return Callouts([Callout(sentence(p.reason, words), _SEVERITY[p.status]) for p in scores])


def _absent(verdict: Verdict, words: Messages) -> list[PageBlock]:
    from mulle.verbs.watch.sentences import absent

    if not verdict.absent:
        return []
    listed = absent(verdict, words)
    return [Heading(words("watch.absent")), Prose(words("watch.absent-about", columns=listed))]


def _details(verdict: Verdict, words: Messages) -> list[PageBlock]:
    titles = [
        Column(words("term.column")), Column(words("watch.measure")),
        Column(words("watch.effect"), "number"), Column(words("watch.threshold"), "number"),
        Column(words("watch.status")),
    ]  # fmt: skip
    rows: list[list[object]] = []
    for name, c in verdict.columns.items():
        rows += [
            [name, words.name("watch-measure", k.measure), k.score, k.threshold,
             words.name("watch-status", k.status.value)]
            for k in c.checks
        ]  # fmt: skip
        rows += [[name, words.name("watch-measure", m), v, None, None] for m, v in c.also.items()]
    return [Details(words("watch.details"), [DataTable(titles, rows)])] if rows else []


def picture(name: str, column: ColumnVerdict, words: Messages) -> Drawing | None:
    """A column before and now."""
    drawn = column.picture
    if drawn is None:
        return None
    series = (words("watch.here"), words("watch.there"))
    if drawn.edges:
        return charts.histogram(
            drawn.edges, drawn.here, name, other=drawn.there, series=series, shares=True,
            outside=drawn.outside, words=words,
        )  # fmt: skip
    special = {"<unseen>": words("watch.unseen-label"), "<other>": words("watch.other-label")}
    labels = [special.get(label, label or "“”") for label in drawn.labels]
    return charts.paired_bars(labels, drawn.here, drawn.there, name, series=series, words=words)
