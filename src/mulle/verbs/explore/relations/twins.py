"""Columns that say the same: copies, renamed copies, and numbers that differ by a unit.

catalogue  eda-bivariate
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mulle.table import Kind
from mulle.verbs.explore.relation_data import Twins
from mulle.verbs.explore.relations.categories import cramers_v, trimmed
from mulle.verbs.explore.relations.encoded import EncodedColumn, counts
from mulle.verbs.explore.relations.pairs import MIN_ROWS, Measured

LINEAR, MONOTONE, RENAMED = 0.999, 0.9999, 0.99
MAX_COLUMNS = 200


def equal(fingerprints: Mapping[str, tuple[str, int]], names: Iterable[str]) -> list[Twins]:
    """Return columns that are equal in all rows, by fingerprints of 64 bits.

    Args:
        fingerprints: type and fingerprint by column.
        names: of the columns to look at, in order.
    """
    first: dict[tuple[str, int], str] = {}
    out = []
    for name in names:
        if name in fingerprints:
            other = first.setdefault(fingerprints[name], name)
            if other != name:
                out.append(Twins(other, name, "equal", 1.0))
    return out[:MAX_COLUMNS]


def alike(measured: Measured, known: Sequence[Twins]) -> list[Twins]:
    """Return pairs with the same content in other words or units, in the sampled rows."""
    gone = {frozenset((t.a, t.b)) for t in known}
    columns, out = measured.columns, []
    for j in range(len(columns)):
        for i in range(j):
            a, b = columns[i], columns[j]
            if frozenset((a.name, b.name)) in gone or measured.rows[i, j] < MIN_ROWS:
                continue
            found = _numbers(measured, i, j) if a.is_number and b.is_number else None
            found = found or _renamed(a, b)
            if found:
                out.append(Twins(a.name, b.name, *found))
    return out[:MAX_COLUMNS]


def _numbers(measured: Measured, i: int, j: int) -> tuple[str, float] | None:
    pearson, spearman = measured.found["pearson"][i, j], measured.found["spearman"][i, j]
    if abs(pearson) >= LINEAR:
        return "linear", float(abs(pearson))
    if abs(spearman) >= MONOTONE:
        return "monotone", float(abs(spearman))
    return None


def _renamed(a: EncodedColumn, b: EncodedColumn) -> tuple[str, float] | None:
    """Return whether values of two columns correspond one to one, but for 1% of the rows."""
    if a.lumped or b.lumped or Kind.continuous in {a.column.kind, b.column.kind}:
        return None
    if not 1 < a.k == b.k or {a.column.kind, b.column.kind} & {Kind.datetime}:
        return None
    table = trimmed(counts(a.codes, b.codes, a.k, b.k))
    if table.shape != (a.k, b.k) or len({*table.argmax(1)}) < a.k:
        return None
    share = float(table.max(1).sum() / table.sum())
    alike = cramers_v(table, corrected=False) >= RENAMED
    missing = float(((a.codes == 0) == (b.codes == 0)).mean())
    if share < RENAMED or not alike or missing < RENAMED or np.isnan(share):
        return None
    return "renamed", share
