"""The labelled rows of a retraining: what the challenger learns from, and what both are tested on.

The test is held out of the new rows: the most recent ones where there is a time column. No row
that the champion is known to have learned from is in it, nor one that the challenger learns from.

catalogue  split-contam
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.bundle import Manifest
from mulle.errors import DataError, UsageError
from mulle.fit.task import Task, codes_like
from mulle.graph import Array
from mulle.table import Column, Kind, Schema, Table, read, split
from mulle.table.sources import load
from mulle.watch.retrain.settings import RECENT, Policy, Settings

_DAY = 86_400_000_000  # microseconds


class Counts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the rows; this stands in the ledger.

    Attributes:
        old, new: labelled rows that were given.
        unlabelled: rows without a value of the target; left out.
        duplicates: new rows that stand among the old ones; left out.
        holdout, train: rows of the test, rows that the challenger learns from.
        by_policy: rows that the policy leaves out; by_time: old ones later than the test begins.
        seen: rows taken out of the test because an equal one is learned from.
        held_by: how the test was drawn: `time`, `order` or `random`.
        champion_rows: whether those the champion learned from were given and are not in the test
            (`excluded`), or this is not known (`unknown`).
        begins, ends: first and last moment of the test.
    """

    old: int
    new: int
    unlabelled: int
    duplicates: int
    holdout: int
    train: int
    policy: str
    by_policy: int = 0
    by_time: int = 0
    seen: int = 0
    held_by: str = "random"
    champion_rows: str = "unknown"
    begins: str = ""
    ends: str = ""
    files: dict[str, str] = {}


@dataclass(frozen=True)
class Rows:
    """The rows, as `fit` takes them.

    Attributes:
        train, holdout: the champion's columns, the target, and the columns with a role.
        y: the target of the held-out rows as numbers [N]; `y_train` that of the others.
        drop: columns that are no features.
        roles: options of `fit` that name columns.
        fingerprint: SHA-256 of the held-out rows.
    """

    train: Table
    holdout: Table
    y: Array
    y_train: Array
    drop: tuple[str, ...]
    roles: Mapping[str, str]
    counts: Counts
    fingerprint: str


def take_rows(
    manifest: Manifest, new: Any, old: Sequence[Any], settings: Settings, given: Mapping[str, Any]
) -> Rows:
    """Read, check, part and count the rows.

    Args:
        manifest: the champion's.
        new, old: tables as `mulle.read` takes them.
        settings: policy, test and time column.
        given: what the champion was fitted with: time_column, group, weight.

    Raises:
        PredictionError: a column of the champion is missing.
        DataError: there is no label, one that the champion does not know, or nothing to hold out.
        UsageError: the policy needs a time column.
    """
    roles = {k: str(v) for k, v in given.items() if k in {"time_column", "group", "weight"}}
    if settings.time_column:
        roles["time_column"] = settings.time_column
    files = {str(s): _sha256(Path(s)) for s in (new, *old) if isinstance(s, str | Path)}
    _refuse_known(manifest, new, files)
    task = Task(manifest.task, manifest.target, manifest.labels)
    parts = [_labelled(source, manifest, task, roles) for source in (*old, new)]
    pool = _pooled(parts, roles.get("time_column"))
    division = _divided(pool, settings, task)
    counts = Counts(
        old=int((~pool.is_new).sum()),
        new=int(pool.is_new.sum()),
        unlabelled=sum(part.unlabelled for part in parts),
        holdout=len(division.held),
        train=len(division.train),
        policy=settings.policy,
        champion_rows=_champion_rows(manifest, files, old),
        files=files,
        **division.counts,
    )
    if not counts.train:
        raise DataError(
            "retrain-no-rows",
            f"No row is left to learn from under the policy {settings.policy!r}.",
            fix="Give more rows, or another --policy.",
        )
    whole = Table(pool.frame, Schema(_columns(manifest, parts[0].extras)), (), _name(new, old))
    train, held = division.train, division.held
    drop = tuple(n for n in dict.fromkeys(roles.values()) if n not in manifest.schema.names)
    digest = hashlib.sha256(np.sort(pool.prints[held]).tobytes()).hexdigest()
    tables = whole.take(train), whole.take(held)
    return Rows(*tables, pool.y[held], pool.y[train], drop, roles, counts, digest)


