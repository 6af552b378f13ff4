"""Split rows: at random, stratified, by group or along time; once, or into folds.

What is learned on the one part must say something about the other. Rows of one group (a patient, a
shop) never stand in both; along time the later part is always the one that is judged. Strata are
kept where each class has a member for every part, and are dropped without complaint where not.

catalogue  split-three split-small split-contam cv-kfold cv-strat cv-group
source  scikit-learn, sklearn.model_selection (KFold, StratifiedKFold, GroupKFold,
        StratifiedGroupKFold, TimeSeriesSplit)
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from mulle.errors import DataError, UsageError
from mulle.table.schema import Table

Rows = NDArray[np.int64]


def split(
    n: int,
    *,
    test_size: float = 0.2,
    stratify: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    random_state: int = 0,
) -> tuple[Rows, Rows]:
    """Split rows into those to learn from and those to test on.

    Args:
        n: number of rows, at least 2.
        test_size: share of rows to judge by, between 0 and 1; groups stay whole, so it is then met
            as nearly as they allow.
        stratify: n class labels whose shares both parts keep.
        groups: n group labels; no group stands in both parts.
        time: n moments; the latest rows are judged by, and equal moments stay together.
        random_state: seed of the shuffle.

    Returns:
        Sorted row numbers of both parts; together they are all n rows.

    Raises:
        UsageError: `test_size` is not between 0 and 1, or both groups and time are given.
        DataError: there are fewer than 2 rows, groups or moments.

    >>> train, test = split(10, test_size=0.3)
    >>> len(train), len(test)
    (7, 3)
    """
    if not 0 < test_size < 1:
        raise UsageError("test-size-wrong", received=test_size)
    _check(n, 2, "rows")
    _only_one(groups, time)
    wanted = min(max(round(n * test_size), 1), n - 1)
    if time is not None:
        test = _latest(np.asarray(time), wanted)
    elif groups is not None:
        test = _whole_groups(_codes(groups), _codes(stratify), wanted, random_state)
    else:
        test = _random(n, _codes(stratify), wanted, random_state)
    return np.setdiff1d(np.arange(n), test), np.sort(test)


def folds(
    n: int,
    k: int,
    *,
    stratify: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    random_state: int = 0,
) -> list[tuple[Rows, Rows]]:
    """Split rows k times into those to learn from and those to validate on.

    Without `time` each row is validated on once. With it, the latest k blocks of n // (k + 1) rows
    are validated on, each by all that came before it.

    Args:
        n: number of rows, at least k (k + 1 along time).
        k: number of folds, at least 2; fewer where there are fewer groups or moments.
        stratify: n class labels whose shares the folds keep.
        groups: n group labels; no group stands on both sides of a fold.
        time: n moments; no row is learned from that is later than one validated on.
        random_state: seed of the shuffle.

    Raises:
        UsageError: k is below 2, or both groups and time are given.
        DataError: there are too few rows, groups or moments.

    >>> [valid.tolist() for _, valid in folds(4, 2, time=[30, 10, 20, 40])]
    [[0], [3]]
    """
    if k < 2:
        raise UsageError("folds-too-few", folds=k)
    _only_one(groups, time)
    if time is not None:
        return _along_time(np.asarray(time), k)
    _check(n, k, "rows")
    group, strata = _codes(groups), _kept(_codes(stratify), k)
    if group is not None:
        count = int(group.max()) + 1
        _check(count, 2, "groups")
        k = min(k, count)
    splitter = _splitter(k, strata, group, random_state)
    return [(train, valid) for train, valid in splitter.split(np.zeros(n), strata, group)]


def keeps_strata(labels: ArrayLike | None, parts: int, least: int) -> bool:
    """Tell whether rows can be divided so that all parts have the same share of each class.

    Args:
        labels: n class labels; None where there are no classes.
        parts: how many parts there are.
        least: rows of the smallest part.

    >>> keeps_strata(["a", "a", "b", "b"], 2, 2), keeps_strata(["a", "a", "a", "b"], 2, 2)
    (True, False)
    """
    codes = _codes(labels)
    return _kept(codes, parts) is not None and codes is not None and least > int(codes.max())


def duplicates_across(train: Table, test: Table) -> int:
    """Count the rows of `test` that stand in `train` as well, equal in every column.

    Columns that tell rows apart by definition (`id`) do not count.

    Raises:
        UsageError: the tables have different columns.
    """
    if train.names != test.names:
        raise UsageError("columns-differ")
    names = [c.name for c in train.schema.columns if c.kind != "id"]
    if not names:
        return 0
    known, asked = (
        pl.DataFrame([table.frame[name].alias(str(i)) for i, name in enumerate(names)])
        for table in (train, test)
    )
    # By the hashes of rows first: a join of all columns would take as much memory as the tables.
    hashes, wanted = known.hash_rows(), asked.hash_rows()
    known = known.filter(hashes.is_in(wanted.implode()))
    asked = asked.filter(wanted.is_in(hashes.implode()))
    return asked.join(known, on=asked.columns, how="semi", nulls_equal=True).height


def _codes(values: ArrayLike | None) -> Rows | None:
    """Number labels of any sort 0, 1, ...; missing labels are one of them."""
    if values is None:
        return None
    labels = values if isinstance(values, pl.Series) else pl.Series(np.asarray(values))
    if labels.dtype == pl.Object:  # texts with a missing one among them
        labels = pl.Series([None if value is None else str(value) for value in labels])
    ranks = labels.rank("dense").cast(pl.Int64)
    if ranks.null_count() == 0:
        ranks = ranks - 1
    return np.asarray(ranks.fill_null(0).to_numpy(), dtype=np.int64)


def _kept(codes: Rows | None, parts: int) -> Rows | None:
    """Return the strata, or None where a class has fewer members than there are parts."""
    if codes is None:
        return None
    counts = np.bincount(codes)
    return codes if counts[counts > 0].min() >= parts else None


def _random(n: int, strata: Rows | None, wanted: int, random_state: int) -> Rows:
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(
        np.arange(n),
        test_size=wanted,
        stratify=strata if keeps_strata(strata, 2, min(wanted, n - wanted)) else None,
        random_state=random_state,
    )
    return np.asarray(test, dtype=np.int64)


def _whole_groups(group: Rows | None, strata: Rows | None, wanted: int, random_state: int) -> Rows:
    """Choose the fold of groups whose size is nearest to the one wanted."""
    sizes = np.bincount(group if group is not None else np.zeros(1, dtype=np.int64))
    _check(len(sizes), 2, "groups")
    n = int(sizes.sum())
    k = min(max(round(n / wanted), 2), len(sizes))
    if n / wanted < 2:  # more than half is wanted: choose what to learn from instead
        k = min(max(round(n / (n - wanted)), 2), len(sizes))
    splitter = _splitter(k, _kept(strata, k), group, random_state)
    options = [
        part for pair in splitter.split(np.zeros(n), _kept(strata, k), group) for part in pair
    ]
    best = min(options, key=lambda part: abs(len(part) - wanted))
    return np.asarray(best, dtype=np.int64)


def _splitter(k: int, strata: Rows | None, group: Rows | None, random_state: int) -> Any:
    from sklearn import model_selection as ms

    options: dict[str, Any] = {"n_splits": k, "shuffle": True, "random_state": random_state}
    if group is not None:
        return ms.GroupKFold(**options) if strata is None else ms.StratifiedGroupKFold(**options)
    return ms.KFold(**options) if strata is None else ms.StratifiedKFold(**options)


def _latest(time: NDArray[Any], wanted: int) -> Rows:
    moments = _moments(time)
    _check(int(moments.max()) + 1, 2, "moments")
    order = np.argsort(moments, kind="stable")
    border = max(int(moments[order[-wanted]]), 1)  # the first moment is always learned from
    return np.flatnonzero(moments >= border)


def _along_time(time: NDArray[Any], k: int) -> list[tuple[Rows, Rows]]:
    moments = _moments(time)
    count = int(moments.max()) + 1 if len(moments) else 0
    _check(count, 2, "moments")
    k = min(k, count - 1)
    order, size = np.sort(moments), max(len(moments) // (k + 1), 1)
    at = [order[len(order) - size * i] for i in range(k, 0, -1)]
    borders = [*np.unique(np.maximum(at, 1)).tolist(), count]
    return [
        (np.flatnonzero(moments < low), np.flatnonzero((moments >= low) & (moments < high)))
        for low, high in itertools.pairwise(borders)
    ]


def _moments(time: NDArray[Any]) -> Rows:
    """Rank moments from 0; rows without a moment count as the earliest."""
    codes = _codes(time)
    return codes if codes is not None else np.zeros(0, dtype=np.int64)


def _only_one(groups: ArrayLike | None, time: ArrayLike | None) -> None:
    if groups is not None and time is not None:
        raise UsageError("split-ambiguous")


def _check(count: int, least: int, what: str) -> None:
    if count < least:
        raise DataError("split-impossible", count=count, unit=what, least=least)
