"""`mulle.watch`: compare new rows with what a model learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from mulle.table import NewRows, Reading, ReadOptions, Table, read_options, rows_of
from mulle.table.read.rows import note_differences
from mulle.table.stream import read_row_chunks
from mulle.table.stream.size import is_large
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.labels import Labels, encode_labels
from mulle.verbs.watch.performance import Performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.result import UNNAMED
from mulle.verbs.watch.sample import Sample
from mulle.verbs.watch.window import Window

BLOCK = 50_000  # rows that are held at once, however they come: sums depend on no file's format


def watch(
    model: Model | str | Path,
    rows: Any,
    *,
    target: str | None = None,
    against: Any = None,
    whole_year: bool = False,
    limits: Limits | None = None,
    reading: Any = None,
) -> DriftReport:
    """Compare new rows with what a model learned from.

    Every row is counted. Of more than 20,000 rows the model answers every second, fourth, eighth
    ..., so that at most 20,000 are answered; with labels it is scored on those.

    Rows of part of a year are compared with the training rows of the same months, where the model
    learned from a whole year or more: see `.season`.

    Args:
        model: a bundle or its path.
        rows: whatever `predict` takes, or a `Window` over the reference of this model.
        target: name of the column of labels, where the rows have one; by default the name that it
            had in training.
        against: other rows (or a `Window`) to compare with, instead of what the bundle carries.
        whole_year: compare with all training rows, whatever the months of the new ones.
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
    if whole_year:
        reference = replace(reference, seasons=None)
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
    manifest, sent = model.manifest, _sent(model, rows, target, options)
    window, labels, sample = Window(reference), Labels(model, reference), Sample()
    columns: Sequence[str] = ()
    for block, read in sent.blocks:
        table, encoded = manifest.schema.validate(block), None
        if table.height:
            window.update(table)
            frame = block.frame if isinstance(block, Table) else block
            columns = columns or sent.columns or frame.columns
            encoded = encode_labels(model, frame, target, stored=read)
            window.add_target(labels.add(encoded))
        sample.add(table, None if encoded is None else encoded.y)
    if not sample.seen:
        raise DataError("watch-rows-empty")
    for table, y in sample.parts:
        predictions = model.predict_arrays(arrays(table))
        window.add_predictions(predictions)
        if y is not None:
            labels.add_predictions(predictions, y, table)
    labels.check(name_rows(rows))
    known = [*manifest.schema.known, manifest.target.name, *filter(None, [target])]
    reading = note_differences(sent.reading, columns, known, manifest.layout)
    reading = msgspec.structs.replace(reading, doubts=(*reading.doubts, *labels.respelled))
    return Counted(window, labels.score(), labels.unknown, reading)


def name_rows(rows: Any) -> str:
    """Return the name of rows for people: that of their file, where they are one."""
    one_line = isinstance(rows, str) and "\n" not in rows and rows.lstrip()[:1] not in {"{", "["}
    return Path(rows).name if one_line or isinstance(rows, Path) else UNNAMED


def _earlier(
    model: Model, reference: Reference, against: Any, target: str | None, options: ReadOptions
) -> Reference:
    if isinstance(against, Window):
        return against.as_reference(reference)
    framed = reference
    if any(name not in reference.columns for name in reference.kinds):
        whole = against if isinstance(against, Table) else _whole(model, against, options)
        cells = whole if isinstance(whole, Table) else _filled(whole.frame, whole.empty)
        framed = reference.framed_by(model.manifest.schema.validate(cells))
    counted = count_rows(model, framed, against, target=target, options=options)
    earlier = counted.window.as_reference(framed, name_rows(against))
    return replace(earlier, score=_earlier_score(counted) or earlier.score)


def _earlier_score(counted: Counted) -> BaselineScore | None:
    """Return the score on earlier rows, where their labels are known."""
    for found in counted.performance:
        if found.score is not None:
            return BaselineScore(found.metric, found.score, found.low, found.high, found.rows)
    return None


class _Sent(NamedTuple):
    """New rows in blocks of at most BLOCK rows, each with whether it is in storage already."""

    blocks: Iterator[tuple[pl.DataFrame | Table, bool]]
    reading: Reading
    columns: Sequence[str]


def _sent(model: Model, rows: Any, target: str | None, options: ReadOptions | None) -> _Sent:
    if isinstance(rows, Table):
        parts = (rows.take(np.arange(*at)) for at in _cuts(rows.height))
        return _Sent(((part, True) for part in parts), rows.reading, rows.names)
    path = _file(rows)
    if path is None:
        whole = _whole(model, rows, options)
        cut = (_filled(*_slice(whole, *at)) for at in _cuts(len(whole)))
        return _Sent(((part, False) for part in cut), whole.reading, whole.columns)
    schema, label = model.manifest.schema, target or model.manifest.target.name
    needed = [*schema.asked, msgspec.structs.replace(schema.asked[0], name=label)]
    found = read_row_chunks(path, needed, BLOCK, options)
    chunks = (_filled(chunk.frame, chunk.empty) for chunk in found.read(0))
    return _Sent(((chunk, False) for chunk in chunks), found.reading, found.columns)


def _file(rows: Any) -> Path | None:
    """Return the file that rows are in, where they are in one that is large enough to stream."""
    if not isinstance(rows, str | Path) or "\n" in str(rows):
        return None
    path = Path(rows)
    try:
        return path if path.is_file() and is_large(path) else None
    except (OSError, ValueError):  # a text that no path can be
        return None


def _cuts(height: int) -> Iterator[tuple[int, int]]:
    return ((begin, min(begin + BLOCK, height)) for begin in range(0, max(height, 1), BLOCK))


def _slice(sent: NewRows, begin: int, end: int) -> tuple[pl.DataFrame, pl.Series | None]:
    empty = None if sent.empty is None else sent.empty.slice(begin, end - begin)
    return sent.frame.slice(begin, end - begin), empty


def _whole(model: Model, rows: Any, options: ReadOptions | None) -> NewRows:
    if isinstance(rows, NewRows):
        return rows
    return rows_of(rows, model.manifest.schema.asked, options or ReadOptions())


def _filled(frame: pl.DataFrame, empty: pl.Series | None) -> pl.DataFrame:
    """Return the rows in which something stands."""
    return frame if empty is None else frame.filter(~empty)