@dataclass(frozen=True)
class _Pool:
    """All labelled rows, the old ones first.

    Attributes:
        frame, y: the rows, and their target as numbers [N].
        is_new: which are new [N]; prints: fingerprints [N], equal for equal rows.
        time: the column of moments, if any; times: the same as numbers [N].
    """

    frame: pl.DataFrame
    y: Array
    is_new: Array
    prints: Array
    time: str | None
    times: Array | None


@dataclass(frozen=True)
class _Division:
    """Positions of the rows to learn from and of the test, and what was left out on the way."""

    train: Array
    held: Array
    counts: dict[str, Any]


def _pooled(parts: Sequence[_Labelled], time: str | None) -> _Pool:
    frame = pl.concat([part.frame for part in parts])
    is_new = np.arange(frame.height) >= frame.height - parts[-1].frame.height
    y = np.concatenate([part.y for part in parts])
    prints = frame.hash_rows(seed=0).to_numpy()
    return _Pool(frame, y, is_new, prints, time, _times(frame, time))


def _divided(pool: _Pool, settings: Settings, task: Task) -> _Division:
    """Hold out the test, then take what may be learned from, by time and by policy."""
    double = pool.is_new & np.isin(pool.prints, pool.prints[~pool.is_new])
    held, held_by = _held(np.flatnonzero(pool.is_new & ~double), pool, settings, task)
    learn = ~double
    learn[held] = False
    late = np.zeros(len(learn), bool)
    if pool.times is not None:
        late = learn & (pool.times >= pool.times[held].min())
    learn &= ~late
    kept = held[~np.isin(pool.prints[held], pool.prints[learn])]
    train = _by_policy(np.flatnonzero(learn), pool, Policy.parse(settings.policy))
    begins, ends = _span(pool, kept)
    counts = {
        "duplicates": int(double.sum()),
        "by_policy": int(learn.sum()) - len(train),
        "by_time": int(late.sum()),
        "seen": len(held) - len(kept),
        "held_by": held_by,
        "begins": begins,
        "ends": ends,
    }
    return _Division(train, kept, counts)


@dataclass(frozen=True)
class _Labelled:
    """Labelled rows of one table: features, target, columns with a role; the target as numbers."""

    frame: pl.DataFrame
    y: Array
    unlabelled: int
    extras: tuple[Column, ...]


def _labelled(source: Any, manifest: Manifest, task: Task, roles: Mapping[str, str]) -> _Labelled:
    table = source if isinstance(source, Table) else read(source)
    raw = table.frame if isinstance(source, Table) else load(source)[0]
    known = manifest.schema.names
    extras = [name for name in dict.fromkeys(roles.values()) if name not in known]
    y, rows = codes_like(task, table)
    if not len(rows):
        raise DataError(
            "target-missing",
            f"No row has a value in {task.target!r}.",
            fix="Give rows whose answers are known.",
            where=table.source,
        )
    frame = manifest.schema.conform(raw).frame.with_columns(
        *(table.column(name).alias(name) for name in extras)
    )[rows]
    target = pl.Series(task.target, _stored(y, manifest))
    columns = tuple(table.schema[name] for name in extras)
    return _Labelled(frame.with_columns(target), y, table.height - len(rows), columns)


def _stored(y: Array, manifest: Manifest) -> list[Any]:
    """The target as it is stored in a table: numbers, or the labels' text."""
    if not manifest.labels:
        return list(y.tolist())
    texts = isinstance(manifest.labels[0], str)
    labels = [str(v) if texts else float(v) for v in manifest.labels]
    return [labels[code] for code in y.tolist()]


