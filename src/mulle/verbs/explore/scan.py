"""One look at every column: its summary, its sampled values, and what it adds to the rows.

Columns are looked at in a few threads, because Polars and NumPy let the others run meanwhile; one
column a thread is all that has to be in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile import AnyCounts
from mulle.profile.counting import add_values, count_column, known_categories
from mulle.table import Column, Doubt, Kind, LeftOut, Repair, Storage
from mulle.table.stream import ColumnSource
from mulle.verbs.explore.columns import Look, summarize
from mulle.verbs.explore.columns.summary import FAILURES, failed
from mulle.verbs.explore.duplicate_rows import MAX_ROWS, Rows
from mulle.verbs.explore.summaries import AnySummary, NumberSummary

THREADS = 4
Progress = Callable[[str, float], None]  # the stage, and the share of it that is done


@dataclass(frozen=True)
class Scan:
    """What one look at every column gives.

    Attributes:
        columns: with their kinds, in the order of the table; those that failed are left out.
        summaries: of all columns, failed ones included.
        sample: the sampled rows by column, in the storage of each.
        rows: positions of the sampled rows, ascending.
        repairs, left_out, doubts: of the file, then of the columns in order.
        whole: what is known of whole rows; None where there are too many.
        counts: counts of all rows by column, where another table is compared.
    """

    columns: list[Column]
    summaries: list[AnySummary]
    sample: dict[str, pl.Series]
    rows: Array
    height: int
    repairs: list[Repair]
    left_out: list[LeftOut]
    doubts: list[Doubt]
    whole: Rows | None
    counts: dict[str, AnyCounts] = field(default_factory=dict)

    def summary_of(self, name: str) -> AnySummary:
        """Return the summary of a column."""
        return next(summary for summary in self.summaries if summary.name == name)

    def of_kind(self, *kinds: Kind) -> list[Column]:
        """Return the columns of some kinds, in order."""
        return [c for c in self.columns if c.kind in kinds]


@dataclass(frozen=True)
class _Seen:
    summary: AnySummary
    column: Column | None = None
    sample: pl.Series | None = None
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    counts: AnyCounts | None = None


def sampled(height: int, count: int, seed: int) -> Array:
    """Draw positions of `count` rows of `height` without replacement, ascending.

    catalogue  stat-sampling
    """
    if height <= count:
        return np.arange(height)
    return np.sort(np.random.default_rng(seed).choice(height, count, replace=False))


def scan(source: ColumnSource, look: Look, progress: Progress | None = None) -> Scan:
    """Summarize every column of a source, reading each once."""
    whole = Rows(source.height) if source.height <= MAX_ROWS else None
    names = source.names
    seen: dict[str, _Seen] = {}

    def one(name: str) -> None:
        seen[name] = _look(source, name, look, whole)
        if progress:
            progress("columns", len(seen) / len(names))

    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        list(pool.map(one, names))
    found = [seen[name] for name in names]
    refused = [
        failed(Column(n, Kind.constant, Storage.string), e) for n, e in source.failed.items()
    ]
    return Scan(
        [s.column for s in found if s.column is not None],
        [*(s.summary for s in found), *refused],
        {s.column.name: s.sample for s in found if s.column and s.sample is not None},
        look.rows,
        source.height,
        [*source.repairs, *(r for s in found for r in s.repairs)],
        [*source.left_out, *(out for s in found for out in s.left_out)],
        [*source.doubts, *(doubt for s in found for doubt in s.doubts)],
        whole,
        {s.column.name: s.counts for s in found if s.column and s.counts is not None},
    )


def _look(source: ColumnSource, name: str, look: Look, whole: Rows | None) -> _Seen:
    try:
        coerced = source.column(name)
    except FAILURES as error:
        return _Seen(failed(Column(name, Kind.constant, Storage.string), error))
    # a name like "*" or "^a$" would mean other columns to some of Polars' functions
    coerced = replace(coerced, values=coerced.values.alias("x"))
    column, summary = summarize(coerced, look)
    if not isinstance(summary, NumberSummary) or not summary.infinite:
        summary = _with_infinite(summary, [*source.repairs, *coerced.repairs])
    try:
        if whole is not None:
            whole.add(name, coerced.values, identifier=column.kind is Kind.id)
        sample = coerced.values.gather(look.rows)
    except FAILURES as error:
        return _Seen(failed(column, error))
    counts = None
    if look.frames is not None:
        counts = _counted(column, coerced.values, look.frames.get(name))
    return _Seen(summary, column, sample, coerced.repairs, coerced.left_out, coerced.doubts, counts)


def _counted(column: Column, values: pl.Series, frame: AnyCounts | None) -> AnyCounts | None:
    """Count all rows over a frame, or the column's own frame; None where they do not fit."""
    try:
        if frame is None:
            return count_column(column, values)
        counts = frame.empty()
        add_values(counts, values, known_categories(frame))
    except FAILURES:
        return None
    return counts


def _with_infinite(summary: AnySummary, repairs: list[Repair]) -> AnySummary:
    """Add the number of infinite values, which reading takes as missing, to a summary."""
    count = sum(r.count for r in repairs if r.code == "infinite" and r.column == summary.name)
    if not count or not isinstance(summary, NumberSummary):
        return summary
    return msgspec.structs.replace(summary, infinite=count)
