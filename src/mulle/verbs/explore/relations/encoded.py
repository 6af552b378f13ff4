"""Sampled columns as arrays: numbers as float64 with nan, categories and bins as small codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.table import Column, Kind

LEVELS, BINS = 50, 16
NUMBERS = {Kind.continuous, Kind.discrete, Kind.datetime}
CATEGORIES = {Kind.boolean, Kind.nominal, Kind.ordinal}


@dataclass(frozen=True)
class EncodedColumn:
    """One sampled column of n rows.

    Attributes:
        x: numbers, dates and booleans as float64 (n,), nan for missing; None for other categories.
        codes: 0 for missing, else 1 ... k: categories, from the most frequent down, or bins of
            equal frequency (n,).
        k: how many codes there are, missing not counted.
        labels: of the categories, `labels[c - 1]`; empty for bins.
        lumped: whether the last code stands for all categories beyond the first `LEVELS` - 1.
        edges: of the bins: bin c holds [edges[c - 1], edges[c]).
    """

    column: Column
    x: Array | None
    codes: Array
    k: int
    labels: list[str]
    lumped: bool = False
    edges: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.column.name

    @property
    def is_number(self) -> bool:
        """Whether it is compared as a number; a boolean is a category of two."""
        return self.column.kind in NUMBERS


def encode(column: Column, values: pl.Series) -> EncodedColumn:
    """Encode a column of numbers, dates, booleans or categories.

    >>> from mulle.table import Storage
    >>> c = encode(Column("x", Kind.nominal, Storage.string), pl.Series(["b", None, "b", "a"]))
    >>> c.codes.tolist(), c.labels
    ([1, 0, 1, 2], ['b', 'a'])
    """
    if column.kind in NUMBERS:
        x = _floats(values)
        codes, k, edges = binned(x)
        return EncodedColumn(column, x, codes, k, [], edges=edges)
    floats = _floats(values) if values.dtype != pl.String else None
    text = values if values.dtype == pl.String else _yes_no(values)
    codes, labels, lumped = _categories(text)
    return EncodedColumn(column, floats, codes, len(labels), labels, lumped)


def binned(x: Array) -> tuple[Array, int, tuple[float, ...]]:
    """Encode numbers (n,): each distinct value, or bins of equal frequency; 0 for nan."""
    present = x[~np.isnan(x)]
    values = np.unique(present)
    if not len(values):
        return np.zeros(len(x), np.int64), 0, ()
    if len(values) > BINS:
        cuts = np.quantile(present, np.arange(1, BINS) / BINS, method="higher")
        values = np.unique(np.concatenate((values[:1], cuts)))
    codes = np.searchsorted(values, x, side="right")
    codes[np.isnan(x)] = 0
    return codes.astype(np.int64), len(values), (*values.tolist(), float(present.max()))


def _floats(values: pl.Series) -> Array:
    if values.dtype.is_temporal():
        values = values.to_physical()
    with np.errstate(over="ignore"):
        x = values.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)
    x[~np.isfinite(x)] = np.nan
    return x


def _yes_no(values: pl.Series) -> pl.Series:
    return values.cast(pl.Int64, strict=False).cast(pl.String)


def _categories(text: pl.Series) -> tuple[Array, list[str], bool]:
    present = text.drop_nulls().alias("v")
    counted = present.value_counts(name="n").sort("n", "v", descending=[True, False])
    labels = counted["v"].head(LEVELS).to_list()
    lumped = counted.height > LEVELS
    if not labels:
        return np.zeros(len(text), np.int64), [], False
    if lumped:
        labels = labels[: LEVELS - 1]
    index = pl.Series(range(1, len(labels) + 1), dtype=pl.Int64)
    other = len(labels) + 1
    codes = text.replace_strict(
        pl.Series(labels, dtype=pl.String), index, default=other, return_dtype=pl.Int64
    )
    found = pl.select(pl.when(text.is_null()).then(0).otherwise(codes)).to_series().to_numpy()
    return found, [*labels, "…"] if lumped else labels, lumped


def joint(a: EncodedColumn, b: EncodedColumn) -> Array:
    """Count the rows of each pair of codes, without rows that lack one; (a.k, b.k) float64."""
    return counts(a.codes, b.codes, a.k, b.k)


def counts(a: Array, b: Array, ka: int, kb: int) -> Array:
    """Count pairs of two codes (n,) from 0, without the rows and columns of code 0."""
    cells = np.bincount(a * (kb + 1) + b, minlength=(ka + 1) * (kb + 1))
    found: Array = cells.reshape(ka + 1, kb + 1)[1:, 1:].astype(np.float64)
    return found
