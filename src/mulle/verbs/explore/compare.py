"""A table beside another one: tests and distances for each column that both have.

Tests and distances are of the sampled rows of both, the rates of missing values of all rows. A
column has drifted where any of its tests is below 0.05 after Bonferroni over all tests.

catalogue  neda-domain eda-data-source stat-pvalue
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.stats import shift
from mulle.table import Column, Kind
from mulle.verbs.explore.columns.text import words_of
from mulle.verbs.explore.report import Comparison, Drift, DriftTest, NotComputed
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.summaries import AnySummary, Level
from mulle.verbs.explore.to_json import levels, number

LEVEL, BINS, SHOWN = 0.05, 10, 12


def compare(here: Scan, there: Scan, source: str) -> tuple[Comparison, list[NotComputed]]:
    """What differs there from here, and what was left out.

    Args:
        here: the table that is explored.
        there: the other one.
        source: name of the other one.
    """
    ours = {c.name: c for c in here.columns}
    theirs = {c.name: c for c in there.columns}
    both = [n for n in ours if n in theirs]
    changed = {n: [ours[n].kind.value, theirs[n].kind.value] for n in both
               if ours[n].kind is not theirs[n].kind}  # fmt: skip
    alike = [n for n in both if ours[n].storage is theirs[n].storage]
    left = [
        NotComputed("comparison", "storage-differs", {"column": n}) for n in both if n not in alike
    ]
    drawn = [_drift(ours[n], here, there) for n in alike]
    tests = sum(len(d.tests) for d in drawn)
    drifts = [_adjusted(d, tests) for d in drawn]
    drifts.sort(key=lambda d: (not d.drifted, min((t.p or 0 for t in d.tests), default=1)))
    same = here.whole and there.whole and {*ours} == {*theirs} and len(alike) == len(both)
    shared = here.whole.shared(there.whole) if same and here.whole and there.whole else None
    return Comparison(
        source, there.height, len(there.summaries),
        [n for n in ours if n not in theirs], [n for n in theirs if n not in ours],
        changed, LEVEL, tests, drifts, there.summaries, shared,
    ), left  # fmt: skip


def _adjusted(drift: Drift, tests: int) -> Drift:
    made = []
    for t in drift.tests:
        adjusted = None if t.p is None else shift.bonferroni(t.p, tests)
        made.append(DriftTest(t.test, t.statistic, t.p, adjusted))
    drifted = any(t.adjusted is not None and t.adjusted < LEVEL for t in made)
    return Drift(
        drift.column, drift.kind, made, drift.distances, drifted, drift.missing, drift.unseen,
        drift.labels, drift.edges, drift.here, drift.there,
    )  # fmt: skip


def _drift(column: Column, here: Scan, there: Scan) -> Drift:
    summaries = [_summary(scan, column.name) for scan in (here, there)]
    missing = [c.missing_share for c in summaries]
    pair = (summaries[0].missing, summaries[1].missing), (summaries[0].count, summaries[1].count)
    tests = [("missing", shift.missing_rates(*pair))] if any(missing) else []
    a, b = here.sample[column.name], there.sample[column.name]
    found: dict[str, Any] = {}
    if column.kind in {Kind.continuous, Kind.discrete, Kind.datetime}:
        found, more = _numbers(a, b)
        tests += more
    elif column.kind in {Kind.nominal, Kind.ordinal, Kind.boolean, Kind.constant}:
        found, more = _categories(a, b)
        tests += more
    elif column.kind is Kind.text:
        found = {"distances": {"unseen_words": _unseen_words(a, b)}}
    made = [DriftTest(n, number(r.statistic), number(r.p), None) for n, r in tests]
    return Drift(column.name, column.kind.value, [t for t in made if t.p is not None],
                 missing=missing, **found)  # fmt: skip


def _summary(scan: Scan, name: str) -> AnySummary:
    return next(c for c in scan.summaries if c.name == name)


def _numbers(a: pl.Series, b: pl.Series) -> tuple[dict[str, Any], list[tuple[str, shift.Result]]]:
    x, y = _floats(a), _floats(b)
    if not len(x) or not len(y):
        return {}, []
    cuts = np.unique(np.quantile(x, np.arange(1, BINS) / BINS))
    p = np.bincount(np.searchsorted(cuts, x, "right"), minlength=len(cuts) + 1)
    q = np.bincount(np.searchsorted(cuts, y, "right"), minlength=len(cuts) + 1)
    far = shift.wasserstein(x, y)
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(x.std())
    ends = [min(x.min(), y.min()), *cuts, max(x.max(), y.max())]
    found = {
        "distances": {
            "psi": number(shift.psi(p, q)),
            "jensen_shannon": number(shift.jensen_shannon(p, q)),
            "wasserstein": number(far),
            "wasserstein_std": number(far / spread) if spread > 0 else None,
        },
        "edges": [float(e) for e in ends],
        "here": (p / p.sum()).tolist(),
        "there": (q / q.sum()).tolist(),
    }
    return found, [("ks", shift.ks(x, y))]


def _floats(values: pl.Series) -> Array:
    if values.dtype.is_temporal():
        values = values.to_physical()
    x = values.drop_nulls().cast(pl.Float64).to_numpy()
    found: Array = x[np.isfinite(x)]
    return found


def _categories(
    a: pl.Series, b: pl.Series
) -> tuple[dict[str, Any], list[tuple[str, shift.Result]]]:
    a, b = a.drop_nulls().cast(pl.String), b.drop_nulls().cast(pl.String)
    if not len(a) or not len(b):
        return {}, []
    counted = a.alias("v").value_counts(name="n").join(
        b.alias("v").value_counts(name="m"), on="v", how="full", coalesce=True
    ).fill_null(0).sort("n", "m", "v", descending=[True, True, False])  # fmt: skip
    p, q = counted["n"].to_numpy().astype(float), counted["m"].to_numpy().astype(float)
    new = counted.filter((pl.col("n") == 0) & (pl.col("m") > 0)).sort("m", descending=True)
    found = {
        "distances": {
            "psi": number(shift.psi(p, q)),
            "jensen_shannon": number(shift.jensen_shannon(p, q)),
        },
        "unseen": _unseen(new, len(b)),
        "labels": counted["v"].head(SHOWN).to_list(),
        "here": (p / p.sum())[:SHOWN].tolist(),
        "there": (q / q.sum())[:SHOWN].tolist(),
    }
    return found, [("chi_squared", shift.chi_squared(p, q))]


def _unseen(new: pl.DataFrame, rows: int) -> list[Level]:
    top = new.head(SHOWN)
    return levels(top["v"].to_list(), top["m"].to_list(), rows)


def _unseen_words(a: pl.Series, b: pl.Series) -> float | None:
    """Share of the words there that are no words here: how far the vocabulary carries."""
    here, there = words_of(a.drop_nulls().head(5000)), words_of(b.drop_nulls().head(5000))
    if not there.height:
        return None
    return 1 - float(there["word"].is_in(here["word"].unique().implode()).mean() or 0)  # type: ignore[arg-type]
