"""Rows counted by month of the year, so that later rows are compared with those of their season.

The counts of a month lie over the frame of all rows (see `counts`), so that any months can be put
together: each with the weight that it has in the later rows. A July of one row beside a whole June
then weighs one row, not half of everything.

catalogue  watch-train-serve
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile.counts import AnyCounts, CategoryCounts, Count, NumberCounts
from mulle.profile.moments import Moments

MONTHS = 12
MIN_ROWS = 100  # of a month that later rows are compared with


class Bins(msgspec.Struct, tag="bins"):
    """Counts of numbers without their edges, which are those of all rows."""

    counts: list[Count]
    rows: Count
    missing: Count
    infinite: Count
    moments: Moments

    @classmethod
    def of(cls, counts: NumberCounts) -> Self:
        """Return the counts without their edges."""
        return cls(counts.counts, counts.rows, counts.missing, counts.infinite, counts.moments)


class MonthScore(msgspec.Struct, frozen=True):
    """The score on the held-out rows of a month, with its 95 % interval."""

    score: float
    low: float
    high: float
    rows: int


class Month(msgspec.Struct):
    """The rows of one month of the year, of all years together.

    Attributes:
        rows: how many there are.
        columns: counts by column, of those whose values are judged and are no texts.
        target: counts of the target.
        answers: counts of the predictions on the held-out rows of the month.
        chosen: held-out rows by class that was predicted; empty for a regression.
        score: on the held-out rows of the month; None where they are too few.
    """

    rows: Count
    columns: dict[str, Bins | CategoryCounts] = {}
    target: Bins | CategoryCounts | None = None
    answers: Bins | None = None
    chosen: list[Count] = []
    score: MonthScore | None = None


class Seasons(msgspec.Struct):
    """Rows by month of the year.

    Attributes:
        column: the dates that tell the month.
        months: by number, 1 to 12; those without rows are absent.
    """

    column: str
    months: dict[int, Month] = {}


def months_of(dates: Any) -> Array:
    """Return the month of the year of each date (n,); 0 where there is none.

    Args:
        dates: a series of dates, or int64 microseconds since 1970 with the least value for
            missing, (n,) or (n, 1).

    >>> months_of(pl.Series(["2024-06-30", None]).str.to_date()).tolist()
    [6, 0]
    """
    if isinstance(dates, pl.Series):
        dates = dates.cast(pl.Datetime("us")).to_numpy()
    moments = np.asarray(dates).ravel().astype("datetime64[us]")
    months = moments.astype("datetime64[M]").astype(np.int64) % MONTHS + 1
    return np.where(np.isnat(moments), 0, months)


def count_months(months: Array) -> list[int]:
    """Return the number of rows of each month, January first; rows without a date are left out."""
    found: list[int] = np.bincount(months, minlength=MONTHS + 1)[1:].tolist()
    return found


def without_frame(counts: AnyCounts) -> Bins | CategoryCounts | None:
    """Return counts as a month holds them; None for texts."""
    if isinstance(counts, NumberCounts):
        return Bins.of(counts)
    return counts if isinstance(counts, CategoryCounts) else None


def mix(
    parts: Sequence[Bins | CategoryCounts | None], weights: Sequence[float], frame: AnyCounts
) -> AnyCounts | None:
    """Put counts of months together, each with its weight; None where a part is absent.

    Args:
        parts: of the months (k,).
        weights: share of the rows of each month that counts (k,), at most 1.
        frame: counts of all rows, whose frame they lie over.

    >>> june = Bins([0, 4, 0], 4, 0, 0, Moments.of(np.array([1.0, 1.0, 2.0, 2.0])))
    >>> july = Bins([0, 0, 8], 8, 0, 0, Moments.of(np.full(8, 5.0)))
    >>> found = mix([june, july], [1.0, 0.5], NumberCounts([0.0, 3.0]))
    >>> found.counts, found.rows, found.moments.mean
    ([0, 4, 4], 8, 3.25)
    """
    if isinstance(frame, NumberCounts):
        bins = [part for part in parts if isinstance(part, Bins)]
        same = all(len(part.counts) == len(frame.counts) for part in bins)
        return _mix_bins(bins, weights, frame) if len(bins) == len(parts) and same else None
    known = [part for part in parts if isinstance(part, CategoryCounts)]
    if not isinstance(frame, CategoryCounts) or len(known) < len(parts):
        return None
    return _mix_categories(known, weights, frame)


def mix_rows(rows: Sequence[Sequence[int]], weights: Sequence[float]) -> list[int]:
    """Return weighted sums [n] of counts [k, n], rounded so that no sum of neighbours is off by 1.

    >>> mix_rows([[1, 1, 1, 1]], [0.5])
    [0, 1, 0, 1]
    """
    total = np.asarray(weights, np.float64) @ np.asarray(rows, np.float64)
    found: list[int] = np.diff(np.floor(np.cumsum(total) + 1e-6), prepend=0).astype(int).tolist()
    return found


def _mix_bins(parts: list[Bins], weights: Sequence[float], frame: NumberCounts) -> NumberCounts:
    counts = mix_rows([[*p.counts, p.missing, p.infinite] for p in parts], weights)
    moments = Moments()
    for part, weight in zip(parts, weights, strict=True):
        moments = moments.merge(part.moments.weigh(weight))
    *inner, missing, infinite = counts
    return NumberCounts(frame.edges, inner, sum(counts), missing, infinite, moments, frame.error)


def _mix_categories(
    parts: list[CategoryCounts], weights: Sequence[float], frame: CategoryCounts
) -> CategoryCounts:
    names = list(dict.fromkeys([*frame.counts, *(n for part in parts for n in part.counts)]))
    rows = [[*(p.counts.get(n, 0) for n in names), p.missing, p.other + p.unseen] for p in parts]
    *seen, missing, other = counts = mix_rows(rows, weights)
    whole = sum(counts)
    share = whole / frame.rows if frame.rows else 0.0  # values yet unseen are unseen in all rows
    return CategoryCounts(
        dict(zip(names, seen, strict=True)), whole, missing, other,
        single=int(np.ceil(frame.single * share)), complete=frame.complete,
    )  # fmt: skip


def weigh(reference: Mapping[int, int], now: Mapping[int, int]) -> dict[int, float] | None:
    """Return the share of each month's rows that counts, so that months weigh as they do now.

    None where the later rows have a month of which there are too few rows.

    >>> weigh({6: 3000, 7: 3000}, {6: 1000, 7: 500})
    {6: 1.0, 7: 0.5}
    >>> weigh({6: 3000}, {6: 1000, 7: 500})
    """
    if not now or any(reference.get(month, 0) < MIN_ROWS for month in now):
        return None
    scale = min(reference[month] / rows for month, rows in now.items())
    return {month: rows * scale / reference[month] for month, rows in now.items()}
