"""The drift page: the result first, then the columns that matter most, answers, scores, checks."""

from __future__ import annotations

from mulle.i18n import Messages
from mulle.language import messages
from mulle.profile.drift import ColumnDrift, Status, draw_picture, render_reason, render_status
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
    notices,
    render,
)
from mulle.report.blocks import Severity
from mulle.report.charts import Drawing
from mulle.verbs.watch.performance import Performance, ScoreStatus
from mulle.verbs.watch.result import UNNAMED, DriftResult
from mulle.verbs.watch.sentences import (
    drift_headline,
    headline,
    interval_of,
    render_absent,
    render_performance,
    render_season,
    render_undecided,
    render_unknown_labels,
    scores,
)
from mulle.verbs.watch.verdict import VerdictStatus

DRAWN = 12  # columns drawn at once
_SEVERITY: dict[Status | ScoreStatus | VerdictStatus, Severity] = {
    Status.drifted: "warning", Status.no_drift_seen: "good", Status.cannot_tell: "note",
    Status.not_judged: "note", ScoreStatus.worse: "warning", ScoreStatus.kept: "good",
    ScoreStatus.cannot_tell: "note", VerdictStatus.worse: "warning",
}  # fmt: skip


def render_page(result: DriftResult, lang: str | None = None) -> str:
    """Return a result as one HTML page that needs no network.

    Args:
        result: the comparison.
        lang: `en` or `ko`; the person's own language if None.

    Returns:
        HTML5 text, to be written as UTF-8.

    Raises:
        UnknownName: there are no words in that language.
    """
    words = messages(lang)
    blocks = [
        *_summary(result, words),
        *notices(result.left_out, result.doubts, words),
        *_columns(result, words),
        *_whole("answers", result.prediction, words),
        *_whole("target", result.target, words),
        *_scores(result, words),
        *_absent(result, words),
        *_details(result, words),
    ]
    title = (
        words("watch.title", rows=result.rows, model=result.model)
        if result.model and result.rows not in {"", UNNAMED}
        else words("watch.title-plain")
    )
    return render(title, blocks, lang=words.lang, subtitle=headline(result, words), wide=True)


def _summary(result: DriftResult, words: Messages) -> list[PageBlock]:
    of = words("watch.of-columns", count=result.number_of_columns)
    rows = "" if result.rows == UNNAMED else result.rows
    facts = [
        Fact(words("watch.drifted-columns"), result.number_of_drifted_columns, "count", of),
        Fact(words("watch.undecided-columns"), result.number_of_undecided_columns, "count", of),
        Fact(words("watch.rows-before"), result.n_ref, "count", result.reference),
        Fact(words("watch.rows-now"), result.n_cur, "count", rows),
    ]
    if result.prediction is not None:
        status = render_status(result.prediction.status, words)
        facts.append(Fact(words("watch.answers"), status))
    for score in scores(result)[:1]:
        status = words(f"score-status.{score.status}")
        shown = "–" if score.score is None else score.score
        kind = "" if score.score is None else "score"
        facts.append(Fact(words.name("metric", score.metric), shown, kind, status))
    about = [drift_headline(result, words)] if result.status is VerdictStatus.worse else []
    about += [render_season(result, words)] if result.season is not None else []
    return [*map(Prose, about), Facts(facts)]


def _columns(result: DriftResult, words: Messages) -> list[PageBlock]:
    if not result.columns:
        return []
    blocks: list[PageBlock] = [Heading(words("watch.columns")), Prose(words("watch.columns-about"))]
    drifted = [
        Callout(f"{name}: {render_reason(c.reason, words)}", _SEVERITY[c.status])
        for name, c in result.columns.items()
        if c.status is Status.drifted
    ]
    if drifted:
        blocks.append(Callouts(drifted))
    if result.number_of_undecided_columns and result.status is not VerdictStatus.cannot_tell:
        blocks.append(Prose(render_undecided(result, words)))
    figures = [
        Figure(drawn, f"{name}: {render_status(c.status, words)}")
        for name, c in result.columns.items()
        if (drawn := _picture(name, c, words)) is not None
    ]
    if figures:
        blocks.append(Figures(figures[:DRAWN]))
    if len(figures) > DRAWN:
        more = words("page.more-of", count=len(figures) - DRAWN)
        blocks.append(Details(more, [Figures(figures[DRAWN : 20 * DRAWN])]))
    return [*blocks, _table(result, words)]


