"""The report as text: for a terminal, a pull request, or a language model to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mulle.language import messages
from mulle.table import Doubt, LeftOut
from mulle.table.sentences import describe
from mulle.verbs.explore.page.figures import figures
from mulle.verbs.explore.page.summary import subtitle
from mulle.verbs.explore.page.view import View, kind_name, omitted
from mulle.verbs.explore.report import ReportData

MAX_COLUMNS = 200  # columns in the table
MAX_SENTENCES = 8  # sentences of a finding


def to_markdown(report: ReportData, lang: str = "en") -> str:
    """Return findings, columns, the strongest pairs and what was left out, as Markdown.

    Raises:
        UnknownName: no such language.
    """
    view = View(report, messages(lang))
    parts = [f"# {_line(view.title)}", subtitle(view)]
    for make in (_findings, _not_used, _target, _columns, _pairs, _comparison, _left_out):
        parts += make(view)
    return "\n\n".join(parts) + "\n"


def to_terminal(report: ReportData, lang: str = "en") -> str:
    """Return the findings alone, as a terminal shows them.

    Raises:
        UnknownName: no such language.
    """
    view = View(report, messages(lang))
    parts = [f"{view.title}: {subtitle(view)}"]
    for severity, title, said in sentences(view, few=4):
        head = f"{view.words('page.finding-' + severity)}: {title}"
        parts.append("\n".join([_line(head), *(f"  {_line(sentence)}" for sentence in said)]))
    if len(parts) == 1:
        parts.append(view.words("explore.no-findings"))
    return "\n\n".join([*parts, *_compared(view, few=4)])


def _compared(view: View, few: int) -> list[str]:
    """Return what the terminal says of a comparison: how many columns drifted, and the first."""
    other, words = view.report.comparison, view.words
    if other is None:
        return []
    drifted = [drift for drift in other.drifts if drift.drift_detected]
    heading = _line(words("explore.comparison", source=Path(other.source).name))
    lines = [
        f"{heading}: {words('explore.drifted-of', drifted=len(drifted), count=len(other.drifts))}",
        *(f"  {_line(d.column)}: {view.say(d.score, 'percent')}" for d in drifted[:few]),
    ]
    if len(drifted) > few:
        lines.append(f"  {words('page.more-of', count=len(drifted) - few)}")
    return ["\n".join(lines)]


def sentences(view: View, few: int = MAX_SENTENCES) -> Iterable[tuple[str, str, list[str]]]:
    """Yield severity, title and sentences of every group of findings, as plain text."""
    for topic in view.topics:
        said = [f"{_names(item.columns, view)}{item.text}" for item in topic.items[:few]]
        if len(topic.items) > few:
            said.append(view.words("page.more-of", count=len(topic.items) - few))
        yield topic.severity, f"{topic.title} ({topic.code})", said


def _names(columns: Sequence[str], view: View) -> str:
    if not columns:
        return ""
    more = len(columns) - 6
    and_more = f" {view.words('page.and-more', count=more)}" if more > 0 else ""
    return f"{', '.join(columns[:6])}{and_more}: "


def _findings(view: View) -> list[str]:
    words = view.words
    parts = [f"## {words('explore.findings')}"]
    for severity, title, said in sentences(view):
        lines = [f"- **{words('page.finding-' + severity)}: {_line(title)}**"]
        parts.append("\n".join([*lines, *(f"  - {_line(s)}" for s in said)]))
    return parts if len(parts) > 1 else [*parts, words("explore.no-findings")]


def _target(view: View) -> list[str]:
    found, words = view.report.target, view.words
    if found is None:
        return []
    said = words(f"explore.target-{found.task}", name=found.name, classes=len(found.classes))
    rows = [(t.column, words.name("measure", t.measure), view.say(t.value, "score"))
            for t in found.columns[:12]]  # fmt: skip
    titles = (words("term.column"), words("explore.measure"), words("term.value"))
    heading = f"## {_line(words('explore.target', name=found.name))}"
    return [heading, _line(said), *([_table(titles, rows, 1)] if rows else [])]


def _columns(view: View) -> list[str]:
    words, summaries = view.words, view.report.summaries
    if not summaries:
        return []
    rows = []
    for summary in summaries[:MAX_COLUMNS]:
        told = [
            f"{f.label} {view.say(f.value, f.format or 'number')}" for f in figures(summary, words)
        ]
        rows.append((summary.name, kind_name(summary, words), " · ".join(told)))
    titles = (words("term.column"), words("term.kind"), words("explore.figures"))
    more = (
        [words("page.more-of", count=len(summaries) - MAX_COLUMNS)]
        if len(summaries) > MAX_COLUMNS
        else []
    )
    return [f"## {words('explore.columns')}", _table(titles, rows), *more]


def _pairs(view: View) -> list[str]:
    words, pairs = view.words, view.report.relations.strongest[:10]
    if not pairs:
        return []
    rows = [(f"{p.a} × {p.b}", words.name("measure", p.measure), view.say(p.value, "score"))
            for p in pairs]  # fmt: skip
    titles = (words("explore.pair"), words("explore.measure"), words("term.value"))
    heading = f"## {words('explore.strongest')}"
    return [heading, words("explore.not-cause"), _table(titles, rows, 1)]


def _comparison(view: View) -> list[str]:
    other, words = view.report.comparison, view.words
    if other is None:
        return []
    distances = ("psi", "jensen_shannon")
    rows = [
        (d.column, view.say(d.score, "percent"), *(view.say(d.distances.get(n)) for n in distances))
        for d in other.drifts
        if d.drift_detected
    ]
    said = words("explore.drifted-of", drifted=len(rows), count=len(other.drifts))
    titles = (
        words("term.column"), words("explore.effect"),
        *(words.name("distance", d) for d in distances),
    )  # fmt: skip
    heading = f"## {_line(words('explore.comparison', source=Path(other.source).name))}"
    return [heading, said, *([_table(titles, rows, 3)] if rows else [])]


def _not_used(view: View) -> list[str]:
    told: list[Doubt | LeftOut] = [*view.report.doubts, *view.report.left_out]
    lines = [f"- {_line(' '.join(describe(one, view.words)))}" for one in told]
    return [f"## {view.words('section.not-used')}", "\n".join(lines)] if lines else []


def _left_out(view: View) -> list[str]:
    words, left = view.words, view.report.header.not_computed
    lines = [f"- {_line(omitted(n, words))}" for n in left]
    return [f"## {words('explore.not-computed')}", "\n".join(lines)] if lines else []


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: int = 0) -> str:
    """Write a Markdown table; its last `right` columns hold numbers."""
    left = len(titles) - right
    lines = [titles, ["---"] * left + ["---:"] * right, *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(text.split())
