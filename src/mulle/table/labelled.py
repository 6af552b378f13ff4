"""Rows whose answers are known, in the notation of a model: to test, score, watch, retrain it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError, PredictionError
from mulle.table.read.rows import MAX_NAMED, NewRows, note_differences
from mulle.table.read.table import read_cells
from mulle.table.reading import IN_MEMORY, Layout
from mulle.table.schema import Schema, Table
from mulle.table.target import Encoded, Target
from mulle.table.types.column import Doubt, LeftOut
from mulle.table.types.options import ReadOptions

UNLABELLED = "rows-unlabelled"


class Labelled(NamedTuple):
    """Rows that have a label.

    Attributes:
        table: the columns of the model [M], with the reading of all rows.
        y: class codes or values [M].
        rows: their positions [M] among all rows below the header.
        sent: all rows, as they were written [N].
        encoded: the labels of all rows.
    """

    table: Table
    y: Array
    rows: Array
    sent: NewRows
    encoded: Encoded


def read_labelled(
    source: Any,
    schema: Schema,
    target: Target,
    options: ReadOptions | None = None,
    layout: Layout = IN_MEMORY,
) -> Labelled:
    """Read the rows that have a label, by the notation of a model and nothing else.

    Args:
        source: a Table, or what `mulle.read` takes.
        schema, target: of the model.
        options: what a person has decided about the layout of the file.
        layout: of the training table.

    Raises:
        UnknownName: there is no column with the target's name.
        DataError: no row has a label, or one has a label that the target does not know.
        PredictionError: a column is missing, or a row with a label holds what cannot be read.
    """
    sent, read = _sent(source, options), isinstance(source, Table)
    labels = target.as_stored if read else target
    encoded = labels.encode(target.column_in(sent.frame), where=sent.source)
    rows = encoded.rows
    if not len(rows):
        raise DataError("target-missing", where=sent.source, column=target.name)
    refused: dict[int, PredictionError] = {}
    table = schema.validate(source if read else sent.frame, refused=refused)
    if wrong := [refused[row] for row in rows.tolist() if row in refused] if refused else []:
        raise wrong[0]
    known = [*schema.known, target.name]
    reading = note_differences(sent.reading, sent.columns, known, layout)
    reading = msgspec.structs.replace(
        reading,
        columns=schema.columns,
        repairs=(*reading.repairs, *table.repairs),
        left_out=(*unlabelled(target, encoded, sent.empty), *reading.left_out),
        doubts=(*reading.doubts, *respelled(target, encoded)),
    )
    chosen = Table(table.frame[rows], schema, reading, sent.source)
    return Labelled(chosen, encoded.y[rows], rows, sent, encoded)


def _sent(source: Any, options: ReadOptions | None) -> NewRows:
    if isinstance(source, Table):
        return NewRows(source.frame, None, source.reading, source.source)
    return NewRows.of(read_cells(source, options))


def respelled(target: Target, encoded: Encoded) -> list[Doubt]:
    """Name the labels that were recognised in another case."""
    if not encoded.respelled:
        return []
    labels = [f"{cell} → {label}" for cell, label in encoded.respelled.items()]
    return [Doubt("label-respelled", target.name, len(labels), {"labels": labels[:MAX_NAMED]})]


def unlabelled(target: Target, encoded: Encoded, empty: pl.Series | None) -> list[LeftOut]:
    """Name the rows that have no label, though something stands in them.

    Args:
        empty: whether nothing stands in a row, one a row; None where something does in all.
    """
    without = np.ones(len(encoded.y), dtype=bool)
    without[encoded.rows] = False
    if empty is not None:
        without &= ~empty.to_numpy()
    rows = np.flatnonzero(without)
    if not len(rows):
        return []
    first = tuple((rows[:MAX_NAMED] + 1).tolist())
    return [LeftOut(UNLABELLED, target.name, len(rows), first)]
