"""The columns that are no features: what rows weigh, what keeps them together, what orders them."""

from __future__ import annotations

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError
from mulle.table import Doubt, Kind, Storage, Table, Target
from mulle.verbs.fit.settings import Settings

EXAMPLES = 3
_DIGITS = r"\d+"


def groups_of(table: Table, name: str | None) -> tuple[Array | None, list[Doubt]]:
    """Return codes [N] of the groups of rows; a row without a group is one by itself.

    Args:
        table: n rows.
        name: of the column that groups them; None where there is none.
    """
    if name is None:
        return None, []
    ranks = table.column(name).rank("dense").cast(pl.Int64)
    missing = ranks.is_null()
    alone = missing.cum_sum().cast(pl.Int64) + (table.height + 1)
    codes = ranks.zip_with(~missing, alone)
    count = int(missing.sum())
    doubts = [Doubt("group-missing", name, count)] if count else []
    return np.asarray(codes.to_numpy(), dtype=np.int64), doubts


def times_of(table: Table, name: str | None) -> tuple[Array | None, list[Doubt]]:
    """Return ranks [N] of the moments of rows; rows without one count as the earliest.

    Args:
        table: n rows.
        name: of the column that orders them; None where there is none.

    Raises:
        DataError: the column is text whose order is not that of time.
    """
    if name is None:
        return None, []
    column, values = table.schema[name], table.column(name)
    if column.kind is Kind.ordinal and column.categories:
        ranks = {text: rank for rank, text in enumerate(column.categories)}
        values = values.replace_strict(ranks, default=None, return_dtype=pl.Int64)
    elif column.storage is Storage.string and not _sorts_as_time(values):
        examples = values.drop_nulls().unique(maintain_order=True).head(EXAMPLES).to_list()
        raise DataError("time-column-text", where=table.source, column=name, received=examples)
    count = values.null_count()
    doubts = [Doubt("time-missing", name, count)] if count else []
    ranks_of = values.rank("dense").cast(pl.Int64).fill_null(0)
    return np.asarray(ranks_of.to_numpy(), dtype=np.int64), doubts


def weights_of(table: Table, y: Array, target: Target, settings: Settings) -> Array | None:
    """Return what each row counts in training [N]; None where all count alike.

    Raises:
        DataError: a weight is no number of 0 or more, or all rows of a class weigh nothing.
    """
    name, weight = settings.weight, None
    if name is not None:
        weight = table.column(name).to_numpy()
        if not _are_weights(weight):
            raise DataError("weight-invalid", column=name)
        if not target.is_regression:
            _check_classes_weigh(weight, y, target, name)
    if settings.class_weight == "balanced" and not target.is_regression:
        counts = np.bincount(y, minlength=len(target.labels))
        balance = (len(y) / (len(target.labels) * np.maximum(counts, 1)))[y]
        weight = balance if weight is None else weight * balance
    return weight


def _are_weights(values: Array) -> bool:
    numeric = values.dtype.kind in "fiu"
    return numeric and bool(np.isfinite(values).all() and (values >= 0).all() and values.any())


def _check_classes_weigh(weight: Array, y: Array, target: Target, name: str) -> None:
    totals = np.bincount(y, weight, minlength=len(target.labels))
    nothing = [str(target.labels[code]) for code in np.flatnonzero(totals == 0)]
    if nothing:
        raise DataError("weight-of-class", column=name, labels=nothing)


def _sorts_as_time(values: pl.Series) -> bool:
    """Tell whether texts sort as time: alike but for digits of one width, the year first.

    `2023-02` and `W07` sort as they should; `2023년 10월` stands before `2023년 2월`.
    """
    text = values.drop_nulls().unique().alias("x")
    shapes = text.str.replace_all(r"\d", "0").unique()
    if len(shapes) != 1:
        return False
    runs = pl.Series(shapes).str.extract_all(_DIGITS)[0]
    return len(runs) == 1 or (len(runs) > 1 and len(runs[0]) == 4)
