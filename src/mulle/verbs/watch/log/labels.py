"""Attach labels to predictions by their id, once they are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import UnknownName, UsageError
from mulle.times import micros
from mulle.verbs.watch.log.entry import to_json
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.reader import check_exists


class Attached(msgspec.Struct, frozen=True):
    """The number of labels given, and of their ids that have a prediction in the log."""

    given: int
    known: int


def attach_labels(place: str | Path, ids: Sequence[str], labels: Sequence[Any]) -> Attached:
    """Attach labels to predictions; a label for an id that has one takes its place.

    A label may come before its prediction is written: it is kept, and found when it is.

    Args:
        place: the log, see `mulle.verbs.watch.log.places.open_sink`.
        ids: ids of the predictions [N]: REQUEST, or REQUEST/n for row n of several.
        labels: true values [N]; None is skipped.

    Raises:
        MissingFile: there is no log.
        UsageError: there are not as many labels as ids, or the place is none.
        RunError: the log cannot be written.
    """
    if len(ids) != len(labels):
        raise UsageError("log-labels", ids=len(ids), labels=len(labels))
    check_exists(place)
    given = [
        (str(id), to_json(label))
        for id, label in zip(ids, labels, strict=True)
        if label is not None and id is not None
    ]
    return Attached(len(given), open_sink(place).label(given, micros()))


def attach_labels_from(
    place: str | Path, table: str | Path, *, id: str = "id", label: str = "label"
) -> Attached:
    """Attach labels from a file: CSV, Parquet, Excel or JSON, in any encoding `mulle.read` knows.

    Args:
        place: the log.
        table: the file.
        id, label: names of its columns.

    Raises:
        UnknownName: the file has no such column.
        MissingFile, DataError: it is not there, or no table.
        UsageError, RunError: see `attach_labels`.
    """
    from mulle.table import ReadOptions, read_cells

    cells = read_cells(table, ReadOptions(repair=False))
    frame, name = cells.frame, cells.source
    for column in (id, label):
        if column not in frame.columns:
            raise UnknownName("column-unknown", "column", column, frame.columns, where=name)
    import polars as pl

    values = frame[label]
    if values.dtype == pl.String:  # text of a CSV: numbers are numbers, as `fit` reads them
        numbers = values.cast(pl.Int64, strict=False)
        if numbers.null_count() != values.null_count():
            numbers = values.cast(pl.Float64, strict=False)
        values = numbers if numbers.null_count() == values.null_count() else values
    return attach_labels(place, frame[id].cast(pl.String).to_list(), values.to_list())
