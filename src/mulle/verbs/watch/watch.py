"""`mulle.watch`: compare new rows with what a model learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from mulle.bundle import BaselineScore, Model, load
from mulle.errors import DataError
from mulle.graph import arrays
from mulle.profile.drift import Limits
from mulle.table import (
    Layout,
    NewRows,
    Reading,
    ReadOptions,
    Schema,
    Table,
    read_options,
    rows_of,
)
from mulle.table.read.rows import note_differences
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.labels import Labels, encode_labels
from mulle.verbs.watch.performance import Performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.window import Window

MAX_ANSWERED = 20_000  # rows that the model answers: enough to see a move of one percent
BLOCK = 500_000  # rows of a Parquet file that are held at once


def watch(
    model: Model | str | Path,
    rows: Any,
    *,
    target: str | None = None,
    against: Any = None,
    limits: Limits | None = None,
    reading: Any = None,
) -> DriftReport:
    """Compare new rows with what a model learned from.

    Every row is counted. Of more than 20,000 rows the model answers 20,000, evenly spaced; with
    labels it is scored on those.

    Args:
        model: a bundle or its path.
        rows: whatever `predict` takes, or a `Window` over the reference of this model.
        target: name of the column of labels, where the rows have one; by default the name that it
            had in training.
        against: other rows (or a `Window`) to compare with, instead of what the bundle carries.
        limits: numbers of the rule of drift.
        reading: the layout of a file, where it is not found: see `mulle.read`.

    Returns:
        The report: `.status`, `.columns`, `.to_json()`, `.to_html()`, `.to_dict()`.

    Raises:
        MulleError: the model or the rows cannot be read, or do not belong together.
    """
    name = Path(model).name if isinstance(model, str | Path) else ""
    model = model if isinstance(model, Model) else load(model)
    reference, options = Reference.of(model, name), read_options(reading)
    if against is not None:
        reference = _earlier(model, reference, against, target, options)
    if isinstance(rows, Window):
        return compare(reference, rows, limits=limits, model=name, rows="window")
    counted = count_rows(model, reference, rows, target=target, options=options)
    return compare(
        reference, counted.window, performance=counted.performance,
        labels_unknown=counted.labels_unknown, limits=limits, model=name, rows=name_rows(rows),
        reading=counted.reading,
    )  # fmt: skip


class Counted(NamedTuple):
    """New rows, counted: their window, scores where labels are known, unknown labels, reading."""

    window: Window
    performance: list[Performance]
    labels_unknown: Mapping[str, int]
    reading: Reading


def count_rows(
    model: Model,
    reference: Reference,
    rows: Any,
    *,
    target: str | None = None,
    options: ReadOptions | None = None,
) -> Counted:
    """Count new rows over a reference, and score the model where labels are known.

    Raises:
        DataError: there are no rows, or most labels are unknown to the model.
    """
    manifest = model.manifest
    window, labels = Window(reference), Labels(model)
    blocks = list(_blocks(model, rows, options))
    step = max(1, -(-sum(len(sent) for sent in blocks) // MAX_ANSWERED))
    for sent in blocks:
        read, frame = isinstance(rows, Table), _filled(sent)
        table = _conformed(manifest.schema, rows if read else frame)
        window.update(table)
        encoded = encode_labels(model, frame, target, stored=read)
        window.add_target(labels.add(encoded))
        some = np.arange(0, frame.height, step)
        predictions = model.predict_arrays(arrays(table.take(some)))
        window.add_predictions(predictions)
        if encoded is not None:
            labels.add_predictions(predictions, encoded.y[some])
    labels.check(name_rows(rows))
    known = [*manifest.schema.known, manifest.target.name, *filter(None, [target])]
    reading = note_differences(blocks[0].reading, blocks[0].columns, known, manifest.layout)
    reading = msgspec.structs.replace(reading, doubts=(*reading.doubts, *labels.respelled))
    return Counted(window, labels.score(reference), labels.unknown, reading)


def name_rows(rows: Any) -> str:
    """Return the name of rows for people: that of their file, where they are one."""
    one_line = isinstance(rows, str) and "\n" not in rows and rows.lstrip()[:1] not in {"{", "["}
    return Path(rows).name if one_line or isinstance(rows, Path) else "rows"


def _earlier(
    model: Model, reference: Reference, against: Any, target: str | None, options: ReadOptions
) -> Reference:
    if isinstance(against, Window):
        return against.as_reference(reference)
    whole = against if isinstance(against, Table) else _whole(model, against, options)
    cells = whole if isinstance(whole, Table) else _filled(whole)
    framed = reference.framed_by(_conformed(model.manifest.schema, cells))
    counted = count_rows(model, framed, whole, target=target)
    earlier = counted.window.as_reference(framed, name_rows(against))
    return replace(earlier, score=_earlier_score(counted) or earlier.score)


def _earlier_score(counted: Counted) -> BaselineScore | None:
    """Return the score on earlier rows, where their labels are known."""
    for found in counted.performance:
        if found.score is not None:
            return BaselineScore(found.metric, found.score, found.low, found.high, found.rows)
    return None


def _blocks(model: Model, rows: Any, options: ReadOptions | None) -> Iterator[NewRows]:
    path = Path(rows) if isinstance(rows, str | Path) and str(rows).endswith(".parquet") else None
    if path is None or not path.is_file():
        yield _whole(model, rows, options)
        return
    lazy = pl.scan_parquet(path)
    try:
        height = int(lazy.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        height = 0
    if height <= BLOCK:
        yield _whole(model, rows, options)
        return
    for begin in range(0, height, BLOCK):
        yield NewRows(lazy.slice(begin, BLOCK).collect(), reading=Reading(Layout("parquet")))


def _whole(model: Model, rows: Any, options: ReadOptions | None) -> NewRows:
    if isinstance(rows, Table):
        return NewRows(rows.frame, reading=rows.reading)
    if isinstance(rows, NewRows):
        return rows
    return rows_of(rows, model.manifest.schema.asked, options or ReadOptions())


def _filled(sent: NewRows) -> pl.DataFrame:
    """Return the rows in which something stands."""
    return sent.frame if sent.empty is None else sent.frame.filter(~sent.empty)


def _conformed(schema: Schema, rows: pl.DataFrame | Table) -> Table:
    table = schema.validate(rows)
    if not table.height:
        raise DataError("watch-rows-empty")
    return table
