"""A file of rows in, predictions out, batch by batch: memory stays small however many there are.

Batches are whole batches of the model (`batch_rows`), each predicted on its own. So predictions
are, to the last bit, those of the file read at once, and may be continued at any batch.

catalogue  srv-batch
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from mulle.bundle.prediction_frame import prediction_frame
from mulle.graph import arrays
from mulle.table import Reading, read_options
from mulle.table.read.rows import note_differences
from mulle.table.reading import AS_IT_IS
from mulle.table.stream import RowChunk, read_row_chunks

if TYPE_CHECKING:
    from mulle.bundle.model import Model
    from mulle.errors import PredictionError

OnError = Literal["fail", "null"]
MAX_CELLS = 4_000_000  # read values that are in memory at once, about
MAX_MODEL_BATCHES = 8  # in one batch of a file


class Batch(NamedTuple):
    """Predictions of consecutive rows.

    Attributes:
        predictions: one a row; with a column `error` where bad rows do not end the work.
        first: rows of the file before them.
        share: of the file that is done with them, from 0 to 1.
    """

    predictions: pl.DataFrame
    first: int
    share: float


class Batches(NamedTuple):
    """The predictions of a file; a file without rows gives one batch without predictions.

    Attributes:
        height: rows of the file, where that is known without reading it.
        start: returns the batches from the one that begins at a row on.
        reading: the layout of the file, and what a person should know of it.
    """

    height: int | None
    start: Callable[[int], Iterator[Batch]]
    reading: Reading = AS_IT_IS


def predict_file(
    model: Model,
    path: Path,
    *,
    rows: int = 0,
    why: bool = False,
    on_error: OnError = "fail",
    reading: Any = None,
    check: Callable[[pl.DataFrame], None] | None = None,
) -> Batches:
    """Predict the rows of a file.

    Args:
        path: whatever `mulle.read` reads; see `read_row_chunks` for what is streamed.
        rows: of a batch; 0: as many as memory and processors make useful.
        why: whether to add what moved each prediction.
        on_error: what a value that cannot be read does: end the work, or leave its row without a
            prediction and say why in the column `error`.
        reading: the layout of the file, where it is not found: see `mulle.read`.
        check: refuses the rows of a batch before the model is asked, where they are too large.

    Raises:
        PredictionError: the file is not a table, lacks a column, or (`fail`) holds a value that
            cannot be read; here or while batches are taken.
        MissingFile: there is no such file.
    """
    manifest = model.manifest
    size = rows or useful_rows(model)
    found = read_row_chunks(path, manifest.schema.asked, size, read_options(reading))

    def start(begin: int) -> Iterator[Batch]:
        for block in found.read(begin):
            if check is not None:
                check(block.frame)
            predictions = _predict(model, block, why=why, lenient=on_error == "null")
            yield Batch(predictions, block.first, block.share)

    known = [*manifest.schema.known, manifest.target.name]
    told = note_differences(found.reading, found.columns, known, manifest.layout)
    return Batches(found.height, start, told)


def useful_rows(model: Model) -> int:
    """Return the rows of a batch: a few batches of the model, fewer where tables are wide."""
    size = model.manifest.batch_rows
    return size * min(
        MAX_MODEL_BATCHES, max(1, MAX_CELLS // (size * len(model.manifest.schema.columns)))
    )


def _predict(model: Model, block: RowChunk, *, why: bool, lenient: bool) -> pl.DataFrame:
    refused: dict[int, PredictionError] | None = {} if lenient else None
    table = model.manifest.schema.validate(block.frame, first=block.first, refused=refused)
    reasons = {row: error.what for row, error in (refused or {}).items()}
    empty = block.empty
    if reasons:
        bad = pl.Series([row in reasons for row in range(len(block.frame))])
        empty = bad if empty is None else bad | empty
    frame = prediction_frame(model, arrays(table), why=why, empty=empty)
    if not lenient:
        return frame
    said = pl.Series("error", [reasons.get(row) for row in range(frame.height)], pl.String)
    return frame.with_columns(said)
