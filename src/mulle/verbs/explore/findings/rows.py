"""Findings about rows: copies, too few of them, their order in time, and drift down the table.

catalogue  eda-data-source stat-bias-control
"""

from __future__ import annotations

from collections.abc import Iterable

from mulle.verbs.explore.findings.base import Facts, Found, Rule, has_enough, has_rows
from mulle.verbs.explore.summaries import DateSummary

MANY_COPIES = 0.01
ROWS_A_COLUMN, FEW = 10, 50


def _copies(facts: Facts) -> Iterable[Found]:
    """Find rows that repeat an earlier one; identifiers differ in every row and are left out."""
    found = facts.relations.duplicates
    if found is None or facts.height < 2:
        return
    rows = found.rows if found.without_ids is None else max(found.rows, found.without_ids)
    if rows:
        share = rows / facts.height
        ids = found.ids if rows > found.rows else []
        groups = None if ids else found.groups
        values = {"rows": rows, "share": share, "groups": groups, "ids": ids}
        shown = {"rows": found.shown} if rows == found.rows else {}
        severe = "warning" if share >= MANY_COPIES and not ids else "note"
        yield Found(ids, values, shown, severe)


def _few(facts: Facts) -> Iterable[Found]:
    useful = [c for c in facts.scan.columns if c.kind not in {"id", "constant"}]
    least = max(FEW, ROWS_A_COLUMN * len(useful))
    if 0 < facts.height < least:
        yield Found([], {"rows": facts.height, "columns": len(useful), "least": least})


def _has_dates(facts: Facts) -> bool:
    return any(c.present >= 3 for c in facts.summaries(DateSummary))


def _ordered(facts: Facts) -> Iterable[Found]:
    """Find dates that only rise or fall down the rows: random parts would know the future."""
    for column in facts.summaries(DateSummary):
        if (column.rising or column.falling) and column.distinct > 2 and not column.missing:
            values = {"direction": "rising" if column.rising else "falling",
                      "first": column.first, "last": column.last}  # fmt: skip
            yield Found([column.name], values)


def _gaps(facts: Facts) -> Iterable[Found]:
    for column in facts.summaries(DateSummary):
        if column.gap_count and column.frequency and column.regular >= 0.9:
            gap = column.gaps[0]
            values = {"gaps": column.gap_count, "after": gap.after, "before": gap.before,
                      "frequency": column.frequency, "every": column.every}  # fmt: skip
            yield Found([column.name], values, {"gaps": [[g.after, g.before] for g in column.gaps]})


def _future(facts: Facts) -> Iterable[Found]:
    for column in facts.summaries(DateSummary):
        if column.future:
            yield Found([column.name], {"count": column.future, "last": column.last})


def _has_order(facts: Facts) -> bool:
    """Return whether there are enough rows, in an order that means something."""
    return has_enough(facts) and facts.in_own_order


def _halves(facts: Facts) -> Iterable[Found]:
    """Find columns whose distribution differs between the halves of the rows."""
    if facts.halves:
        ranked = sorted(facts.halves.items(), key=lambda item: -item[1])
        values = {"count": len(ranked), "column": ranked[0][0], "distance": ranked[0][1]}
        yield Found([name for name, _ in ranked], values, {"distances": dict(ranked[:20])})


RULES = (
    Rule("M030", "duplicate-rows", "Duplicate rows", "rows", "warning", has_rows, _copies),
    Rule(
        "M031", "few-rows", "Few rows for the number of columns", "rows", "warning", has_rows, _few
    ),
    Rule("M032", "time-order", "Rows in order of time", "rows", "note", _has_dates, _ordered),
    Rule(
        "M033",
        "halves-differ",
        "The halves of the table differ",
        "rows",
        "note",
        _has_order,
        _halves,
    ),
    Rule("M034", "date-gaps", "Gaps in time", "rows", "note", _has_dates, _gaps),
    Rule("M035", "future-dates", "Dates in the future", "rows", "note", _has_dates, _future),
)
