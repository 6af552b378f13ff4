"""The verdict of `mulle watch`, as the reason to retrain: read or made, and kept as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import DataError, MissingFile

NOW = "now"
_NAMED = 10  # drifted columns that the ledger names


class _Column(msgspec.Struct):
    drift_detected: bool | None = None


class _Verdict(msgspec.Struct):
    """What is needed of a verdict; it holds more."""

    dataset_drift: bool | None
    share_of_drifted_columns: float | None = None
    columns: dict[str, _Column] = {}


def verdict_on(given: str, champion: Path, new: Any) -> tuple[bool, dict[str, Any]]:
    """Whether the rows have drifted, and what to note of it; "cannot tell" is no drift.

    Args:
        given: the path of a verdict, or `now` to compare the new rows with the champion's.

    Raises:
        MissingFile: there is no such file.
        DataError: it is not a verdict.
        MulleError: as `mulle.watch`.
    """
    verdict = _made(champion, new) if given == NOW else _read(Path(given))
    drifted = [name for name, column in verdict.columns.items() if column.drift_detected]
    return bool(verdict.dataset_drift), {
        "verdict": given,
        "dataset_drift": verdict.dataset_drift,
        "share": verdict.share_of_drifted_columns,
        "columns": drifted[:_NAMED],
    }


def _made(champion: Path, new: Any) -> _Verdict:
    from mulle.verbs.watch import watch

    return msgspec.convert(watch(champion, new).to_dict(), _Verdict)


def _read(path: Path) -> _Verdict:
    if not path.is_file():
        raise MissingFile("verdict-missing", path=path, NOW=NOW)
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Verdict)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            "verdict-unreadable", where=str(path), name=path.name, error=error
        ) from error
