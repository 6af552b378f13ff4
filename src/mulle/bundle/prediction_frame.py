"""Predictions as a table, and as the bytes of a CSV, of JSON lines or of a Parquet file.

prediction              the label, or the value
probability_<label>     of each class
why                     if asked for: the columns that moved the prediction most

A row that the layout of its file leaves out keeps its place, with nothing in it.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl

from mulle.bundle.explanation import Explanation, explain

if TYPE_CHECKING:
    from mulle.arrays import Array
    from mulle.bundle.model import Model

MAX_CONTRIBUTIONS = 3  # in the column `why`


class Form(StrEnum):
    """How predictions are written; JSON is one object a line."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


FORMS = {
    ".csv": Form.csv,
    ".json": Form.json,
    ".jsonl": Form.json,
    ".ndjson": Form.json,
    ".parquet": Form.parquet,
}


def prediction_frame(
    model: Model, inputs: Mapping[str, Array], *, why: bool = False, empty: pl.Series | None = None
) -> pl.DataFrame:
    """Return the predictions of rows that the model has read, one a row.

    Args:
        inputs: one array [N, 1] a column.
        why: whether to add the column `why`, which takes a prediction more for each column.
        empty: which rows get none [N], boolean: everything is null there.
    """
    scores, codes = model.predict_arrays(inputs)
    if codes is None:
        frame = pl.DataFrame({"prediction": scores})
    else:
        labels = pl.Series(model.manifest.labels, strict=False)
        frame = pl.DataFrame({"prediction": labels.gather(codes)}).with_columns(
            pl.Series(f"probability_{name}", scores[:, code])
            for code, name in enumerate(model.manifest.label_names)
        )
    if why:
        explained = explain(model.predict_arrays, model.manifest, inputs)
        texts = [_to_text(explanation) for explanation in explained]
        frame = frame.with_columns(pl.Series("why", texts, pl.String))
    if empty is None:
        return frame
    kept = [pl.select(pl.when(~empty).then(column)).to_series() for column in frame]
    return pl.DataFrame([k.alias(name) for k, name in zip(kept, frame.columns, strict=True)])


def to_bytes(frame: pl.DataFrame, form: Form, *, header: bool = True) -> bytes:
    """Return predictions as a whole file, or, as CSV without `header`, as the rest of one."""
    if form is Form.csv:
        return frame.write_csv(include_header=header).encode()
    if form is Form.json:
        return frame.write_ndjson().encode()
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def join(parts: Sequence[Path], form: Form, file: BinaryIO) -> None:
    """Join files that `to_bytes` made; no more than one of them is in memory."""
    if form is not Form.parquet:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        return
    pl.scan_parquet([*parts], glob=False).sink_parquet(file)


def _to_text(explanation: Explanation) -> str:
    """Return the columns that moved a prediction most: `sex=female +0.31; age=4 +0.12`."""
    most = [c for c in explanation.contributions[:MAX_CONTRIBUTIONS] if c.change]
    return "; ".join(f"{c.column}={_value_text(c.value)} {c.change:+.3g}" for c in most)


def _value_text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
