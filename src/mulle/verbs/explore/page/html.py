"""The page: what was found first, then the target, the columns, and how they go together."""

from __future__ import annotations

from mulle.language import messages
from mulle.report import render
from mulle.verbs.explore.page import columns, comparison, making, relations, summary, target, text
from mulle.verbs.explore.page.view import View, guarded
from mulle.verbs.explore.report import ReportData

_SECTIONS = (
    summary.facts,
    summary.findings,
    summary.not_used,
    target.target,
    columns.columns,
    relations.relations,
    relations.missing,
    relations.duplicates,
    text.text,
    comparison.comparison,
    making.sample,
    making.repairs,
    making.making,
)


def to_html(report: ReportData, lang: str = "en") -> str:
    """Return the report as one HTML page that needs no network, nor its script but to search.

    Args:
        report: what was found out about a table.
        lang: `en` or `ko`.

    Returns:
        HTML5 text, to be written as UTF-8. A section that fails says so; there is always a page.

    Raises:
        UnknownName: no such language.
    """
    view = View(report, messages(lang))
    blocks = [block for make in _SECTIONS for block in guarded(make, view)]
    return render(view.title, blocks, lang=view.lang, subtitle=summary.subtitle(view), wide=True)
