"""What a network predicts: the target of its bundle, its task, and the order of its labels."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mulle.errors import UsageError
from mulle.table import Column, Kind, Label, Storage, Table, Target, Task

MAX_NAMED = 12


def target_of(
    table: Table, name: str, labels: Sequence[Label], width: int, where: str = ""
) -> Target:
    """Return the target, with its labels in the order of the network's outputs.

    Args:
        table: rows, with or without the target's column.
        name: of the target.
        labels: as given; none for values, or where the column holds the codes.
        width: how many numbers the network gives a row.
        where: the network, for errors.

    Raises:
        UsageError: labels are needed and not given, fewer than two, or given twice.
    """
    named: tuple[Label, ...] = tuple(labels)
    if len(set(map(str, named))) < len(named) or len(named) == 1:
        raise UsageError("network-labels-few", where=where, labels=", ".join(map(str, named)))
    known = table.column(name) if name in table.names else None
    column = table.schema[name] if known is not None else _new_column(name, named)
    if not named and known is not None:
        named = _codes(known, column, max(width, 2))
    if not named and (width > 1 or column.storage is not Storage.number):
        found = _distinct(known)
        raise UsageError("network-labels-needed", where=where, column=name, width=width,
                         sample=",".join(found) or "cat,dog")  # fmt: skip
    task: Task = "regression" if not named else "binary" if len(named) == 2 else "multiclass"
    return Target(column, task, _as_read(named, column, known))


def _new_column(name: str, labels: tuple[Label, ...]) -> Column:
    """Return the column that the rows do not have."""
    texts = any(isinstance(label, str) for label in labels)
    kind = Kind.nominal if labels else Kind.continuous
    return Column(name, kind, Storage.string if texts else Storage.number, "given")


def _codes(known: pl.Series, column: Column, width: int) -> tuple[Label, ...]:
    """Return 0, 1, ... where the target's column holds just such codes, else nothing."""
    found = known.cast(pl.Float64, strict=False).drop_nulls().unique().to_list()
    whole = len(found) and known.null_count() == known.cast(pl.Float64, strict=False).null_count()
    if not whole or not all(value in range(width) for value in found):
        return ()
    if _is_truth(column) and width == 2:
        return (False, True)
    return tuple(range(width))


def _is_truth(column: Column) -> bool:
    return column.kind is Kind.boolean and column.reason != "zero-one"


def _distinct(known: pl.Series | None) -> list[str]:
    if known is None:
        return []
    found = known.drop_nulls().unique().sort().to_list()
    if known.dtype.is_numeric():
        found = [int(v) if float(v).is_integer() else v for v in found]
    return [str(value) for value in found] if len(found) <= MAX_NAMED else []


def _as_read(
    labels: tuple[Label, ...], column: Column, known: pl.Series | None
) -> tuple[Label, ...]:
    """Return labels in the type that the column has.

    Raises:
        UsageError: the column holds numbers or truths, and a label is none.
    """
    if column.storage is Storage.string:
        return tuple(str(label) for label in labels)
    try:
        return tuple(_number(label, truth=_is_truth(column)) for label in labels)
    except ValueError as error:
        sample = ",".join(_distinct(known))
        given = ", ".join(map(str, labels))
        raise UsageError(
            "network-labels-type", column=column.name, labels=given, sample=sample
        ) from error


def _number(label: Label, *, truth: bool) -> Label:
    if not isinstance(label, str):
        return label
    if truth and label.casefold() in ("true", "false"):
        return label.casefold() == "true"
    return int(float(label)) if float(label).is_integer() else float(label)
