"""The file `run.json` of a run: its settings, its end and its scores.

A run is the folder `.mulle/runs/<id>/` with `run.json`, `decisions.jsonl` and `trials/`. `fit`
writes the file when it begins and again whenever it knows more; the index only ever reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from mulle.errors import DataError, MissingFile
from mulle.files import write_bytes

FILE = "run.json"


class Score(msgspec.Struct, frozen=True):
    """The score of a run on validation rows and on test rows; None until it is known."""

    validation: float | None = None
    test: float | None = None


class Promise(msgspec.Struct, frozen=True):
    """Seconds that were promised (None: no limit) and taken (None: not over)."""

    promised_s: float | None = None
    actual_s: float | None = None


class RunRecord(msgspec.Struct, frozen=True):
    """The record of a run.

    Attributes:
        id: the name of its folder.
        created: when it began, ISO 8601 in UTC.
        status: `running`, `done`, `interrupted` or `failed`.
        source: the table it was fitted on; target, task, metric, seed, preset: as asked or chosen.
        rows, columns: the size of the table, None until it was read.
        score: validation and test.
        bundle, report: paths of what it made, "" until then.
        budget: seconds promised and taken.
        error: what stopped it, "" if nothing did.
        details: whatever else the file holds.
    """

    id: str
    created: str
    status: Literal["running", "done", "interrupted", "failed"] = "running"
    source: str = ""
    target: str = ""
    task: str = ""
    metric: str = ""
    seed: int = 0
    preset: str = ""
    rows: int | None = None
    columns: int | None = None
    score: Score = Score()
    bundle: str = ""
    report: str = ""
    budget: Promise = Promise()
    error: str = ""
    details: dict[str, Any] = {}


def write_record(folder: Path, record: RunRecord) -> None:
    """Write `run.json` of a run folder, whole or not at all.

    Raises:
        RunError: the disk is full, or the folder cannot be written to.
    """
    write_bytes(folder / FILE, msgspec.json.format(msgspec.json.encode(record)) + b"\n")


def read_record(folder: Path) -> RunRecord:
    """Return the record of a run folder; keys that this version lacks stand in `details`.

    The name of the folder is the id, so that a copied folder is a run of its own.

    Raises:
        MissingFile: the folder has no `run.json`.
        DataError: the file is not a run's record.
    """
    path = folder / FILE
    try:
        known = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        extra = {name: known.pop(name) for name in set(known) - set(RunRecord.__struct_fields__)}
        details = dict(known.get("details") or {}) | extra
        given = {n: v for n, v in known.items() if v is not None} | {"id": folder.name}
        return msgspec.convert(given | {"details": details}, RunRecord)
    except FileNotFoundError as error:
        raise MissingFile(
            "run-file-missing", where=str(folder), run=folder.name, file=FILE
        ) from error
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise DataError(
            "run-file-damaged", where=str(path), file=FILE, run=folder.name, error=error
        ) from error
