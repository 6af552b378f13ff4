"""What is to be learned: the task found from the target, and the target as numbers.

catalogue  var-target learn-supervised learn-class learn-binary learn-multi learn-regress
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError, UnknownName, UsageError
from mulle.table import Column, Kind, Storage, Table

Label = bool | int | float | str
TaskKind = Literal["binary", "multiclass", "regression"]
TASKS: tuple[TaskKind, ...] = get_args(TaskKind)
MOST_INTEGER_CLASSES = 10
MOST_CLASSES = 1_000


class Task(msgspec.Struct, frozen=True):
    """The task, its target, and the labels of its classes in the order of their codes.

    Attributes:
        kind: `binary`, `multiclass` or `regression`.
        target: the column to predict.
        labels: one label a class, as they stood in the data; empty for regression. Of two
            classes the second is the positive one.
    """

    kind: TaskKind
    target: str
    labels: tuple[Label, ...] = ()

    @property
    def is_regression(self) -> bool:
        """Whether values are predicted, not classes."""
        return self.kind == "regression"


def find_task(
    table: Table, target: str, *, kind: str | None = None, positive: str | None = None
) -> tuple[Task, Array, Array]:
    """The task, the target as numbers, and the rows that have one.

    Returns:
        The task; y of shape [M], class codes (int64) or values (float64); the positions [M] of
        the rows whose target is not missing.

    Raises:
        UnknownName: no such column, task or positive label.
        DataError: a target that nothing can be learned from.
    """
    column = table.schema[target]
    if kind is not None and kind not in TASKS:
        raise UnknownName("task-unknown", "task", kind, TASKS)
    values = table.column(target)
    rows = np.flatnonzero(values.is_not_null().to_numpy())
    values = values.drop_nulls()
    distinct = values.n_unique()
    if distinct < 2:
        what = "holds no value at all" if distinct == 0 else f"is always {values[0]!r}"
        raise DataError("target-constant", where=table.source, target=target, what=what)
    kind = kind or _kind(column.kind, column.storage, distinct)
    if kind == "regression":
        return Task("regression", target), _numbers(values, target), rows
    labels = _labels(values, column)
    if positive is not None:
        labels = _positive_last(labels, positive)
    if kind == "binary" and len(labels) != 2:
        raise UsageError("task-mismatch", target=target, count=len(labels))
    if len(labels) > MOST_CLASSES:
        raise DataError(
            "target-classes", target=target, count=len(labels), MOST_CLASSES=MOST_CLASSES
        )
    task = Task("binary" if len(labels) == 2 else "multiclass", target, tuple(labels))
    return task, _codes(values, labels), rows


def _kind(kind: Kind, storage: Storage, distinct: int) -> str:
    if distinct == 2:
        return "binary"
    if storage is Storage.number and kind in {Kind.continuous, Kind.id, Kind.constant}:
        return "regression"
    if kind is Kind.discrete and distinct > MOST_INTEGER_CLASSES:
        return "regression"
    return "multiclass"


def _numbers(values: pl.Series, target: str) -> Array:
    if not values.dtype.is_numeric():
        raise UsageError("target-not-numeric", target=target, values=values[0])
    return values.to_numpy().astype(np.float64)


def _labels(values: pl.Series, column: Column) -> list[Label]:
    found = values.unique().sort().to_list()
    if column.kind is Kind.boolean and column.reason != "zero-one":
        return [bool(v) for v in found]
    if not values.dtype.is_numeric():
        return [str(v) for v in found]
    if all(float(v).is_integer() for v in found):
        return [int(v) for v in found]
    return [float(v) for v in found]


def codes_like(task: Task, table: Table) -> tuple[Array, Array]:
    """The target of other rows as numbers of the task, and the rows [M] that have one.

    Raises:
        UnknownName: they lack the target.
        DataError: they hold a label that the task does not know.
    """
    table.schema[task.target]
    values = table.column(task.target)
    rows = np.flatnonzero(values.is_not_null().to_numpy())
    values = values.drop_nulls()
    if task.is_regression:
        return _numbers(values, task.target), rows
    # A column of truths is stored as 0 and 1.
    texts_of = [str(int(v) if isinstance(v, bool) else v) for v in task.labels]
    names = {text: code for code, text in enumerate(texts_of)}
    texts = values.cast(pl.Int64) if _whole_numbers(values) else values
    keys = texts.cast(pl.String)
    unknown = keys.filter(~keys.is_in(list(names))).unique().sort()
    if len(unknown):
        raise DataError(
            "label-not-learned",
            where=table.source,
            unknown=unknown[0],
            target=task.target,
            names=", ".join(list(names)[:10]),
        )
    codes = keys.replace_strict(list(names), range(len(names)), return_dtype=pl.Int64)
    return codes.to_numpy(), rows


def _whole_numbers(values: pl.Series) -> bool:
    return values.dtype.is_numeric() and bool((values == values.round()).all())


def _positive_last(labels: list[Label], positive: str) -> list[Label]:
    by_name = {str(label): label for label in labels}
    if positive not in by_name:
        raise UnknownName("label-unknown", "label", positive, by_name)
    return [*(v for k, v in by_name.items() if k != positive), by_name[positive]]


def _codes(values: pl.Series, labels: list[Label]) -> Array:
    keys = pl.Series(labels, dtype=values.dtype, strict=False)
    return values.replace_strict(keys, range(len(labels)), return_dtype=pl.Int64).to_numpy()
