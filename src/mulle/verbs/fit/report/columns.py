"""The data: what was repaired, what each column is, and which steps it goes through and why."""

from __future__ import annotations

from typing import Any

from mulle.report import (
    Callout,
    Callouts,
    Cell,
    Column,
    DataTable,
    Details,
    Heading,
    PageBlock,
    Prose,
    Rationale,
)
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.report.findings import Findings

MAX_ROWS = 40  # rows of a table before the rest is folded away
_MEASURED = ("feature-made", "step-chosen")


def repairs(f: Findings) -> list[PageBlock]:
    """Render what was changed in the table while it was read."""
    words, made = f.words, f.of("repair-made")
    blocks: list[PageBlock] = [Heading(words("section.repairs"))]
    if not made:
        return [*blocks, Prose(words("report.nothing-repaired"))]
    rows = []
    for d in made:
        code = str(d.values.get("repair", ""))
        seen = d.values.get("evidence") or {}
        where = d.values.get("column") or words("report.whole-file")
        rows.append([
            Cell(words.name("repair", code), Rationale(words.explain("repair-made"))),
            where,
            d.values.get("count") or None,
            _example(seen.get("before", seen.get("encoding"))),
            _example(seen.get("after")),
        ])  # fmt: skip
    heads = [words(f"term.{k}") for k in ("repair", "column", "count")]
    heads += [words("report.before"), words("report.after")]
    titles = [Column(h, "count" if i == 2 else "") for i, h in enumerate(heads)]
    return [*blocks, *folded(titles, rows, f)]


def columns(f: Findings) -> list[PageBlock]:
    """Render kinds and steps with their reasons, columns alike in a row, and those left out."""
    words, reasons = f.words, {}
    for d in f.of("kind-found"):
        reasons[d.values.get("column", d.subject)] = str(d.values.get("reason", ""))
    plans = [t.plan for _, t in f.packaged.board.members if t.plan.name in f.weights]
    used: dict[str, None] = {}
    alike: dict[tuple[Any, ...], list[str]] = {}
    for column in f.data.train.table.schema.columns:
        reason = reasons.get(column.name, column.reason)
        chains = _chains(column.name, plans)
        used |= dict.fromkeys(step for chain in chains for step in chain)
        kind, why = words.name("kind", column.kind.value), words.name("reason", reason) or None
        alike.setdefault((kind, why, _describe_chains(chains, f)), []).append(column.name)
    rows = [[", ".join(names), *said] for said, names in alike.items()]
    titles = [words("term.column"), words("term.kind"), words("term.reason"), words("term.steps")]
    return [
        Heading(words("section.columns")),
        Prose(words("report.columns-about")),
        *folded([Column(t) for t in titles], rows, f),
        *_dropped(f),
        *_steps(list(used), f),
        *_measured(f),
    ]


def folded(titles: list[Column], rows: list[list[Any]], f: Findings) -> list[PageBlock]:
    """Return a table whose rows beyond the first are behind a fold."""
    first: PageBlock = DataTable(titles, rows[:MAX_ROWS])
    if len(rows) <= MAX_ROWS:
        return [first]
    more = f.words("report.more-rows", count=len(rows) - MAX_ROWS)
    return [first, Details(more, [DataTable(titles, rows[MAX_ROWS:])])]


def _chains(column: str, plans: list[Plan]) -> dict[tuple[str, ...], list[str]]:
    """Return the chains of steps that a column goes through, each with the plans that have it."""
    found: dict[tuple[str, ...], list[str]] = {}
    for plan in plans:
        for features in plan.features:
            if column in features.columns:
                chain = tuple(str(s.get("step", "")) for s in features.steps) or ("passthrough",)
                names = found.setdefault(chain, [])
                if plan.name not in names:
                    names.append(plan.name)
    return found


def _describe_chains(chains: dict[tuple[str, ...], list[str]], f: Findings) -> str:
    if not chains:
        return f.words("report.unused")
    return "; ".join(
        f.words(
            "report.in-plans", plans=plans, steps=" → ".join(_name_of_step(s, f) for s in chain)
        )
        for chain, plans in chains.items()
    )


def _name_of_step(step: str, f: Findings) -> str:
    return f.words.name("step", step)


def _dropped(f: Findings) -> list[PageBlock]:
    dropped = f.of("column-dropped")
    if not dropped:
        return []
    titles = [Column(f.words("term.column")), Column(f.words("term.reason"))]
    why = Rationale(f.words.explain("column-dropped"))
    rows = [
        [d.values.get("column", d.subject),
         Cell(f.words.name("reason", str(d.values.get("reason", ""))), why)]
        for d in dropped
    ]  # fmt: skip
    return [Heading(f.words("report.dropped"), 3), *folded(titles, rows, f)]


def _steps(used: list[str], f: Findings) -> list[PageBlock]:
    if not used:
        return []
    words = f.words
    rows = [[_name_of_step(s, f), words.name("step-why", s) if f"step-why.{s}" in words else None]
            for s in used]  # fmt: skip
    titles = [Column(words("term.steps")), Column(words("term.reason"))]
    return [Heading(words("report.steps-about"), 3), DataTable(titles, rows)]


def _measured(f: Findings) -> list[PageBlock]:
    """Render gains that were measured, where steps recorded them as decisions."""
    made = f.of(*_MEASURED)
    if not made:
        return []
    items = [Callout(f.words.sentence(d), "note", f.words.explain(d.code)) for d in made]
    return [Heading(f.words("report.measured"), 3), Callouts(items)]


def _example(value: Any) -> str | None:
    """Return a value as it was written, on one line and not too long."""
    if value is None:
        return None
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
