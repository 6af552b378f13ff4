"""Checks of the data that a user should know before believing a score.

catalogue  split-contam
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.decisions import DecisionLog
from mulle.metrics import suspects
from mulle.table import Reading, Table, Target, duplicates_across
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.split import Split

TINY_CLASS = 10  # rows
IMBALANCED = 0.05  # share of the rarer of two classes
MAX_LEAK_COLUMNS = (
    1_000  # looked at for leaks, so that a very wide table does not spend the promise
)


def log_table(table: Table, log: DecisionLog) -> None:
    """Record the repairs of a table and the kinds of its columns."""
    for repair in table.repairs:
        log.add(
            "repair-made",
            repair.column,
            repair=repair.code,
            column=repair.column,
            count=repair.count,
            evidence=repair.values,
        )
    for column in table.schema.columns:
        log.add(
            "kind-found",
            column.name,
            column=column.name,
            kind=column.kind.value,
            reason=column.reason,
        )


def log_target(target: Target, y: Array, height: int, log: DecisionLog, *, given: bool) -> None:
    """Record the task of a target, and which of two classes is positive.

    Args:
        y: class codes or values of the rows that have one.
        height: all rows of the table.
        given: whether a person has named the positive class.
    """
    log.add(
        "task-found",
        target.name,
        task=target.task,
        target=target.name,
        classes=len(target.labels),
        rows=len(y),
        missing=height - len(y),
    )
    if target.task == "binary":
        share = float((y == 1).mean())
        log.add("positive-class", label=str(target.positive), share=share, given=given)


def note_reading(reading: Reading, log: DecisionLog, progress: Progress) -> None:
    """Record and show what the run does not use of its table, and what is in doubt."""
    for out in reading.left_out:
        values = {"column": out.column, "count": out.count, "rows": list(out.rows), **out.values}
        log.add(f"left-out.{out.code}", out.column, **values)
    for doubt in reading.doubts:
        values = {"column": doubt.column, "count": doubt.count, **doubt.values}
        log.add(f"doubt.{doubt.code}", doubt.column, **values)
    progress.reading(reading)


def check_data(
    train: Split, test: Split, target: Target, log: DecisionLog, progress: Progress
) -> None:
    """Record and warn of leaks, duplicates across the split, tiny and rare classes."""
    looked_at = dict(list(train.columns.items())[:MAX_LEAK_COLUMNS])
    for leak in suspects(looked_at, train.y, target.task):
        found: dict[str, Any] = {
            "column": leak.column,
            "score": leak.score,
            "reason": leak.reason,
        }
        log.add("leak-suspected", leak.column, **found)
        progress.warn("leak-suspected", **found)
    count = duplicates_across(train.table, test.table)
    if count:
        log.add("duplicates-across-split", count=count)
        progress.warn("duplicates-across-split", count=count)
    if target.is_regression:
        return
    counts = np.bincount(train.y, minlength=len(target.labels))
    tiny = np.flatnonzero(counts < TINY_CLASS)
    if len(tiny):
        named = [str(target.labels[i]) for i in tiny[:5]]
        values: dict[str, Any] = {
            "count": len(tiny),
            "least": int(counts.min()),
            "labels": named,
        }
        log.add("class-tiny", **values)
        progress.warn("class-tiny", **values)
    rarest = int(counts.argmin())
    share = float(counts[rarest] / len(train.y))
    if share < IMBALANCED and len(target.labels) == 2:
        log.add("class-imbalanced", label=str(target.labels[rarest]), share=share)
