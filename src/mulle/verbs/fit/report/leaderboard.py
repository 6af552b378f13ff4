"""The search: every plan that was tried with its scores and costs, and how the best one rose."""

from __future__ import annotations

import math
from typing import Any

from mulle.decisions import Decision
from mulle.report import (
    Callout,
    Callouts,
    Cell,
    Column,
    Figure,
    Heading,
    PageBlock,
    Prose,
    Rationale,
    charts,
)
from mulle.verbs.fit.leaderboard import Row
from mulle.verbs.fit.report.columns import folded
from mulle.verbs.fit.report.findings import Findings

MAX_PLANS = 12  # plans on the chart; the table holds all


def leaderboard(f: Findings) -> list[PageBlock]:
    """Render table and charts of all plans."""
    words = f.words
    stopped = f.of("search-stopped")
    reason = stopped[-1].values.get("reason", "") if stopped else ""
    return [
        Heading(words("section.leaderboard")),
        Prose(words("report.leaderboard-about", reason=reason)),
        *_chart(f),
        *folded(_titles(f), [_line(row, f) for row in f.packaged.rows], f),
        *_rows_seen(f),
        *_search(f),
    ]


def _titles(f: Findings) -> list[Column]:
    """Return the titles; the status only where a plan did not finish, so that the table fits."""
    words = f.words
    titles = [
        Column(words("term.plan")),
        Column(words("term.validation-score"), "score"),
        Column(words("term.test-score"), "score"),
        Column(words("term.weight"), "percent"),
        Column(words("term.fit-time"), "duration"),
        Column(words("term.latency"), "micros"),
        Column(words("term.size"), "bytes"),
        Column(words("report.status")),
    ]
    return titles if _unfinished(f) else titles[:-1]


def _unfinished(f: Findings) -> bool:
    return any(row.status != "done" or row.reason for row in f.packaged.rows)


def _name_of(row: Row, f: Findings) -> str:
    """Return the name of a plan, with its learner where the name does not say it."""
    if row.name.startswith(row.learner) or row.learner == "dummy":
        return row.name
    return f"{row.name} ({f.words.name('learner', row.learner)})"


def _line(row: Row, f: Findings) -> list[Any]:
    words = f.words
    status = words.name("status", row.status)
    if row.reason:
        code = "plan-failed" if row.status == "failed" else "plan-stopped"
        said = f"{status}: {words.name('reason', row.reason)}"
        status = Cell(said, Rationale(words.explain(code)))  # type: ignore[assignment]
    weight = Cell(row.weight or None)
    if row.learner == "blend":
        weight = Cell(row.weight, f.why("blend-chosen", formula="p = Σₖ wₖ pₖ,  Σₖ wₖ = 1"))
    line = [
        _name_of(row, f),
        row.score,
        row.test,
        weight,
        row.fit_seconds,
        row.latency_us,
        row.size,
        status,
    ]
    return line if _unfinished(f) else line[:-1]


def _rows_seen(f: Findings) -> list[PageBlock]:
    """Say how many rows each learner has seen, where not all of them have seen all."""
    said = f.of("large-learned", "large-skipped")
    return [Callouts([_seen(f, decision) for decision in said])] if said else []


def _seen(f: Findings, decision: Decision) -> Callout:
    skipped = decision.code == "large-skipped"
    why = Rationale(f.words.explain(decision.code))
    return Callout(f.words.sentence(decision), "warning" if skipped else "good", why)


def _chart(f: Findings) -> list[PageBlock]:
    rows = [r for r in f.packaged.rows if r.score is not None and math.isfinite(r.score)]
    if len(rows) < 2:
        return []
    shown = [{"name": r.name, "validation": r.score, "test": r.test} for r in rows[:MAX_PLANS]]
    drawing = charts.leaderboard(shown, f.metric.name, words=f.words)
    return [Figure(drawing, f.words("report.score-chart"), f.why("validation-chosen"))]


def _search(f: Findings) -> list[PageBlock]:
    """Draw scores over time; the baseline is left out, because it would flatten the rest."""
    tried = [
        (d.at, float(d.values["score"]))
        for d in f.of("plan-tried")
        if d.values.get("score") is not None and d.values.get("learner") != "dummy"
    ]
    if len(tried) < 2:
        return []
    drawing = charts.search(
        [at for at, _ in tried],
        [score for _, score in tried],
        f.metric.name,
        greater_is_better=f.metric.greater_is_better,
        words=f.words,
    )
    return [Heading(f.words("section.search"), 3),
            Figure(drawing, f.words("report.search-chart"), f.why("search-stopped"))]  # fmt: skip
