"""Count the values of a column over a frame: the one way in which both sides of a comparison count.

`count_column` makes the counts of reference rows, with a frame made from them; `add_values` adds
further rows over that frame.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile.columns import AnyProfile, profile_column
from mulle.profile.counts import (
    AnyCounts,
    CategoryCounts,
    NumberCounts,
    counts_of,
    frame_of,
    tallied,
)
from mulle.table import Column

_TEXTS = 5_000  # texts that are counted at once


def count_column(column: Column, values: pl.Series) -> AnyCounts:
    """Count a column over a frame made from its own values.

    Args:
        column: its entry in the schema.
        values: in the storage of the column (n,).

    >>> from mulle.table import Kind, Storage
    >>> column = Column("x", Kind.continuous, Storage.number)
    >>> count_column(column, pl.Series([0.5, 1.5, None])).missing
    1
    """
    frame = frame_with_categories(profile_column(column, values))
    counts = frame.empty()
    add_values(counts, values, known_categories(frame))
    return as_frame(counts, frame)


def frame_with_categories(profile: AnyProfile) -> AnyCounts:
    """Return the frame of a column, without rows but with all categories that are known."""
    frame, counts = frame_of(profile), counts_of(profile)
    if isinstance(frame, CategoryCounts) and isinstance(counts, CategoryCounts):
        frame.counts = dict.fromkeys(counts.counts, 0)
    return frame


def known_categories(counts: AnyCounts) -> Collection[str]:
    """Return the categories that a reference knows; none for numbers and texts."""
    return frozenset(counts.counts) if isinstance(counts, CategoryCounts) else frozenset()


def add_values(counts: AnyCounts, values: Any, known: Collection[str]) -> None:
    """Count further rows of a column.

    Args:
        counts: what the rows are added to.
        values: a series in the storage of the column, or an array as it enters the model: float64
            with NaN, int64 microseconds, or text with the token for missing (n,) or (n, 1).
        known: categories of the reference, see `known_categories`.
    """
    if isinstance(counts, NumberCounts):
        counts.add(_numbers(values))
    elif isinstance(counts, CategoryCounts):
        counts.add(*_categories(values), known)
    else:
        some = _texts(values)
        counts.add(some[:_TEXTS], len(values) - len(some))
        for begin in range(_TEXTS, len(some), _TEXTS):
            counts.add(some[begin : begin + _TEXTS], 0)


def as_frame(counts: AnyCounts, before: AnyCounts) -> AnyCounts:
    """Return counts as a reference: categories that `before` knew are known, seen or not."""
    if not isinstance(counts, CategoryCounts) or not isinstance(before, CategoryCounts):
        return counts
    return CategoryCounts(
        dict.fromkeys(before.counts, 0) | counts.counts, counts.rows, counts.missing,
        counts.other + counts.unseen,
        single=sum(times == 1 for times in counts.counts.values()), complete=before.complete,
    )  # fmt: skip


def _numbers(values: Any) -> Array:
    if not isinstance(values, pl.Series):
        return np.asarray(values).ravel()
    if values.dtype.is_temporal():
        values = values.cast(pl.Datetime("us")).to_physical()
    numbers: Array = values.cast(pl.Float64).to_numpy()  # null is NaN in it
    return numbers


def _categories(values: Any) -> tuple[Mapping[str, int], int]:
    if isinstance(values, pl.Series):
        counted = values.alias("v").cast(pl.String).value_counts(name="n")
        times = dict(zip(counted["v"].to_list(), counted["n"].to_list(), strict=True))
        return times, times.pop(None, 0)
    from mulle.graph import MISSING_STRING  # heavy, and only arrays hold it

    return tallied(np.asarray(values).ravel().tolist(), MISSING_STRING)


def _texts(values: Any) -> list[str]:
    if isinstance(values, pl.Series):
        return [text for text in values.to_list() if text is not None]
    from mulle.graph import MISSING_STRING

    return [text for text in values.ravel().tolist() if text is not None and text != MISSING_STRING]
