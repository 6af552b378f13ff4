"""A column of categories: the frequent, the rare, and how evenly rows lie over them.

entropy  H = -sum p log2 p, in bits; evenness H / log2(k) of k categories

source  Shannon 1948, "A Mathematical Theory of Communication", section 6
catalogue  stat-entropy eda-univariate
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.verbs.explore.columns.lengths import lengths_of
from mulle.verbs.explore.summaries import CategorySummary, Lengths
from mulle.verbs.explore.to_json import levels

TOP, RARE = 20, 5
RARE_SHARE = 0.01


@dataclass(frozen=True)
class Counted:
    """The different values of a column, and how often each occurs."""

    values: pl.Series  # of text
    times: Array

    @classmethod
    def of(cls, values: pl.Series) -> Counted:
        """Count the values of a column of text; null is left out."""
        counted = values.drop_nulls().alias("value").value_counts(name="count")
        return cls(counted["value"], counted["count"].to_numpy().astype(np.int64))

    @property
    def filled(self) -> int:
        """Return the number of rows that have a value."""
        return int(self.times.sum())

    def ranked(self, count: int, *, rarest: bool = False) -> tuple[list[str], Array]:
        """Return the most (or least) frequent values, equal ones in alphabetical order."""
        key = self.times if rarest else -self.times
        if len(key) > count:
            bound = np.partition(key, count - 1)[count - 1]
            some = np.flatnonzero(key <= bound)
        else:
            some = np.arange(len(key))
        if len(some) > 50_000:  # ties without end: any of them will do
            some = some[np.argsort(key[some], kind="stable")[:50_000]]
        frame = pl.DataFrame({"k": key[some], "v": self.values.gather(some), "t": self.times[some]})
        frame = frame.sort("k", "v").head(count)
        return frame["v"].to_list(), frame["t"].to_numpy()


def category_summary(
    common: dict[str, Any], counted: Counted, order: tuple[str, ...] = ()
) -> CategorySummary:
    """Return the summary of a column of categories."""
    times, n, k = counted.times, counted.filled, len(counted.times)
    private = common["kind"] == "id"  # whose values are nobody's business, and tell nothing
    shown, shown_times = ([], times[:0]) if private else counted.ranked(TOP)
    few = TOP < k <= 100_000 and not private
    rare, rare_times = counted.ranked(min(RARE, k - TOP), rarest=True) if few else ([], times[:0])
    seldom = times < RARE_SHARE * n
    entropy = entropy_of(times)
    blank = counted.values.str.strip_chars() == ""
    return CategorySummary(
        **common,
        top=levels(shown, shown_times, n),
        rare=levels(rare, rare_times, n),
        others=k - len(shown) - len(rare),
        other_rows=n - int(shown_times.sum()) - int(rare_times.sum()),
        rare_levels=int(seldom.sum()),
        rare_rows=int(times[seldom].sum()),
        singles=int((times == 1).sum()),
        entropy=entropy if n else None,
        evenness=entropy / float(np.log2(k)) if k > 1 else None,
        lengths=_characters(counted),
        blank=int(times[blank.to_numpy()].sum()) if k else 0,
        order=list(order),
    )


def entropy_of(times: Array) -> float:
    """Return Shannon entropy in bits of counts (k,).

    >>> entropy_of(np.array([2, 2]))
    1.0
    """
    total = times.sum()
    if not total:
        return 0.0
    share = times[times > 0] / total
    return float(-(share * np.log2(share)).sum()) + 0.0


def _characters(counted: Counted) -> Lengths:
    characters = counted.values.str.len_chars().to_numpy()
    return lengths_of("characters", characters, counted.times)
