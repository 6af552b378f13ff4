"""The end of the page: some rows, what was repaired, every check, what was left out, the time."""

from __future__ import annotations

from mulle.report import DataTable, Details, Heading, PageBlock, Prose
from mulle.verbs.explore.page.view import View, omitted, table, title_of

_WIDEST = 30  # columns of the sample that are shown


def sample(view: View) -> list[PageBlock]:
    """Render some rows of the table."""
    found, words = view.report.sample, view.words
    if not found.columns or not (found.first or found.some):
        return []
    blocks: list[PageBlock] = [Heading(words("explore.sample"))]
    if found.first:
        blocks.append(_rows(view, found.first, words("explore.first-rows")))
    if found.some:
        blocks.append(Details(words("explore.some-rows"), [_rows(view, found.some, "")]))
    if len(found.columns) > _WIDEST:
        blocks.append(Prose(words("page.more-of", count=len(found.columns) - _WIDEST)))
    return blocks


def _rows(view: View, rows: list[list[str | float | None]], caption: str) -> DataTable:
    columns = view.report.sample.columns[:_WIDEST]
    numeric = [any(isinstance(r[k], float | int) for r in rows) for k in range(len(columns))]
    titles = [(name, "number" if n else "") for name, n in zip(columns, numeric, strict=True)]
    return table(titles, [row[:_WIDEST] for row in rows], caption)


def repairs(view: View) -> list[PageBlock]:
    """Render what was changed while reading."""
    words, made = view.words, view.report.repairs
    if not made:
        return []
    rows = [(words.name("repair", r.code), r.column or words("report.whole-file"), r.count or None)
            for r in made]  # fmt: skip
    titles = [words("term.repair"), words("term.column"), (words("term.count"), "count")]
    return [Heading(words("section.repairs")), table(titles, rows)]


def making(view: View) -> list[PageBlock]:
    """Render how the report was made, so that it can be repeated."""
    report, words = view.report, view.words
    header = report.header
    blocks: list[PageBlock] = [Heading(words("explore.making"))]
    said = [words("explore.sampled", rows=header.sampled, of=header.rows, seed=header.seed)
            if header.sampled < header.rows else words("explore.all-rows")]  # fmt: skip
    said += [words("explore.streamed")] if header.streamed else []
    blocks.append(Prose(" ".join(said)))
    if header.not_computed:
        left = [(words.name("part", n.what), omitted(n, words)) for n in header.not_computed]
        titles = [words("explore.part"), words("term.reason")]
        blocks += [Heading(words("explore.not-computed"), 3), table(titles, left)]
    if report.checks:
        checks = [
            (c.code, title_of(c.key, words), words.name("outcome", c.outcome), c.count or None)
            for c in report.checks
        ]
        titles = [words("term.code"), words("explore.check"), words("term.outcome"),
                  words("explore.findings")]  # fmt: skip
        count = words("explore.checks", count=len(checks))
        blocks.append(Details(count, [table([*titles[:3], (titles[3], "count")], checks)]))
    if header.seconds:
        spent = [(words.name("explore-stage", name), s) for name, s in header.seconds.items()]
        titles = [words("explore.stage"), words("explore.took")]
        block = table([titles[0], (titles[1], "duration")], spent)
        blocks.append(Details(words("explore.time"), [block]))
    return blocks
