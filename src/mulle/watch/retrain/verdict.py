"""The verdict of `mulle watch`, as the reason to retrain: read, checked, and kept as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import DataError, MissingFile

_NAMED = 10  # drifted columns that the ledger names


class _Column(msgspec.Struct):
    drift_detected: bool | None = None


class _Verdict(msgspec.Struct):
    """What is needed of a verdict; it holds more."""

    dataset_drift: bool | None
    share_of_drifted_columns: float | None = None
    columns: dict[str, _Column] = {}


def read_verdict(path: Path) -> tuple[bool, dict[str, Any]]:
    """Whether the rows have drifted, and what to note of it; "cannot tell" is no drift.

    Raises:
        MissingFile: there is no such file.
        DataError: it is not a verdict.
    """
    if not path.is_file():
        raise MissingFile(
            "file-missing",
            f"There is no verdict {path}.",
            fix="Write one: mulle watch MODEL NEW --format json > verdict.json",
        )
    try:
        verdict = msgspec.json.decode(path.read_bytes(), type=_Verdict)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            "verdict-unreadable",
            f"{path.name} is not a verdict of mulle watch: {error}.",
            where=str(path),
            fix="Write one: mulle watch MODEL NEW --format json > verdict.json",
        ) from error
    drifted = [name for name, column in verdict.columns.items() if column.drift_detected]
    return bool(verdict.dataset_drift), {
        "verdict": str(path),
        "dataset_drift": verdict.dataset_drift,
        "share": verdict.share_of_drifted_columns,
        "columns": drifted[:_NAMED],
    }
