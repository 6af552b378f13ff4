"""Rows: what their cells hold, and which are learned from."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

NO_DATE = np.iinfo(np.int64).min  # stands for a missing date
NO_TEXT = "\ue000"  # stands for a missing string


def as_columns(table: Any) -> Any:
    """Return each column as an array of one number, date or string a row."""
    found = {}
    for column in table.iter_columns():
        if column.dtype == pl.String:
            values = column.fill_null(NO_TEXT).to_numpy().astype(object)
        elif column.dtype == pl.Datetime:
            values = column.to_physical().fill_null(NO_DATE).to_numpy()
        else:
            values = column.fill_null(float("nan")).to_numpy()
        found[column.name] = values.reshape(-1, 1)
    return found


def moments_of(values: Any) -> Any:
    """Return the place of each row in time; rows without a moment are the earliest."""
    return values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()


def latest(moments: Any, count: int) -> Any:
    """Return the earlier and the latest rows, about so many; equal moments stay together."""
    moments = np.unique(moments, return_inverse=True)[1]
    border = max(int(moments[np.argsort(moments, kind="stable")[-count]]), 1)
    return np.flatnonzero(moments < border), np.flatnonzero(moments >= border)


def along_time(moments: Any, k: int) -> Any:
    """Return k folds, each validated on the rows that come after those learned from."""
    moments = np.unique(moments, return_inverse=True)[1]
    count = int(moments.max()) + 1
    order, size = np.sort(moments), max(len(moments) // (k + 1), 1)
    ends = [order[len(order) - size * i] for i in range(min(k, count - 1), 0, -1)]
    borders = [*np.unique(np.maximum(ends, 1)).tolist(), count]
    return [
        (np.flatnonzero(moments < low), np.flatnonzero((moments >= low) & (moments < high)))
        for low, high in pairwise(borders)
    ]


def groups_of(values: Any) -> Any:
    """Return the number of each row's group; a row without one is a group by itself."""
    missing = values.is_null()
    alone = missing.cum_sum().cast(pl.Int64) + (len(values) + 1)
    return values.rank("dense").cast(pl.Int64).zip_with(~missing, alone).to_numpy()


def nearest_fold(splits: Any, count: int) -> Any:
    """Return the division whose test rows are nearest to so many: groups stay whole."""
    options = [(a, b) for pair in splits for a, b in (pair[::-1], pair)]
    train, test = min(options, key=lambda pair: abs(len(pair[1]) - count))
    return np.sort(train), np.sort(test)


def balanced(y: Any, classes: int) -> Any:
    """Return weights under which rare classes count as much as frequent ones."""
    counts = np.bincount(y, minlength=classes)
    return (len(y) / (classes * np.maximum(counts, 1)))[y]


def some_of(rows: Any, count: int, seed: int) -> Any:
    """Return so many of some rows, drawn at random."""
    return np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))
