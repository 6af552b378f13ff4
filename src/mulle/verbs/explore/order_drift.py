"""Columns that change down the table: the first half of the rows compared with the second.

The comparison is that of `mulle.profile.drift` with a higher threshold: rows of most tables are in
some order, and what matters here is a change that would spoil a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from mulle.profile.counting import add_values, count_column, known_categories
from mulle.profile.drift import Limits, Pair, compare_columns
from mulle.table import Column, Kind

LIMITS = Limits(threshold=0.1)
_COMPARED = (Kind.continuous, Kind.discrete, Kind.boolean, Kind.nominal, Kind.ordinal)


def compare_halves(columns: Sequence[Column], sample: Mapping[str, pl.Series]) -> dict[str, float]:
    """Return the columns that drift between the halves of the rows, each with its effect.

    Args:
        columns: columns of the table; dates, texts and identifiers are left out.
        sample: sampled rows by column, in the order of the table.
    """
    pairs = {c.name: _pair(c, sample[c.name]) for c in columns if c.kind in _COMPARED}
    drifts = compare_columns(pairs, LIMITS)
    return {name: d.score for name, d in drifts.items() if d.drift_detected and d.score is not None}


def _pair(column: Column, values: pl.Series) -> Pair:
    middle = len(values) // 2
    first = count_column(column, values[:middle])
    second = first.empty()
    add_values(second, values[middle:], known_categories(first))
    return Pair(first, second, column.kind)
