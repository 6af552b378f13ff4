"""The target: what is predicted, and the one place where its cells become numbers and back.

task      two labels are `binary`, more are `multiclass`, a measurement is `regression`; a column of
          whole numbers is a measurement where it has more than 10 distinct ones, or more than 5
          of which some are rare (counts)
labels    in the order of their codes; of two the second is positive: the rarer, or the one named
encoding  a cell is read in the notation that the training table had, then compared with the labels:
          as it is, or else without regard to case and `.0` where that leaves no doubt (`Yes` for
          `yes`, `1.0` for `1`)

The target of a model stands in its manifest, so that fitting, scoring, watching, retraining,
feedback and predictions read and write labels alike.

catalogue  var-target learn-supervised learn-class learn-binary learn-multi learn-regress
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError, UnknownName, UsageError
from mulle.table.read.names import tidy_names
from mulle.table.schema import Table
from mulle.table.types import store
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage

Label = bool | int | float | str
Task = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)
MAX_INTEGER_CLASSES = 10
MAX_COUNT_CLASSES = 5  # whole numbers that are classes even where some are rare
MIN_CLASS_ROWS = 10
MAX_CLASSES = 1_000
MAX_DISTINCT_SHARE = 0.5  # of the rows; more classes than that are none
MAX_LABELS_NAMED = 10


_POINT_ZERO = re.compile(r"^(-?(?:0|[1-9]\d*))\.0+$")


@dataclass(frozen=True)
class Encoded:
    """The target of some rows as numbers.

    Attributes:
        y: class codes (int64, -1 where there is none) or values (float64, nan where there is none),
            one a row [N].
        unknown: labels that the target does not have, each with its number of rows.
        respelled: labels that were recognised in another case, each with the label it was read as.
        unlabelled: rows whose cell is missing.
    """

    y: Array
    unknown: Mapping[str, int] = field(default_factory=dict)
    respelled: Mapping[str, str] = field(default_factory=dict)
    unlabelled: int = 0

    @property
    def rows(self) -> Array:
        """Positions [M] of the rows that have a code or a value."""
        known = self.y >= 0 if self.y.dtype.kind == "i" else ~np.isnan(self.y)
        return np.flatnonzero(known)


class Target(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """The column to predict, its task, and the labels of its classes in the order of their codes.

    Attributes:
        column: name, kind, storage and notation, as the training table had them.
        task: `binary`, `multiclass` or `regression`.
        labels: one a class, of the type that the data had; empty for regression. Of two the second
            is the positive one.
    """

    column: Column
    task: Task
    labels: tuple[Label, ...] = ()

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name

    @property
    def is_regression(self) -> bool:
        """Whether values are predicted, not classes."""
        return self.task == "regression"

    @property
    def positive(self) -> Label | None:
        """The label whose probability a binary score is about; None for other tasks."""
        return self.labels[1] if self.task == "binary" else None

    @property
    def as_stored(self) -> Target:
        """The target for values that were read before, see `Column.as_stored`."""
        return msgspec.structs.replace(self, column=self.column.as_stored)

    def column_in(self, frame: pl.DataFrame) -> pl.Series:
        """Return the target's column of a frame as it was written, whatever form its name has.

        Raises:
            UnknownName: the frame has no such column.
        """
        if self.name in frame.columns:
            return frame[self.name]
        tidy, _ = tidy_names(frame.columns)
        if self.name not in tidy:
            raise UnknownName("column-unknown", "column", self.name, frame.columns)
        return frame[frame.columns[tidy.index(self.name)]]

    def encode(
        self,
        values: pl.Series,
        *,
        unknown: Literal["refuse", "missing"] = "refuse",
        where: str = "",
        first: int = 0,
    ) -> Encoded:
        """Read cells of the target, as people wrote them, as class codes or values.

        Args:
            values: n cells of any type.
            unknown: whether a cell that is no label (or no number) is refused or counts as missing.
            where: the file they stand in, for the refusal.
            first: rows of the file before these, for the row that a refusal names.

        Raises:
            DataError: a cell is no label of the target, or no number.
        """
        stored, strange, _ = store(values, self.column)
        respelled: dict[str, str] = {}
        if self.is_regression:
            y = stored.cast(pl.Float64).fill_null(np.nan).to_numpy()
        else:
            keys = _as_keys(stored)
            codes, respelled = self._codes(keys)
            strange |= keys.is_not_null() & codes.is_null()
            y = codes.fill_null(-1).to_numpy().astype(np.int64)
        if unknown == "refuse" and strange.any():
            raise self._refusal(values, strange, where, first)
        missing = stored.null_count() - int((strange & stored.is_null()).sum())
        return Encoded(y, _counted(values.filter(strange)), respelled, missing)

    def code_of(self, value: Any) -> int | None:
        """Return the class code of one label as it was sent; None where it is no label.

        >>> yes_no = Target(Column("y", Kind.nominal, Storage.string), "binary", ("no", "yes"))
        >>> yes_no.code_of("yes"), yes_no.code_of("Yes"), yes_no.code_of("maybe")
        (1, 1, None)
        """
        if not isinstance(value, bool | int | float | str) or self.is_regression:
            return None
        cell = pl.Series("", [str(value) if isinstance(value, int) else value])
        code = int(self.encode(cell, unknown="missing").y[0])
        return None if code < 0 else code

    def decode(self, codes: Array) -> pl.Series:
        """Return the labels of class codes [N], with the type that the labels have."""
        return pl.Series(self.name, self.labels, strict=False).gather(codes)

    def _codes(self, keys: pl.Series) -> tuple[pl.Series, dict[str, str]]:
        """Look up the codes of texts, null for no label, and note those read in another case."""
        exact, folded = self._by_text
        codes = keys.replace_strict(exact, default=None, return_dtype=pl.Int64)
        rest = keys.filter(codes.is_null() & keys.is_not_null()).unique().to_list()
        respelled = {text: folded[_fold(text)] for text in rest if _fold(text) in folded}
        if not respelled:
            return codes, {}
        more = keys.replace_strict(
            {text: exact[label] for text, label in respelled.items()},
            default=None,
            return_dtype=pl.Int64,
        )
        return codes.fill_null(more), dict(sorted(respelled.items()))

    @cached_property
    def _by_text(self) -> tuple[dict[str, int], dict[str, str]]:
        """Code by label text, and label text by its case-folded form where that is unique."""
        exact = {text: code for code, text in enumerate(_as_keys(self._stored_labels).to_list())}
        forms = [_fold(text) for text in exact]
        folded = {form: t for form, t in zip(forms, exact, strict=True) if forms.count(form) == 1}
        return exact, folded

    @property
    def _stored_labels(self) -> pl.Series:
        numbers = self.column.storage is Storage.number
        values = [float(label) if numbers else str(label) for label in self.labels]
        return pl.Series("", values, self.column.storage.dtype)

    def _refusal(self, values: pl.Series, strange: pl.Series, where: str, first: int) -> DataError:
        row = int(strange.arg_max() or 0)
        about: dict[str, Any] = {
            "column": self.name,
            "received": str(values[row])[:100],
            "row": first + row + 1,
            "count": int(strange.sum()),
        }
        if self.is_regression:
            return DataError("target-not-a-number", where=where, **about)
        known = [str(label) for label in self.labels]
        return DataError("label-unseen", where=where, known=known, **about)


def find_target(
    table: Table, name: str, *, task: str | None = None, positive: str | None = None
) -> tuple[Target, Array, Array]:
    """Find the task of a target, its labels, and the target as numbers.

    Args:
        table: where it is a column.
        name: of the column.
        task: `binary`, `multiclass` or `regression`; found if None.
        positive: the positive one of two labels; the rarer if None.

    Returns:
        The target; y [M], class codes (int64) or values (float64), of the rows that have one; and
        the positions [M] of these rows.

    Raises:
        UnknownName: there is no such column, task or label.
        UsageError: the task and the target do not belong together.
        DataError: nothing can be learned from the target.
    """
    column = table.schema[name]
    if task is not None and task not in TASKS:
        raise UnknownName("task-unknown", "task", task, TASKS)
    values = table.column(name)
    filled = values.drop_nulls()
    distinct = filled.n_unique()
    _check_varies(values, name, table.source)
    counts = filled.value_counts()["count"]
    found = task_of(column, distinct, task, table.source, least=counts.min())
    _check_repeats(found, counts, name, table.source)
    if found == "regression" and not filled.dtype.is_numeric():
        raise UsageError("target-not-numeric", column=name, received=filled[0])
    labels = () if found == "regression" else _labels_of(filled, column, positive)
    _check_classes(found, labels, name, positive, table.source)
    if len(labels) == 2:
        found = "binary"
    target = Target(column, found, labels)
    encoded = target.as_stored.encode(values)
    return target, encoded.y[encoded.rows], encoded.rows


def task_of(
    column: Column,
    distinct: int,
    wanted: str | None = None,
    where: str = "",
    *,
    least: Any = MIN_CLASS_ROWS,
) -> Task:
    """Return the task of a target: the one that is wanted, or the one its values speak for.

    Args:
        column: the target, with its kind.
        distinct: how many distinct values it has.
        wanted: one of `TASKS`, or None.
        where: the file, for the refusal.
        least: rows of the rarest value: whole numbers of which some are rare are counts.

    Raises:
        DataError: the target is a date.
    """
    if column.storage is Storage.date:
        raise DataError("target-date", where=where, column=column.name)
    for task in TASKS:
        if task == wanted:
            return task
    if distinct == 2:
        return "binary"
    if column.storage is Storage.number and column.kind not in {Kind.discrete, Kind.boolean}:
        return "regression"
    if column.kind is Kind.discrete:
        counts = distinct > MAX_COUNT_CLASSES and least < MIN_CLASS_ROWS
        if counts or distinct > MAX_INTEGER_CLASSES:
            return "regression"
    return "multiclass"


def rarer(counts: Sequence[int]) -> int:
    """Return the position of the rarer of two classes: the positive one, unless it is named.

    Args:
        counts: rows of each, in the order of the labels; of equal ones the second is taken.
    """
    return 0 if counts[0] < counts[1] else 1


def _check_varies(values: pl.Series, name: str, where: str) -> None:
    filled = values.drop_nulls()
    distinct, missing = filled.n_unique(), values.null_count()
    if distinct == 0:
        raise DataError("target-empty", where=where, column=name)
    if distinct == 1 and missing:
        about: dict[str, Any] = {"column": name, "value": filled[0], "missing": missing}
        raise DataError("target-mark", where=where, **about)
    if distinct == 1:
        raise DataError("target-constant", where=where, column=name, value=filled[0])


def _check_repeats(task: Task, counts: pl.Series, name: str, where: str) -> None:
    """Refuse classes of which hardly one occurs twice: names of rows, or free text."""
    rows = int(counts.sum())
    few = len(counts) <= max(MAX_COUNT_CLASSES, MAX_DISTINCT_SHARE * rows)
    if task == "regression" or few:
        return
    raise DataError("target-unique", where=where, column=name, count=len(counts), rows=rows)


def _check_classes(
    task: str, labels: Sequence[Label], name: str, positive: str | None, where: str
) -> None:
    if task == "regression":
        if positive is not None:
            raise UsageError("positive-without-classes", column=name, task=task)
        return
    if task == "binary" and len(labels) != 2:
        raise UsageError("task-not-binary", column=name, count=len(labels))
    if len(labels) > MAX_CLASSES:
        raise DataError(
            "target-classes", where=where, column=name, count=len(labels), most=MAX_CLASSES
        )
    if positive is not None and len(labels) != 2:
        raise UsageError("positive-of-many", column=name, count=len(labels))


def _labels_of(filled: pl.Series, column: Column, positive: str | None) -> tuple[Label, ...]:
    """Order the labels, of two the positive last; each keeps the type that the data had."""
    counts = filled.alias("label").value_counts().sort("label")
    if column.categories:
        ranks = {text: rank for rank, text in enumerate(column.categories)}
        place = pl.col("label").replace_strict(ranks, default=len(ranks))
        counts = counts.sort(place, maintain_order=True)
    labels = [_label(value, column) for value in counts["label"].to_list()]
    if positive is not None:
        return _positive_last(labels, positive)
    if len(labels) == 2 and rarer(counts["count"].to_list()) == 0:
        labels.reverse()
    return tuple(labels)


def _label(value: Any, column: Column) -> Label:
    if isinstance(value, str):
        return value
    if column.reason == "decimal-labels":
        return float(value)
    if column.kind is Kind.boolean and column.reason != "zero-one":
        return bool(value)
    return int(value) if float(value).is_integer() else float(value)


def _positive_last(labels: list[Label], positive: str) -> tuple[Label, ...]:
    by_name = {str(label): label for label in labels}
    fits = [name for name in by_name if name.casefold() == positive.casefold()]
    chosen = positive if positive in by_name else fits[0] if len(fits) == 1 else None
    if chosen is None:
        raise UnknownName("label-unknown", "label", positive, by_name)
    return (*(v for k, v in by_name.items() if k != chosen), by_name[chosen])


def _fold(text: str) -> str:
    """Return what two spellings of a label share: neither case nor `.0` tells labels apart."""
    return _POINT_ZERO.sub(r"\1", text.casefold())


def _as_keys(values: pl.Series) -> pl.Series:
    """Write stored values as texts that are equal where the values are: 1.0 is "1"."""
    if values.dtype == pl.String:
        return values
    numbers = values.cast(pl.Float64)
    whole = numbers.is_finite() & (numbers == numbers.round()) & (numbers.abs() < 2**53)
    texts = numbers.cast(pl.String)
    return (
        numbers.zip_with(whole, pl.Series([0.0]))
        .cast(pl.Int64)
        .cast(pl.String)
        .zip_with(whole.fill_null(value=False), texts)
    )


def _counted(values: pl.Series) -> dict[str, int]:
    """Count the cells that could not be encoded, the most frequent first."""
    if not len(values):
        return {}
    cells = values.cast(pl.String, strict=False).fill_null("").alias("cell")
    counts = cells.value_counts(sort=True).head(MAX_LABELS_NAMED)
    return dict(zip(counts["cell"].to_list(), counts["count"].to_list(), strict=True))
