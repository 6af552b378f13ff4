"""`watch`: a model file and new rows in, a verdict out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.bundle import Model, Scored, load
from mulle.errors import DataError, UsageError
from mulle.graph import arrays
from mulle.table import Schema, Table, read
from mulle.table.rows import rows_of
from mulle.profile.drift import Limits
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.performance import performance
from mulle.verbs.watch.reference import Reference, metric_of
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.result import Performance
from mulle.verbs.watch.window import Window

ANSWERED = 20_000  # rows that the model answers: enough to tell a point of a hundred
BLOCK = 500_000  # rows of a Parquet file that are held at once


def watch(
    model: Model | str | Path,
    rows: Any,
    *,
    target: str | None = None,
    against: Any = None,
    limits: Limits | None = None,
) -> DriftReport:
    """Compare new rows with what a model learned from.

    Every row is counted. Of more than 20,000 rows the model answers 20,000, evenly spaced; with
    labels it is scored on those.

    Args:
        model: a bundle or its path.
        rows: whatever `predict` takes, or a `Window` over the reference of this model.
        target: the column with the labels, if they are there; by default the column that is called
            as in training.
        against: other rows (or a `Window`) to compare with, instead of what the bundle carries.
        limits: what counts as drift.

    Returns:
        The verdict: `.columns`, `.dataset_drift`, `.to_json()`, `.to_html()`, `.to_dict()`.

    Raises:
        MulleError: the model or the rows cannot be read, or do not belong together.
    """
    name = Path(model).name if isinstance(model, str | Path) else ""
    model = model if isinstance(model, Model) else load(model)
    reference = Reference.of(model, name)
    if against is not None:
        reference = _earlier(model, reference, against, target)
    if isinstance(rows, Window):
        return compare(reference, rows, limits=limits, model=name, rows="window")
    window, scored = counted(model, reference, rows, target=target)
    return compare(
        reference, window, performance=scored, limits=limits, model=name, rows=called(rows)
    )


def counted(
    model: Model, reference: Reference, rows: Any, *, target: str | None = None
) -> tuple[Window, list[Performance]]:
    """New rows as a window over a reference, and the model's score where labels are known."""
    window = Window(reference)
    answered: list[tuple[Array, Array | None]] = []
    blocks = list(_blocks(model, rows, target))
    height = sum(frame.height for frame in blocks)
    for frame in blocks:
        table = _conformed(model.manifest.schema, frame)
        window.update(table)
        step = max(1, -(-height // ANSWERED))
        some = np.arange(0, frame.height, step)
        labels = labels_of(model, frame[some], target)
        answers = model.answer(arrays(table.take(some)))[0] if len(some) else None
        if answers is not None:
            window.add_answers(answers)
            answered.append((answers, labels))
        every = labels_of(model, frame, target)
        if every is not None:
            known = every[every >= 0] if every.dtype.kind == "i" else every[~np.isnan(every)]
            window.add_target(known)
    return window, scored_on(model, reference, answered)


def called(rows: Any) -> str:
    """What rows are called: their file, if they are one."""
    one_line = isinstance(rows, str) and "\n" not in rows and rows.lstrip()[:1] not in {"{", "["}
    return Path(rows).name if one_line or isinstance(rows, Path) else "rows"


def _earlier(model: Model, reference: Reference, against: Any, target: str | None) -> Reference:
    if isinstance(against, Window):
        return against.as_reference(reference)
    frame = _whole(model, against)
    framed = reference.framed_by(_conformed(model.manifest.schema, frame))
    window, _ = counted(model, framed, frame, target=target)
    return window.as_reference(framed, called(against))


def _blocks(model: Model, rows: Any, target: str | None) -> Iterator[pl.DataFrame]:
    path = Path(rows) if isinstance(rows, str | Path) and str(rows).endswith(".parquet") else None
    if path is None or not path.is_file():
        yield _whole(model, rows)
        return
    lazy = pl.scan_parquet(path)
    try:
        height = int(lazy.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        height = 0
    if height <= BLOCK:
        yield _whole(model, rows)
        return
    for begin in range(0, height, BLOCK):
        yield lazy.slice(begin, BLOCK).collect()


def _whole(model: Model, rows: Any) -> pl.DataFrame:
    return rows.frame if isinstance(rows, Table) else rows_of(rows, model.manifest.schema.names)


def _conformed(schema: Schema, frame: pl.DataFrame) -> Table:
    table = schema.conform(frame)
    if not table.height:
        raise DataError("watch-rows-empty")
    return table


def labels_of(model: Model, frame: pl.DataFrame, target: str | None) -> Array | None:
    """Class codes (-1 for none) or values (nan for none) of each row; None without such a column.

    A label that the model does not know counts as none: it cannot be scored.
    """
    name = target or model.manifest.target
    if name not in frame.columns:
        if target is not None:
            raise UsageError(
                "watch-target-missing", target=target, columns=", ".join(frame.columns[:10])
            )
        return None
    if not frame.height or frame[name].null_count() == frame.height:
        return None
    values = read(frame[name].alias("y").to_frame()).column("y")
    if model.is_regression:
        found = values.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
        return np.asarray(found, np.float64)
    codes = {_key(label): code for code, label in enumerate(model.manifest.labels)}
    return np.array([codes.get(_key(v), -1) for v in values.to_list()], np.int64)


def _key(value: Any) -> str:
    """A label as text, the same for 1, 1.0 and True."""
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))
    return str(value)


def scored_on(
    model: Model, reference: Reference, answered: list[tuple[Array, Array | None]]
) -> list[Performance]:
    """The model's score, from answers with the labels that are known of them."""
    pairs = [(a, y) for a, y in answered if y is not None]
    if not pairs:
        return []
    answers = np.concatenate([a for a, _ in pairs])
    y = np.concatenate([y for _, y in pairs])
    known = y >= 0 if y.dtype.kind == "i" else ~np.isnan(y)
    if not known.any():
        return []
    metric, before = metric_of(model.manifest), reference.score
    if before is None:
        stated = model.manifest.scores.get("test", {}).get(metric.name)
        before = None if stated is None else Scored(metric.name, stated)
    return [performance(metric, y[known], answers[known], before)]
