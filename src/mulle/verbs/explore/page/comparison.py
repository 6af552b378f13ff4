"""The section of the other table: what only one of them has, and how each column has moved."""

from __future__ import annotations

import itertools
from pathlib import Path

from mulle.report import Details, Fact, Facts, Figure, Figures, Heading, PageBlock, Prose, charts
from mulle.report.charts import Drawing
from mulle.verbs.explore.page.view import View, table
from mulle.verbs.explore.report import Comparison, Drift
from mulle.verbs.explore.summaries import Bins, DateSummary, NumberSummary

DRAWN = 12  # columns drawn at once, the drifted ones first
_DISTANCES = ("psi", "jensen_shannon", "wasserstein_std")


def comparison(view: View) -> list[PageBlock]:
    """This table beside the other one."""
    other, words = view.report.comparison, view.words
    if other is None:
        return []
    drifted = sum(drift.drifted for drift in other.drifts)
    facts = [
        Fact(words("explore.rows"), other.rows, "count"),
        Fact(words("explore.columns-count"), other.columns, "count"),
        Fact(words("explore.drifted"), drifted, "count",
             words("explore.of-columns", count=len(other.drifts))),
    ]  # fmt: skip
    if other.shared_rows is not None:
        facts.append(Fact(words("explore.shared-rows"), other.shared_rows, "count"))
    return [
        Heading(words("explore.comparison", source=Path(other.source).name)),
        Prose(words("explore.comparison-about", tests=other.tests, level=other.level)),
        Facts(facts),
        *_columns(other, view),
        *_drifts(other, view),
        *view.not_computed("comparison", "drift"),
    ]


def _columns(other: Comparison, view: View) -> list[PageBlock]:
    words = view.words
    said: list[PageBlock] = []
    for key, names in (("only-here", other.only_here), ("only-there", other.only_there)):
        if names:
            more = len(names) - 12
            listed = ", ".join(names[:12])
            listed += f" {words('page.and-more', count=more)}" if more > 0 else ""
            said.append(Prose(words(f"explore.{key}", columns=listed)))
    if other.kinds_changed:
        rows = [(name, *(words.name("kind", kind) for kind in kinds))
                for name, kinds in other.kinds_changed.items()]  # fmt: skip
        titles = [words("term.column"), words("explore.here"), words("explore.there")]
        said.append(table(titles, rows, words("explore.kinds-changed")))
    return said


def _drifts(other: Comparison, view: View) -> list[PageBlock]:
    words = view.words
    figures = [
        (drawn, drift) for drift in other.drifts if (drawn := picture(drift, view)) is not None
    ]
    made = [Figure(drawn, f"{d.column}: {_moved(d, view)}") for drawn, d in figures]
    titles = [
        words("term.column"), words("explore.moved"),
        *((words.name("distance", name), "number") for name in _DISTANCES),
        (words("explore.p-adjusted"), "number"), (words("explore.missing-here"), "percent"),
        (words("explore.missing-there"), "percent"), (words("explore.unseen"), "count"),
    ]  # fmt: skip
    rows = [_row(drift, view) for drift in other.drifts]
    blocks: list[PageBlock] = [Figures(made[:DRAWN])] if made else []
    if len(made) > DRAWN:
        more = words("page.more-of", count=len(made) - DRAWN)
        blocks.append(Details(more, [Figures(made[DRAWN : 10 * DRAWN])]))
    return [*blocks, table(titles, rows, words("explore.drift-about"))] if rows else blocks


def _row(drift: Drift, view: View) -> list[object]:
    adjusted = [test.adjusted for test in drift.tests if test.adjusted is not None]
    here, there = drift.missing if len(drift.missing) == 2 else (None, None)
    return [
        drift.column, _moved(drift, view), *(drift.distances.get(name) for name in _DISTANCES),
        min(adjusted, default=None), here, there, len(drift.unseen) or None,
    ]  # fmt: skip


def _moved(drift: Drift, view: View) -> str:
    return view.words("explore.has-moved" if drift.drifted else "explore.has-not-moved")


def _binned_alike(column: str, view: View) -> tuple[Bins, Bins] | None:
    """The histograms of a column in both tables, where they have the same bins."""
    other = view.report.comparison
    summaries = [*view.report.summaries, *(other.summaries if other else [])]
    found = [
        c.histogram
        for c in summaries
        if c.name == column and isinstance(c, NumberSummary | DateSummary)
    ]
    if len(found) != 2 or not found[0].edges or found[0].edges != found[1].edges:
        return None
    return found[0], found[1]


def _shares(bins: Bins) -> list[float]:
    total = sum(bins.counts) + bins.below + bins.above
    return [count / total for count in bins.counts] if total else []


def picture(drift: Drift, view: View) -> Drawing | None:
    """One column in both tables."""
    words = view.words
    series = (words("explore.here"), words("explore.there"))
    bins = _binned_alike(drift.column, view)
    if bins is not None:
        here, there = bins
        return charts.histogram(
            here.edges, _shares(here), drift.column, other=_shares(there), series=series,
            dates=drift.kind == "datetime", shares=True, words=words,
        )  # fmt: skip
    if drift.edges and drift.here and drift.kind != "datetime":
        ends = itertools.pairwise(drift.edges)
        labels = [words("explore.from-to", low=low, high=high) for low, high in ends]
        return charts.paired_bars(labels, drift.here, drift.there, drift.column,
                                  series=series, words=words)  # fmt: skip
    if drift.labels:
        labels = [words.said(name) if name else "“”" for name in drift.labels[:10]]
        return charts.paired_bars(labels, drift.here[:10], drift.there[:10], drift.column,
                                  series=series, words=words)  # fmt: skip
    return None
