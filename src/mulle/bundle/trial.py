"""The trial: a few rows that a model answers each time it is loaded, before anybody relies on it.

    trial.json    {"rows": [[cells in the order of the graph's inputs]], "scores": [[...]],
                   "codes": [...]}

The rows are made of the usual values: a typical row, one with nothing in it, and one of values that
no table holds; none is a row of the training table. They are asked one by one, two and all at once.
Each time there must be one answer a row, of the shape of the task, with labels that the model has,
and as far as answers were recorded when the file was written, the same ones: probabilities within
1e-4, values within 1e-4 standard deviations of the target (or 1e-5 of a value far outside its
range), labels unless that close to another.
A file without recorded answers is asked all the same.

catalogue  onnx-format
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle.archive import TRIAL
from mulle.bundle.manifest import MAX_DIFF_IN_STD, Manifest, damaged
from mulle.bundle.prove import near_boundary
from mulle.errors import BundleError
from mulle.metrics import Predictions
from mulle.table import Column, Kind, Storage
from mulle.table.cell_readers import Cell
from mulle.table.types.pixels import ramp

if TYPE_CHECKING:
    from mulle.bundle.model import Model

MAX_ROWS = 16  # that a file may ask to be tried
_TYPICAL: dict[Storage, Cell] = {Storage.number: 1.5, Storage.date: 0, Storage.string: "text"}
_YEAR_2100 = 4_102_444_800_000_000  # its first day, in microseconds since 1970
_UNSEEN: dict[Storage, Cell] = {
    Storage.number: 1.0,
    Storage.date: _YEAR_2100,
    Storage.string: "\u2603 unseen",
}
_SINGLE_DIGITS = 1e-5  # of a value far outside the target's range, which float32 cannot hold better
_WRITTEN_FREELY = {Kind.text, Kind.id}  # the usual text of these may be somebody's


class Trial(msgspec.Struct, frozen=True):
    """Rows with the answers that they were given when the file was written.

    Attributes:
        rows: cells as they are read, in the order of the schema; None is missing.
        scores: probabilities [N, C] or values [N, 1]; None where an answer is no finite number.
        codes: of the labels [N]; None for values.
    """

    rows: list[list[float | int | str | None]]
    scores: list[list[float | None]] = []
    codes: list[int] | None = None


def record_trial(model: Model) -> Trial:
    """Let a model answer its trial rows, for the file that is written of it."""
    rows = _rows_of(model.manifest)
    scores, codes = _answer(model, rows)
    finite = np.where(np.isfinite(scores), scores, np.nan).reshape(len(rows), -1)
    known = [[None if np.isnan(v) else v for v in row] for row in finite.tolist()]
    return Trial(rows, known, None if codes is None else codes.tolist())


def check_trial(model: Model, where: str) -> None:
    """Refuse a model that cannot be asked, or answers otherwise than when it was written.

    Raises:
        BundleError: it fails, gives more or fewer answers than rows, an unknown label, or other
            answers than recorded.
    """
    trial = _recorded(model, where) or Trial(_rows_of(model.manifest))
    rows = range(len(trial.rows))
    for asked in (rows, rows[:2], *([row] for row in rows)):
        try:
            answers = _answer(model, [trial.rows[row] for row in asked])
        except BundleError:
            raise
        except Exception as error:  # whatever a graph, or a row that does not fit it, raises
            raise BundleError("trial-failed", where=where, error=str(error)[:300]) from error
        _check_form(answers, model.manifest, len(asked), where)
        if trial.scores:
            _compare(answers, trial, list(asked), model.manifest, where)


def _recorded(model: Model, where: str) -> Trial | None:
    data = model.members.get(TRIAL)
    if data is None:
        return None
    try:
        trial = msgspec.json.decode(data, type=Trial)
    except (msgspec.DecodeError, RecursionError) as error:
        raise damaged(where, "unreadable", TRIAL) from error
    width, labels = len(model.manifest.schema.columns), max(1, len(model.manifest.labels))
    answered = len(trial.scores) == len(trial.rows) and (
        len(trial.codes or ()) == (len(trial.rows) if model.manifest.labels else 0)
    )
    shaped = {len(row) for row in trial.rows} == {width} and {len(row) for row in trial.scores} == {
        labels
    }
    known = all(0 <= code < labels for code in trial.codes or ())
    if not (answered and shaped and known and len(trial.rows) <= MAX_ROWS):
        raise damaged(where, "unreadable", TRIAL)
    return trial


def _rows_of(manifest: Manifest) -> list[list[Cell]]:
    """Return a typical row, one with nothing in it, and one of what no table holds."""
    columns = manifest.schema.columns
    return [
        [_typical(column, manifest) for column in columns],
        [None] * len(columns),
        [_UNSEEN[column.storage] for column in columns],
    ]


def _typical(column: Column, manifest: Manifest) -> Cell:
    if column.notation.form == "pixels":
        return ramp(column.notation)
    if column.kind in _WRITTEN_FREELY:
        return _TYPICAL[column.storage]
    value = manifest.usual.get(column.name)
    return _TYPICAL[column.storage] if value is None else value


def _answer(model: Model, rows: Sequence[Sequence[Any]]) -> Predictions:
    names = model.manifest.schema.names
    return model.predict_arrays(model.pack([dict(zip(names, r, strict=True)) for r in rows]))


def _check_form(answers: Predictions, manifest: Manifest, rows: int, where: str) -> None:
    """Check how many answers there are, their shape and their labels."""
    scores, codes = answers
    if len(scores) != rows or (codes is not None and len(codes) != rows):
        raise BundleError("trial-rows", where=where, rows=rows, answers=len(scores))
    labels = len(manifest.labels)
    shape = (rows, labels) if labels else (rows,)
    if scores.shape != shape or (codes is not None and codes.shape != (rows,)):
        wrong = scores if scores.shape != shape else np.asarray(codes)
        raise BundleError("trial-shape", where=where, found=str(wrong.shape), shape=str(shape))
    if codes is not None and not ((codes >= 0) & (codes < labels)).all():
        raise damaged(where, "label-unknown", str(codes.tolist()))


def _compare(
    answers: Predictions, trial: Trial, asked: list[int], manifest: Manifest, where: str
) -> None:
    """Check answers against the recorded ones; what is not finite was not recorded."""
    expected = np.array([trial.scores[row] for row in asked], float)
    scores = answers.scores.reshape(len(asked), -1)
    allowed = MAX_DIFF_IN_STD * (manifest.parity.std if manifest.parity else 1.0)
    allowed_here = np.maximum(allowed, _SINGLE_DIGITS * np.abs(expected))
    wrong = ~np.isnan(expected) & ~(np.abs(scores - expected) <= allowed_here)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0])
        raise BundleError(
            "trial-differs", where=where, found=float(scores[at]), expected=float(expected[at])
        )
    if answers.codes is None or trial.codes is None:
        return
    codes: Array = np.array([trial.codes[row] for row in asked])
    close = near_boundary(np.nan_to_num(expected), manifest.threshold, allowed)
    if ((codes != answers.codes) & ~close).any():
        row = int(np.argmax(codes != answers.codes))
        found, known = (manifest.label_names[c[row]] for c in (answers.codes, codes))
        raise BundleError("trial-label", where=where, found=found, expected=known)
