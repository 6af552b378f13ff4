"""The labelled rows of a retraining: what the challenger learns from, and what both are tested on.

The test is held out of the new rows: the most recent ones where there is a time column. New rows
that the old table has as well are left out.

catalogue  split-contam
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mulle.arrays import Array
from mulle.bundle import Manifest
from mulle.errors import DataError
from mulle.files import hash_file
from mulle.table import Reading, Schema, Table
from mulle.verbs.retrain.holdout import hold_out, pool_rows
from mulle.verbs.retrain.labelled import columns_of, labelled
from mulle.verbs.retrain.settings import Settings


class Counts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The counts of the rows, as they stand in the ledger.

    Attributes:
        old, new: labelled rows that were given.
        unlabelled: rows without a value of the target; left out.
        duplicates: new rows that stand among the old ones; left out.
        alike: new rows that equal an old one and stay, as the old rows repeat among themselves.
        holdout, train: rows of the test, rows that the challenger learns from.
        by_policy: rows that the policy leaves out; by_time: old ones later than the test begins;
            by_group: those of a group that stands in the test.
        held_by: how the test was drawn: `time`, `order`, `group` or `random`.
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
    by_group: int = 0
    alike: int = 0
    held_by: str = "random"
    champion_rows: str = "unknown"
    begins: str = ""
    ends: str = ""
    files: dict[str, str] = {}


@dataclass(frozen=True)
class Rows:
    """The rows to learn from and of the test.

    Attributes:
        train, holdout: the champion's columns, the target, and the columns with a role.
        y: the target of the held-out rows as numbers [N]; `y_train` that of the others.
        drop: columns that are no features.
        roles: options of `fit` that name columns.
        fingerprint: SHA-256 of the held-out rows.
        reading: of the new rows, with what was left out and what a person should know.
    """

    train: Table
    holdout: Table
    y: Array
    y_train: Array
    drop: tuple[str, ...]
    roles: Mapping[str, str]
    counts: Counts
    fingerprint: str
    reading: Reading


def take_rows(
    manifest: Manifest, new: Any, old: Sequence[Any], settings: Settings, given: Mapping[str, Any]
) -> Rows:
    """Read, check, divide and count the rows.

    Args:
        manifest: manifest of the champion.
        new, old: tables, as `mulle.read` takes them.
        settings: settings of the retraining.
        given: options that the champion was fitted with: time_column, group, weight.

    Raises:
        PredictionError: a column of the champion is missing.
        DataError: there is no label, one that the champion does not know, or nothing to hold out.
        UsageError: the policy needs a time column.
    """
    roles = {k: str(v) for k, v in given.items() if k in {"time_column", "group", "weight"}}
    if settings.time_column:
        roles["time_column"] = settings.time_column
    paths = [Path(s) for s in (new, *old) if isinstance(s, str | Path)]
    files = {str(path): hash_file(path) if path.is_file() else "" for path in paths}
    _refuse_known(manifest, new, files)
    target = manifest.target
    parts = [labelled(source, manifest, roles, settings.reading) for source in (*old, new)]
    pool = pool_rows(parts, roles.get("time_column"), roles.get("group"))
    chosen = hold_out(pool, settings, target)
    counts = Counts(
        old=int((~pool.is_new).sum()),
        new=int(pool.is_new.sum()),
        unlabelled=sum(part.unlabelled for part in parts),
        holdout=len(chosen.held),
        train=len(chosen.train),
        policy=settings.policy,
        champion_rows=_champion_rows(manifest, files, old, unique=not chosen.counts["alike"]),
        files=files,
        **chosen.counts,
    )
    if not counts.train:
        raise DataError("retrain-no-rows", policy=settings.policy)
    columns = columns_of(manifest, parts[0].extras)
    read = Reading(layout=manifest.layout, columns=columns)
    whole = Table(pool.frame, Schema(columns), read, _name(new, old))
    train, held = chosen.train, chosen.held
    drop = tuple(n for n in dict.fromkeys(roles.values()) if n not in manifest.schema.names)
    digest = hashlib.sha256(pool.frame[held].write_csv().encode()).hexdigest()
    tables = whole.take(train), whole.take(held)
    return Rows(
        *tables, pool.y[held], pool.y[train], drop, roles, counts, digest, parts[-1].reading
    )


def _refuse_known(manifest: Manifest, new: Any, files: Mapping[str, str]) -> None:
    """Refuse the file that the champion learned from: its rows favour the champion."""
    learned = {manifest.lineage.get("data"), *manifest.lineage.get("files", {}).values()}
    if isinstance(new, str | Path) and files[str(new)] in learned:
        raise DataError("rows-already-learned", where=str(new))


def _champion_rows(
    manifest: Manifest, files: Mapping[str, str], old: Sequence[Any], *, unique: bool
) -> str:
    """Return `excluded` where every file that the champion learned from was given."""
    lineage = manifest.lineage
    learned = set(lineage.get("files", {}).values()) or {lineage.get("data")}
    return "excluded" if old and unique and learned <= set(files.values()) else "unknown"


def _name(new: Any, old: Sequence[Any]) -> str:
    names = [Path(s).name if isinstance(s, str | Path) else "table" for s in (*old, new)]
    return " + ".join(names)
