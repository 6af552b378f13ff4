"""A report in one language: sentences of findings, names, values as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mulle.i18n import Messages
from mulle.i18n.format import FORMATS, Lang
from mulle.report import Column, ColumnNote, DataTable, FindingGroup, PageBlock, Prose
from mulle.report.blocks import Severity
from mulle.verbs.explore.report import Finding, NotComputed, ReportData
from mulle.verbs.explore.summaries import AnySummary, BooleanSummary, DateSummary
from mulle.verbs.explore.to_json import iso

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class View:
    """What every section is made from."""

    report: ReportData
    words: Messages

    @property
    def title(self) -> str:
        """Return the name of the table."""
        source = self.report.header.source
        return Path(source).name if source != "frame" else self.words("explore.a-table")

    @property
    def lang(self) -> Lang:
        """The language of the page."""
        return self.words.lang

    def say(self, value: Any, how: str = "number") -> str:
        """Write a number in a format; text is returned unchanged."""
        return value if isinstance(value, str) else FORMATS[how](value, self.lang)

    @cached_property
    def topics(self) -> list[FindingGroup]:
        """Return the findings grouped by code, the most severe first."""
        found: dict[str, list[Finding]] = {}
        for finding in self.report.findings:
            found.setdefault(finding.code, []).append(finding)
        made = [self._topic(group) for group in found.values()]
        return sorted(made, key=lambda topic: SEVERITIES.index(topic.severity))

    def _topic(self, group: Sequence[Finding]) -> FindingGroup:
        first = group[0]
        worst = min(group, key=lambda f: _rank(f.severity)).severity
        return FindingGroup(
            title=title_of(first.key, self.words),
            severity=SEVERITIES[_rank(worst)],
            code=first.code,
            items=[ColumnNote(sentence(f, self.words), f.columns) for f in group],
            about=self.words.about(first.key),
        )

    def of_kind(self, *tags: type) -> list[Any]:
        """Return the summaries of some types, in the order of the table."""
        return [summary for summary in self.report.summaries if isinstance(summary, tags)]

    def value_name(self, column: str, label: str) -> str:
        """Return the name of a value: yes and no are stored as 1 and 0, dates in microseconds."""
        if column in self._booleans and label in {"0", "1"}:
            return self.words("term.yes" if label == "1" else "term.no")
        if column in self._dates and label.lstrip("-").isdecimal():
            return iso(int(label))
        return label or "“”"

    @cached_property
    def _booleans(self) -> set[str]:
        return {
            summary.name for summary in self.report.summaries if isinstance(summary, BooleanSummary)
        }

    @cached_property
    def _dates(self) -> set[str]:
        return {summary.name for summary in self.of_kind(DateSummary)}

    def span(self, column: str, low: Any, high: Any) -> str:
        """Write a range of a column's values, short; one value where both ends are the same."""
        if column in self._dates:
            first, last = (iso(end).partition("T")[0] for end in (low, high))
            return first if first == last else f"{first}–{last}"  # fits beside a bar
        if low == high:
            return self.say(low, "short")
        return self.words("explore.from-to", low=low, high=high)

    def not_computed(self, *what: str) -> list[PageBlock]:
        """Return sentences on the parts of the report that were not computed."""
        left = [n for n in self.report.header.not_computed if n.what in what]
        return [Prose(omitted(n, self.words)) for n in left]


def title_of(key: str, words: Messages) -> str:
    """Return the title of a finding; the key itself where it has no words."""
    entry = f"finding.{key}.title"
    return words(entry) if entry in words else key.replace("-", " ").capitalize()


def sentence(finding: Finding, words: Messages) -> str:
    """Describe the evidence of a finding in a sentence, without the names of its columns.

    A `sentence-NAME` is used where the value NAME is there, a `sentence-no-NAME` where it is not;
    of several that fit, that of the last value.
    """
    entry = f"finding.{finding.key}.sentence"
    special = [
        f"{entry}-{'' if value else 'no-'}{name}"
        for name, value in reversed(finding.values.items())
    ]
    chosen = next((e for e in [*special, entry] if e in words), None)
    if chosen:
        return words(chosen, **{**finding.evidence, **finding.values})
    told = ", ".join(f"{key} {words.render(value)}" for key, value in finding.values.items())
    return told or title_of(finding.key, words)


def omitted(left: NotComputed, words: Messages) -> str:
    """Describe in a sentence what was left out, and why."""
    entries = (f"omitted.{left.reason}-of-{left.what}", f"omitted.{left.reason}")
    entry = next((e for e in entries if e in words), None)
    what = words.name("part", left.what)
    if entry:
        return words(entry, **{**left.values, "what": what})
    told = ", ".join(f"{key} {words.render(value)}" for key, value in left.values.items())
    return words(
        "explore.omitted", what=what, reason=f"{left.reason} ({told})" if told else left.reason
    )


def kind_name(summary: AnySummary, words: Messages) -> str:
    """Return the name of a column's kind."""
    return words.name("kind", summary.kind)


def table(
    titles: Sequence[Sequence[str]],
    rows: Iterable[Sequence[Any]],
    caption: str = "",
) -> DataTable:
    """Make a table; a title is a text, or a text and the format of its column."""
    columns = [Column(t) if isinstance(t, str) else Column(*t) for t in titles]
    return DataTable(columns, list(rows), caption)


def guarded(make: Callable[[View], list[PageBlock]], view: View) -> list[PageBlock]:
    """Return the blocks of a section; where they fail, a sentence that reports the failure."""
    try:
        return make(view)
    except Exception as error:  # a page with a gap is worth more than none
        said = f"{type(error).__name__}: {error}"
        return [Prose(view.words("explore.section-failed", what=make.__name__, error=said))]


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 2
