"""The head of the page: what the table is, in a sentence and a few figures, then what was found."""

from __future__ import annotations

from collections import Counter

from mulle.report import Fact, Facts, FindingGroups, Heading, PageBlock, Prose, notices
from mulle.verbs.explore.page.view import SEVERITIES, View


def subtitle(view: View) -> str:
    """Describe the table in one sentence."""
    header, words = view.report.header, view.words
    if not header.columns:
        return words("explore.no-columns")
    if not header.rows:
        return words("explore.no-rows", columns=header.columns)
    cells = header.rows * header.columns
    said = words("explore.subtitle", rows=header.rows, columns=header.columns)
    missing = header.missing_cells / cells
    entry = "explore.subtitle-missing" if missing else "explore.subtitle-complete"
    return f"{said} {words(entry, share=missing)}"


def facts(view: View) -> list[PageBlock]:
    """Render a few figures of the whole table."""
    report, words = view.report, view.words
    header = report.header
    found = Counter(f.severity for f in report.findings)
    notes = [words(f"explore.count-{s}", count=found[s]) for s in SEVERITIES if found[s]]
    items = [
        Fact(words("explore.rows"), header.rows, "count"),
        Fact(words("explore.columns-count"), header.columns, "count"),
        Fact(words("explore.missing-cells"), _share(view), "percent",
             words("explore.cells", count=header.missing_cells)),
    ]  # fmt: skip
    copies = report.relations.duplicates
    if copies is not None:
        share = copies.rows / header.rows if header.rows else None
        items.append(Fact(words("explore.copied-rows"), copies.rows, "count",
                          words("explore.of-rows", share=share)))  # fmt: skip
    items.append(Fact(words("explore.found"), len(report.findings), "count", ", ".join(notes)))
    total = header.seconds.get("total", sum(header.seconds.values()))
    items.append(Fact(words("explore.took"), total, "duration"))
    return [Facts(items)]


def findings(view: View) -> list[PageBlock]:
    """Render the findings, the most severe first."""
    words = view.words
    heading = Heading(words("explore.findings"))
    if view.topics:
        return [heading, FindingGroups(view.topics)]
    clean = sum(check.outcome == "clean" for check in view.report.checks)
    said = words("explore.nothing-found", count=clean) if clean else words("explore.no-findings")
    return [heading, Prose(said)]


def not_used(view: View) -> list[PageBlock]:
    """Render what is not used of the table, and what is in doubt."""
    return notices(view.report.left_out, view.report.doubts, view.words)


def _share(view: View) -> float | None:
    cells = view.report.header.rows * view.report.header.columns
    return view.report.header.missing_cells / cells if cells else None
