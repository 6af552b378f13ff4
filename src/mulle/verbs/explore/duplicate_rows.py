"""What is known of whole rows while only one column at a time is in memory.

Each column adds to every row a 64-bit hash of its value, mixed with a number of the column's own;
rows that are alike have equal sums. Two of n different rows have the same sum with a chance below
n^2 / 2^65: 0.00003 for 1,000 million rows. In the same way a column adds a number of its own to the
rows in which it is missing, so that equal sums are equal patterns of missing values.

source  Zobrist 1970, "A New Hashing Method with Application for Game Playing"
catalogue  eda-missing
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.verbs.explore.relation_data import DuplicateRows, Missing, Pattern

MAX_ROWS = 200_000_000  # beyond, the sums themselves are too large
PATTERNS, COUNTED, SHOWN = 20, 20, 20
_ONE, _TWO = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def mixed(h: Array) -> Array:
    """Spread hashes (n,) over all 64 bits in place (the finish of SplitMix64)."""
    h ^= h >> np.uint64(30)
    h *= _TWO
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return h


class Rows:
    """Sums of hashes over the columns; columns may be added from several threads.

    Attributes:
        height: rows.
        fingerprints: type, and 64 bits of all values in their order, by column.
        masks: which rows lack a value, packed into bits, of the columns that lack any.
    """

    def __init__(self, height: int) -> None:
        self.height = height
        self.fingerprints: dict[str, tuple[str, int]] = {}
        self._sums = np.zeros(height, np.uint64)
        self._ids: dict[str, Array] = {}
        self._patterns = np.zeros(height, np.uint64)
        self._lacking = np.zeros(height, np.uint16)
        self.masks: dict[str, Array] = {}
        self._weights = mixed(np.arange(1, height + 1, dtype=np.uint64) * _ONE)
        self._lock = threading.Lock()

    def add(self, name: str, values: pl.Series, *, identifier: bool) -> None:
        """Add one column.

        Args:
            name: of the column.
            values: one for each row.
            identifier: whether copies of a row would differ in it.
        """
        h = values.hash(0).to_numpy().astype(np.uint64)  # a copy that may be changed
        with np.errstate(over="ignore"):
            fingerprint = int((h * self._weights).sum(dtype=np.uint64))
            own = mixed(np.frombuffer(_digest(name), np.uint64).copy())
            h ^= own
            h = mixed(h)
            mask = values.is_null().to_numpy() if values.null_count() else None
            with self._lock:
                self.fingerprints[name] = (str(values.dtype), fingerprint)
                self._sums += h
                if identifier:
                    self._ids[name] = h
                if mask is not None:
                    self._patterns[mask] += own[0]
                    self._lacking += mask
                    self.masks[name] = np.packbits(mask)

    def duplicates(self) -> DuplicateRows:
        """Return rows that are the copy of an earlier one, with and without identifiers."""
        rows, groups, shown = _copies(self._sums)
        if not self._ids or len(self._ids) == len(self.fingerprints):
            return DuplicateRows(rows, groups, None, [], shown)
        rest = self._sums.copy()
        with np.errstate(over="ignore"):
            for h in self._ids.values():
                rest -= h
        return DuplicateRows(rows, groups, _copies(rest)[0], sorted(self._ids), shown)

    def missing(self, names: list[str]) -> Missing:
        """Return patterns of missing values; `together` is left to the sampled rows.

        Args:
            names: of all columns, in order.
        """
        by_count = np.bincount(np.minimum(self._lacking, COUNTED))
        complete = int(by_count[0]) if self.height else 0
        if not self.masks:
            return Missing(complete, by_count=by_count.tolist())
        found, first, rows = np.unique(self._patterns, return_index=True, return_counts=True)
        some = np.flatnonzero(found != 0)
        some = some[np.lexsort((first[some], -rows[some]))]
        kept = [n for n in names if n in self.masks]
        patterns = [
            Pattern([n for n in kept if self._lacks(n, int(first[k]))], int(rows[k]))
            for k in some[:PATTERNS]
        ]
        return Missing(complete, patterns, max(0, len(some) - PATTERNS), by_count.tolist())

    def shared(self, other: Rows) -> int:
        """Return rows of another table, of the same columns, that are rows of this one as well."""
        return int(np.isin(other._sums, self._sums).sum())

    def _lacks(self, name: str, row: int) -> bool:
        return bool(self.masks[name][row // 8] >> (7 - row % 8) & 1)


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()


def _copies(sums: Array) -> tuple[int, int, list[int]]:
    """Count rows that repeat an earlier one and groups of them; return some positions, from 1."""
    ordered = np.sort(sums)
    same = ordered[1:] == ordered[:-1]
    rows = int(same.sum())
    if not rows:
        return 0, 0, []
    repeated = np.unique(ordered[1:][same])
    places = np.flatnonzero(np.isin(sums, repeated[:SHOWN]))[: 2 * SHOWN]
    return rows, len(repeated), [int(p) + 1 for p in places]
