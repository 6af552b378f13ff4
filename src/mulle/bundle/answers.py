"""Answers as a table, and as the bytes of a CSV, of JSON lines or of a Parquet file.

prediction              the label, or the value
probability_<label>     of each class
why                     if asked for: the columns that moved the answer most
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl

from mulle.bundle.why import explain

if TYPE_CHECKING:
    from mulle.arrays import Array
    from mulle.bundle.model import Model

_WHY_PARTS = 3


class Form(StrEnum):
    """How answers are written; JSON is one object a line."""

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


def answer_frame(model: Model, inputs: Mapping[str, Array], *, why: bool = False) -> pl.DataFrame:
    """One row an answer, for rows that the model has read."""
    scores, chosen = model.answer(inputs)
    if chosen is None:
        frame = pl.DataFrame({"prediction": scores})
    else:
        labels = pl.Series(model.manifest.labels, strict=False)
        frame = pl.DataFrame({"prediction": labels.gather(chosen)}).with_columns(
            pl.Series(f"probability_{label}", scores[:, code])
            for code, label in enumerate(model.manifest.labels)
        )
    if not why:
        return frame
    told = [_told(moved) for moved in explain(model, inputs)]
    return frame.with_columns(pl.Series("why", told, pl.String))


def to_bytes(frame: pl.DataFrame, form: Form, *, header: bool = True) -> bytes:
    """Answers as a file of their own, or, of a CSV without `header`, as the rest of one."""
    if form is Form.csv:
        return frame.write_csv(include_header=header).encode()
    if form is Form.json:
        return frame.write_ndjson().encode()
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def join(parts: Sequence[Path], form: Form, file: BinaryIO) -> None:
    """Parts that `to_bytes` made, as one file; no more than a part is in memory."""
    if form is not Form.parquet:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        return
    pl.scan_parquet([*parts], glob=False).sink_parquet(file)


def _told(why: Any) -> str:
    """The parts that moved an answer most: `sex=female +0.31; age=4 +0.12`."""
    parts = [part for part in why.parts[:_WHY_PARTS] if part.change]
    return "; ".join(f"{p.column}={_plain(p.value)} {p.change:+.3g}" for p in parts)


def _plain(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