def _columns(manifest: Manifest, extras: Iterable[Column]) -> tuple[Column, ...]:
    """The champion's columns, the columns with a role, and the target as the champion knows it."""
    kind, first = Kind.continuous, manifest.labels[0] if manifest.labels else 0.0
    if manifest.labels:
        kind = Kind.nominal if isinstance(first, str) else Kind.discrete
    if isinstance(first, bool):
        kind = Kind.boolean
    target = Column(manifest.target, kind, kind.storage, "given")
    return (*manifest.schema.columns, *extras, target)


def _times(frame: pl.DataFrame, name: str | None) -> Array | None:
    """Moments [N] as numbers, microseconds for dates; rows without one count as the earliest."""
    if name is None:
        return None
    if frame[name].dtype == pl.String:
        raise DataError(
            "time-not-a-moment",
            f"The time column {name!r} holds text ({frame[name].drop_nulls()[0]!r}, ...).",
            fix="Name a column of dates or numbers with --time-column.",
        )
    return frame[name].cast(pl.Float64, strict=False).fill_null(-np.inf).to_numpy()


def _held(new: Array, pool: _Pool, settings: Settings, task: Task) -> tuple[Array, str]:
    """The rows of the test, and how they were drawn."""
    if len(new) < 2:
        raise DataError(
            "retrain-nothing-new",
            f"There are {len(new)} new labelled rows that the old table does not have.",
            fix="Give rows that were labelled since the champion was trained.",
        )
    moments, how = None, "random"
    if pool.times is not None:
        moments, how = pool.times[new], "time"
    elif settings.holdout == RECENT:
        moments, how = np.arange(len(new)), "order"
    strata = None if task.is_regression or moments is not None else pool.y[new]
    try:
        _, test = split(
            len(new),
            test_size=settings.share,
            stratify=strata,
            time=moments,
            random_state=settings.seed,
        )
    except DataError as error:
        raise DataError(
            "holdout-impossible",
            f"The new rows cannot be parted: {error.what}",
            fix="Give new rows of more than one moment.",
        ) from error
    return new[test], how


def _by_policy(learn: Array, pool: _Pool, policy: Policy) -> Array:
    if policy.kind == "new":
        chosen = pool.is_new[learn]
    elif policy.kind == "recent":
        moments = np.arange(len(pool.y)) if pool.times is None else pool.times
        order = np.argsort(moments[learn], kind="stable")
        chosen = np.sort(order[-int(policy.size) :])
    elif policy.kind == "window":
        if pool.times is None or not pool.frame[str(pool.time)].dtype.is_temporal():
            raise UsageError(
                "window-without-time",
                f"The policy {policy} counts days, and there is no column of dates.",
                fix="Name one with --time-column, or use recent:ROWS.",
            )
        chosen = pool.times[learn] >= pool.times.max() - policy.size * _DAY
    else:
        return learn
    return np.asarray(learn[chosen])


def _refuse_known(manifest: Manifest, new: Any, files: Mapping[str, str]) -> None:
    """Rows that the champion learned from cannot tell which model is better."""
    learned = {manifest.lineage.get("data"), *manifest.lineage.get("files", {}).values()}
    if isinstance(new, str | Path) and files[str(new)] in learned:
        raise DataError(
            "rows-already-learned",
            "The new rows are the very file that the champion was trained on.",
            fix="Give rows that were labelled since then; that file belongs to --old.",
            where=str(new),
        )


def _champion_rows(manifest: Manifest, files: Mapping[str, str], old: Sequence[Any]) -> str:
    """`excluded` only where every file that the champion is known to have learned from is there."""
    lineage = manifest.lineage
    learned = set(lineage.get("files", {}).values()) or {lineage.get("data")}
    return "excluded" if old and learned <= set(files.values()) else "unknown"


def _span(pool: _Pool, rows: Array) -> tuple[str, str]:
    """First and last moment of some rows, as text."""
    if pool.time is None or not (moments := pool.frame[pool.time][rows].drop_nulls()).len():
        return "", ""
    return str(moments.min()), str(moments.max())


def _name(new: Any, old: Sequence[Any]) -> str:
    names = [Path(s).name if isinstance(s, str | Path) else "table" for s in (*old, new)]
    return " + ".join(names)


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
