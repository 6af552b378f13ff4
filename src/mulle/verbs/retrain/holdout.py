"""Choose the labelled rows of the test, and those that the challenger may learn from.

Two equal rows are taken for the same row only if they are equal in all columns, also those that no
model reads, and if the old table's own rows hardly repeat. Otherwise leaving them out would favour
rows with a rare label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError, UsageError
from mulle.table import Target, split
from mulle.verbs.retrain.labelled import Labelled
from mulle.verbs.retrain.settings import RECENT, Policy, Settings

MIN_UNIQUE = 0.95  # share of distinct rows from which an equal row is taken for the same row
_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Pool:
    """All labelled rows, the old ones first.

    Attributes:
        frame, y: the rows, and their target as numbers [N].
        is_new: whether each row is new [N]; prints: fingerprints [N], equal for equal rows.
        time: name of the column of moments, if any; times: the same as numbers [N].
        groups: labels [N] of rows that stay together, if any and if there are no moments.
    """

    frame: pl.DataFrame
    y: Array
    is_new: Array
    prints: Array
    time: str | None
    times: Array | None
    groups: Array | None


@dataclass(frozen=True)
class Holdout:
    """Positions of the rows to learn from and of the test, and counts of those left out."""

    train: Array
    held: Array
    counts: dict[str, Any]


def pool_rows(parts: Sequence[Labelled], time: str | None, group: str | None) -> Pool:
    """Join the rows of all tables, the new ones last.

    Args:
        parts: the tables.
        time, group: columns of moments, and of groups of rows that stay together.
    """
    frame = pl.concat([part.frame for part in parts])
    is_new = np.arange(frame.height) >= frame.height - parts[-1].frame.height
    y = np.concatenate([part.y for part in parts])
    prints = pl.concat(_whole(parts)).hash_rows(seed=0).to_numpy()
    groups = None
    if group is not None and time is None:
        groups = frame[group].cast(pl.String).fill_null("").to_numpy()
    return Pool(frame, y, is_new, prints, time, _times(frame, time), groups)


def hold_out(pool: Pool, settings: Settings, target: Target) -> Holdout:
    """Hold out the test, then choose the rows to learn from, by time and by policy."""
    old = pool.prints[~pool.is_new]
    alike = pool.is_new & np.isin(pool.prints, old)
    unique = len(np.unique(old)) >= MIN_UNIQUE * len(old)
    double = alike & unique
    held, held_by = _held(np.flatnonzero(pool.is_new & ~double), pool, settings, target)
    learn = ~double
    learn[held] = False
    late = np.zeros(len(learn), bool)
    if pool.times is not None:
        late = learn & (pool.times >= pool.times[held].min())
    learn &= ~late
    shared = np.zeros(len(learn), bool)
    if pool.groups is not None:
        shared = learn & np.isin(pool.groups, np.unique(pool.groups[held]))
    learn &= ~shared
    train = _by_policy(np.flatnonzero(learn), pool, Policy.parse(settings.policy))
    begins, ends = _span(pool, held)
    counts = {
        "duplicates": int(double.sum()),
        "by_policy": int(learn.sum()) - len(train),
        "by_time": int(late.sum()),
        "by_group": int(shared.sum()),
        "alike": int((alike & ~double).sum()),
        "held_by": held_by,
        "begins": begins,
        "ends": ends,
    }
    return Holdout(train, held, counts)


def _held(new: Array, pool: Pool, settings: Settings, target: Target) -> tuple[Array, str]:
    """Return the rows of the test, and how they were drawn."""
    if len(new) < 2:
        raise DataError("retrain-nothing-new", count=len(new))
    moments, how = None, "random" if pool.groups is None else "group"
    groups = None
    if pool.times is not None:
        moments, how = pool.times[new], "time"
    elif settings.holdout == RECENT:
        moments, how = np.arange(len(new)), "order"
    elif pool.groups is not None:
        groups = pool.groups[new]
    strata = None if target.is_regression or moments is not None else pool.y[new]
    try:
        _, test = split(
            len(new),
            test_size=settings.share,
            stratify=strata,
            groups=groups,
            time=moments,
            random_state=settings.seed,
        )
    except DataError as error:
        raise DataError("holdout-impossible") from error
    return new[test], how


def _by_policy(learn: Array, pool: Pool, policy: Policy) -> Array:
    if policy.kind == "new":
        chosen = pool.is_new[learn]
    elif policy.kind == "recent":
        moments = np.arange(len(pool.y)) if pool.times is None else pool.times
        order = np.argsort(moments[learn], kind="stable")
        chosen = np.sort(order[-int(policy.size) :])
    elif policy.kind == "window":
        if pool.times is None or not pool.frame[str(pool.time)].dtype.is_temporal():
            raise UsageError("window-without-time", policy=str(policy))
        chosen = pool.times[learn] >= pool.times.max() - policy.size * _DAY
    else:
        return learn
    return np.asarray(learn[chosen])


def _whole(parts: Sequence[Labelled]) -> Iterator[pl.DataFrame]:
    """Yield the rows with the further columns that all tables have in the same type."""
    types = [{name: values.dtype for name, values in part.rest.items()} for part in parts]
    shared = [n for n in types[0] if all(found.get(n) == types[0][n] for found in types)]
    for part in parts:
        yield pl.DataFrame([*part.frame.get_columns(), *(part.rest[name] for name in shared)])


def _times(frame: pl.DataFrame, name: str | None) -> Array | None:
    """Return moments [N] as numbers, microseconds for dates; rows without one are the earliest."""
    if name is None:
        return None
    if frame[name].dtype == pl.String:
        raise DataError("time-not-a-moment", column=name, received=frame[name].drop_nulls()[0])
    return frame[name].cast(pl.Float64, strict=False).fill_null(-np.inf).to_numpy()


def _span(pool: Pool, rows: Array) -> tuple[str, str]:
    """Return the first and last moment of some rows, as text."""
    if pool.time is None or not (moments := pool.frame[pool.time][rows].drop_nulls()).len():
        return "", ""
    return str(moments.min()), str(moments.max())
