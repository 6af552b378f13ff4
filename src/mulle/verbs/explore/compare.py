"""A table compared with another one: the drift of each column that both have.

Whether a column drifted is decided by the size of the effect, in `mulle.profile.drift`, from counts
of all rows. Tests and distances are figures beside it, computed on the sampled rows of both: the
p-value of a test, adjusted for the number of tests, says nothing about how large a difference is.

catalogue  neda-domain eda-data-source stat-pvalue
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile.drift import ColumnDrift, Pair, compare_columns
from mulle.stats import divergences, tests
from mulle.table import Column, Kind
from mulle.verbs.explore.columns.text import words_of
from mulle.verbs.explore.report import Comparison, Drift, DriftTest, NotComputed
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.summaries import AnySummary, Level
from mulle.verbs.explore.to_json import levels, number

BINS, MAX_UNSEEN = 10, 12
Tests = list[tuple[str, tests.Result]]


class _Figures(NamedTuple):
    """What is shown beside the verdict on a column."""

    tests: list[DriftTest]
    distances: dict[str, float | None]
    missing: list[float]
    unseen: list[Level]


def compare(reference: Scan, current: Scan, source: str) -> tuple[Comparison, list[NotComputed]]:
    """Compare a table with another one; return the comparison, and what was left out.

    Args:
        reference: the table that is explored.
        current: the other one, counted over the frames of the first.
        source: name of the other one.
    """
    ours = {c.name: c for c in reference.columns}
    theirs = {c.name: c for c in current.columns}
    both = [n for n in ours if n in theirs]
    alike = [n for n in both if ours[n].storage is theirs[n].storage]
    counted = [n for n in alike if n in reference.counts and n in current.counts]
    pairs = {n: Pair(reference.counts[n], current.counts[n], ours[n].kind) for n in counted}
    figures = {n: _figures(ours[n], reference, current) for n in counted}
    number_of_tests = sum(len(f.tests) for f in figures.values())
    drifts = [
        _drift(n, drift, figures[n], number_of_tests) for n, drift in compare_columns(pairs).items()
    ]
    drifts.sort(key=lambda d: (not d.drift_detected, -(d.score or 0.0)))
    comparison = Comparison(
        source=source,
        rows=current.height,
        columns=len(current.summaries),
        only_in_reference=[n for n in ours if n not in theirs],
        only_in_current=[n for n in theirs if n not in ours],
        kinds_changed={
            n: [ours[n].kind.value, theirs[n].kind.value]
            for n in both
            if ours[n].kind is not theirs[n].kind
        },
        tests=number_of_tests,
        drifts=drifts,
        summaries=current.summaries,
        shared_rows=_shared_rows(reference, current, alike),
    )
    left = [
        NotComputed("comparison", "storage-differs", {"column": n}) for n in both if n not in alike
    ]
    return comparison, left


def _drift(name: str, drift: ColumnDrift, figures: _Figures, number_of_tests: int) -> Drift:
    adjusted = [
        msgspec.structs.replace(t, adjusted=tests.bonferroni(t.p, number_of_tests))
        for t in figures.tests
        if t.p is not None
    ]
    fields = msgspec.structs.asdict(drift)
    return Drift(
        column=name, tests=adjusted, distances=figures.distances, missing=figures.missing,
        unseen=figures.unseen, **fields,
    )  # fmt: skip


def _shared_rows(reference: Scan, current: Scan, alike: list[str]) -> int | None:
    """Rows of the other table that stand in this one too; None where columns differ."""
    names = {c.name for c in reference.columns}
    if names != {c.name for c in current.columns} or len(alike) != len(names):
        return None
    if not reference.whole or not current.whole:
        return None
    return reference.whole.shared(current.whole)


def _figures(column: Column, reference: Scan, current: Scan) -> _Figures:
    summaries = [_summary(scan, column.name) for scan in (reference, current)]
    missing = [c.missing_share for c in summaries]
    counts = (summaries[0].missing, summaries[1].missing), (summaries[0].count, summaries[1].count)
    made: Tests = [("missing", tests.missing_rates(*counts))] if any(missing) else []
    a, b = reference.sample[column.name], current.sample[column.name]
    distances: dict[str, float | None] = {}
    unseen: list[Level] = []
    if column.kind in {Kind.continuous, Kind.discrete, Kind.datetime}:
        distances, more = _numbers(a, b)
        made += more
    elif column.kind in {Kind.nominal, Kind.ordinal, Kind.boolean, Kind.constant}:
        distances, more, unseen = _categories(a, b)
        made += more
    elif column.kind is Kind.text:
        distances = {"unseen_words": _unseen_words(a, b)}
    shown = [DriftTest(n, number(r.statistic), number(r.p), None) for n, r in made]
    return _Figures([t for t in shown if t.p is not None], distances, missing, unseen)


def _summary(scan: Scan, name: str) -> AnySummary:
    return next(c for c in scan.summaries if c.name == name)


def _numbers(a: pl.Series, b: pl.Series) -> tuple[dict[str, float | None], Tests]:
    x, y = _floats(a), _floats(b)
    if not len(x) or not len(y):
        return {}, []
    cuts = np.unique(np.quantile(x, np.arange(1, BINS) / BINS))
    p = np.bincount(np.searchsorted(cuts, x, "right"), minlength=len(cuts) + 1)
    q = np.bincount(np.searchsorted(cuts, y, "right"), minlength=len(cuts) + 1)
    far = divergences.wasserstein(x, y)
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(x.std())
    distances = {
        "psi": number(divergences.psi(p, q)),
        "jensen_shannon": number(divergences.jensen_shannon(p, q)),
        "wasserstein": number(far),
        "wasserstein_std": number(far / spread) if spread > 0 else None,
    }
    return distances, [("ks", tests.ks(x, y))]


def _floats(values: pl.Series) -> Array:
    if values.dtype.is_temporal():
        values = values.to_physical()
    x = values.drop_nulls().cast(pl.Float64).to_numpy()
    finite: Array = x[np.isfinite(x)]
    return finite


def _categories(a: pl.Series, b: pl.Series) -> tuple[dict[str, float | None], Tests, list[Level]]:
    a, b = a.drop_nulls().cast(pl.String), b.drop_nulls().cast(pl.String)
    if not len(a) or not len(b):
        return {}, [], []
    counted = a.alias("v").value_counts(name="n").join(
        b.alias("v").value_counts(name="m"), on="v", how="full", coalesce=True
    ).fill_null(0).sort("n", "m", "v", descending=[True, True, False])  # fmt: skip
    p, q = counted["n"].to_numpy().astype(float), counted["m"].to_numpy().astype(float)
    new = counted.filter((pl.col("n") == 0) & (pl.col("m") > 0)).sort("m", descending=True)
    distances = {
        "psi": number(divergences.psi(p, q)),
        "jensen_shannon": number(divergences.jensen_shannon(p, q)),
    }
    return distances, [("chi_squared", tests.chi_squared(p, q))], _unseen(new, len(b))


def _unseen(new: pl.DataFrame, rows: int) -> list[Level]:
    top = new.head(MAX_UNSEEN)
    return levels(top["v"].to_list(), top["m"].to_list(), rows)


def _unseen_words(a: pl.Series, b: pl.Series) -> float | None:
    """Return the share of the other table's words that are no words of this one."""
    ours, theirs = words_of(a.drop_nulls().head(5000)), words_of(b.drop_nulls().head(5000))
    if not theirs.height:
        return None
    return 1 - float(theirs["word"].is_in(ours["word"].unique().implode()).mean() or 0)  # type: ignore[arg-type]
