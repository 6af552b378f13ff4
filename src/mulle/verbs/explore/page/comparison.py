"""The section on the other table: columns that only one of them has, and drift of the others."""

from __future__ import annotations

from pathlib import Path

from mulle.profile.drift import draw_picture, render_reason, render_status
from mulle.report import Details, Fact, Facts, Figure, Figures, Heading, PageBlock, Prose, charts
from mulle.report.charts import Drawing
from mulle.verbs.explore.page.view import View, table
from mulle.verbs.explore.report import Comparison, Drift
from mulle.verbs.explore.summaries import Bins, DateSummary, NumberSummary

DRAWN = 12  # columns drawn at once, the drifted ones first
_DISTANCES = ("psi", "jensen_shannon", "wasserstein_std")


def comparison(view: View) -> list[PageBlock]:
    """Return the section; empty where no other table was given."""
    other, words = view.report.comparison, view.words
    if other is None:
        return []
    drifted = sum(drift.drift_detected for drift in other.drifts)
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
        Prose(words("explore.comparison-about", tests=other.tests)),
        Facts(facts),
        *_columns(other, view),
        *_drifts(other, view),
        *view.not_computed("comparison", "drift"),
    ]


def _columns(other: Comparison, view: View) -> list[PageBlock]:
    words = view.words
    said: list[PageBlock] = []
    for key, names in (
        ("only-here", other.only_in_reference),
        ("only-there", other.only_in_current),
    ):
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
        Figure(drawn, f"{drift.column}: {render_reason(drift.reason, words)}")
        for drift in other.drifts
        if (drawn := picture(drift, view)) is not None
    ]
    titles = [
        words("term.column"), words("explore.verdict"), (words("explore.effect"), "percent"),
        (words("explore.could-hide"), "percent"),
        *((words.name("distance", name), "number") for name in _DISTANCES),
        (words("explore.p-adjusted"), "number"), (words("explore.missing-here"), "percent"),
        (words("explore.missing-there"), "percent"), (words("explore.unseen"), "count"),
    ]  # fmt: skip
    rows = [_row(drift, view) for drift in other.drifts]
    blocks: list[PageBlock] = [Figures(figures[:DRAWN])] if figures else []
    if len(figures) > DRAWN:
        more = words("page.more-of", count=len(figures) - DRAWN)
        blocks.append(Details(more, [Figures(figures[DRAWN : 10 * DRAWN])]))
    return [*blocks, table(titles, rows, words("explore.drift-about"))] if rows else blocks


def _row(drift: Drift, view: View) -> list[object]:
    adjusted = [test.adjusted for test in drift.tests if test.adjusted is not None]
    missing = drift.missing if len(drift.missing) == 2 else (None, None)
    return [
        drift.column, render_status(drift.status, view.words), drift.score, drift.could_hide,
        *(drift.distances.get(name) for name in _DISTANCES),
        min(adjusted, default=None), *missing, len(drift.unseen) or None,
    ]  # fmt: skip


def _binned_alike(column: str, view: View) -> tuple[Bins, Bins] | None:
    """Return the histograms of a column in both tables where they have the same bins."""
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
    """Draw one column of both tables."""
    words = view.words
    series = (words("explore.here"), words("explore.there"))
    bins = _binned_alike(drift.column, view)
    if bins is None:
        return draw_picture(drift.picture, drift.column, series, words)
    reference, current = bins
    return charts.histogram(
        reference.edges, _shares(reference), drift.column, other=_shares(current), series=series,
        dates=drift.kind == "datetime", shares=True, words=words,
    )  # fmt: skip
