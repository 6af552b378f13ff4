"""Counts of values: exact up to a number of values, then of the frequent ones with a bound.

invariant   counts[v] <= true count of v <= counts[v] + slack, for every v (0 if it is not listed)

Merging adds counts and slacks; cutting back to the cap raises the slack by the largest count let
go. While nothing was let go the slack is 0 and everything is exact.

source  Agarwal et al. 2012, "Mergeable summaries", section 3 (the guarantee; the rule is simpler)
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array

CAP = 10_000


class Tally(msgspec.Struct, frozen=True):
    """Values from the most frequent down, with their counts.

    Attributes:
        values: numbers, or strings.
        counts: how often each occurs, at least.
        distinct: how many different values there are; at least so many if not `exact`.
        exact: whether `distinct` is.
        slack: how many more times any value may occur, listed or not.

    >>> Tally.of(np.array(["a", "b"]), np.array([2, 5])).merge(
    ...     Tally.of(np.array(["a"]), np.array([9]))
    ... )
    Tally(values=['a', 'b'], counts=[11, 5], distinct=2, exact=True, slack=0)
    """

    values: list[float | str]
    counts: list[int]
    distinct: int = 0
    exact: bool = True
    slack: int = 0

    @classmethod
    def of(cls, values: Array, counts: Array, *, cap: int = CAP) -> Tally:
        """Return the tally of different values (m,), in ascending order, with counts (m,)."""
        distinct, slack = len(values), 0
        if distinct > cap:
            # single values tell nothing here, and a text or an identifier is nobody's business
            some = np.flatnonzero(counts > 1)
            if len(some) > cap:
                some = some[np.sort(np.argsort(-counts[some], kind="stable")[:cap])]
            gone = np.ones(distinct, bool)
            gone[some] = False
            slack = int(counts[gone].max())
            values, counts = values[some], counts[some]
        order = np.argsort(-counts, kind="stable")
        return cls(values[order].tolist(), counts[order].tolist(), distinct, True, slack)

    def merge(self, other: Tally, *, cap: int = CAP) -> Tally:
        """Return the tally of both."""
        both: Counter[Any] = Counter(dict(zip(self.values, self.counts, strict=True)))
        both.update(dict(zip(other.values, other.counts, strict=True)))
        listed = sorted(both.items(), key=lambda item: (-item[1], item[0]))
        slack, gone = self.slack + other.slack, listed[cap:]
        whole = self.slack == other.slack == 0
        distinct = len(listed) if whole else max(self.distinct, other.distinct, len(listed))
        return Tally(
            [v for v, _ in listed[:cap]],
            [c for _, c in listed[:cap]],
            distinct,
            whole or (self.exact and not other.distinct) or (other.exact and not self.distinct),
            slack + (gone[0][1] if gone else 0),
        )

    @property
    def top(self) -> int:
        """Count of the most frequent value."""
        return self.counts[0] if self.counts else self.slack