def _table(result: DriftResult, words: Messages) -> DataTable:
    titles = [
        Column(words("term.column")), Column(words("watch.status")), Column(words("watch.measure")),
        Column(words("watch.effect"), "percent"), Column(words("watch.interval"), "number"),
        Column(words("watch.threshold"), "percent"), Column(words("watch.could-hide"), "percent"),
        Column(words("watch.importance"), "number"),
        Column(words("watch.needed"), "count"), Column(words("term.reason")),
    ]  # fmt: skip
    rows = [
        [
            name, render_status(c.status, words),
            words.name("drift-measure", c.measure), c.score, interval_of(c), c.threshold,
            c.could_hide, c.importance, c.rows_needed, render_reason(c.reason, words),
        ]
        for name, c in result.columns.items()
    ]  # fmt: skip
    marked = [k for k, c in enumerate(result.columns.values()) if c.drift_detected]
    return DataTable(titles, rows, marked=marked)


def _whole(key: str, column: ColumnDrift | None, words: Messages) -> list[PageBlock]:
    """The predictions, or the labels."""
    if column is None:
        return []
    callout = Callout(render_reason(column.reason, words), _SEVERITY[column.status])
    blocks: list[PageBlock] = [Heading(words(f"watch.{key}")), Callouts([callout])]
    drawn = _picture(words(f"watch.{key}"), column, words)
    if drawn is not None:
        blocks.append(Figures([Figure(drawn, render_status(column.status, words))]))
    return blocks


def _scores(result: DriftResult, words: Messages) -> list[PageBlock]:
    blocks: list[PageBlock] = [Heading(words("watch.performance"))]
    if result.performance:
        blocks.append(_callouts(result.performance, words))
    else:
        blocks.append(Prose(words("watch.performance-none")))
    if result.n_labels_unknown:
        blocks.append(Callouts([Callout(render_unknown_labels(result, words), "warning")]))
    blocks.append(Heading(words("watch.estimate"), 3))
    if result.estimated_performance:
        blocks.append(_callouts(result.estimated_performance, words))
        blocks.append(Prose(words("watch.estimate-about")))
    else:
        blocks.append(Prose(words("watch.estimate-none")))
    return blocks


def _callouts(scores: list[Performance], words: Messages) -> Callouts:
    return Callouts([Callout(render_performance(p, words), _SEVERITY[p.status]) for p in scores])


def _absent(result: DriftResult, words: Messages) -> list[PageBlock]:
    if not result.absent:
        return []
    return [Heading(words("watch.absent")), Prose(render_absent(result, words))]


def _details(result: DriftResult, words: Messages) -> list[PageBlock]:
    titles = [
        Column(words("term.column")), Column(words("watch.measure")),
        Column(words("watch.effect"), "number"), Column(words("watch.threshold"), "number"),
        Column(words("watch.status")),
    ]  # fmt: skip
    rows: list[list[object]] = []
    for name, c in result.columns.items():
        rows += [
            [name, words.name("drift-measure", k.measure), k.score, k.threshold,
             render_status(k.status, words)]
            for k in c.checks
        ]  # fmt: skip
        rows += [
            [name, words.name("drift-measure", m), v, None, None]
            for m, v in c.other_measures.items()
        ]
    return [Details(words("watch.details"), [DataTable(titles, rows)])] if rows else []


def _picture(name: str, column: ColumnDrift, words: Messages) -> Drawing | None:
    series = (words("watch.before"), words("watch.now"))
    return draw_picture(column.picture, name, series, words)
