"""A file of rows in, answers out, batch by batch: memory stays small however many there are.

Batches are whole batches of the model (`batch_rows`), which are answered each on their own. So the
answers are, to the last bit, those of the file read at once, and may be continued at any batch.

catalogue  srv-batch
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl

from mulle.bundle.answers import answer_frame
from mulle.graph import arrays
from mulle.table.blocks import Block, blocks

if TYPE_CHECKING:
    from mulle.bundle.model import Model
    from mulle.errors import PredictionError

OnError = Literal["fail", "null"]
_CELLS = 4_000_000  # read values that are in memory at once, about
_MOST = 8  # batches of the model at once


class Batch(NamedTuple):
    """Answers that stand together.

    Attributes:
        answers: one row an answer; with a column `error` where bad rows do not end the work.
        first: rows of the file before them.
        share: of the file that is answered with them, from 0 to 1.
    """

    answers: pl.DataFrame
    first: int
    share: float


class Batches(NamedTuple):
    """The answers to a file; a file without rows gives one batch without answers.

    Attributes:
        height: rows of the file, where that is known without reading it.
        answered: the batches from one that begins at a row on.
    """

    height: int | None
    answered: Callable[[int], Iterator[Batch]]


def answer_file(
    model: Model,
    path: Path,
    *,
    rows: int = 0,
    why: bool = False,
    on_error: OnError = "fail",
) -> Batches:
    """The answers of a model to the rows of a file.

    Args:
        path: whatever `mulle.read` reads; see `blocks` for what is streamed.
        rows: of a batch; 0: as many as memory and processors make useful.
        why: whether to tell what moved each answer.
        on_error: what a value that cannot be read does: end the work, or leave its row without an
            answer and say why in the column `error`.

    Raises:
        PredictionError: the file is not a table, lacks a column, or (`fail`) holds a value that
            cannot be read; here or while batches are taken.
        MissingFile: there is no such file.
    """
    schema = model.manifest.schema
    found = blocks(path, schema.names, rows or useful_rows(model))

    def answered(begin: int) -> Iterator[Batch]:
        for block in found.read(begin):
            answers = _answers(model, block, why=why, lenient=on_error == "null")
            yield Batch(answers, block.first, block.share)

    return Batches(found.height, answered)


def useful_rows(model: Model) -> int:
    """Rows of a batch: a few batches of the model, fewer where tables are wide."""
    size = model.manifest.batch_rows
    return size * min(_MOST, max(1, _CELLS // (size * len(model.manifest.schema.columns))))


def _answers(model: Model, block: Block, *, why: bool, lenient: bool) -> pl.DataFrame:
    refused: dict[int, PredictionError] | None = {} if lenient else None
    table = model.manifest.schema.validate(block.frame, first=block.first, refused=refused)
    frame = answer_frame(model, arrays(table), why=why)
    return frame if refused is None else _without(frame, refused)


def _without(frame: pl.DataFrame, refused: dict[int, PredictionError]) -> pl.DataFrame:
    """No answer where a row was refused, and the reason, which is the same in every language."""
    told: list[str | None] = [None] * frame.height
    for row, error in refused.items():
        told[row] = f"{error.code}: {error.values['column']}={error.values['received']}"
    why = pl.Series("error", told, pl.String)
    kept = [pl.select(pl.when(why.is_null()).then(column)).to_series() for column in frame]
    return pl.DataFrame([*(k.alias(c) for k, c in zip(kept, frame.columns, strict=True)), why])
