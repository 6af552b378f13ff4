"""The verdict of `mulle watch` as a reason to retrain: read or made, kept as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import DataError, MissingFile
from mulle.table import ReadOptions

NOW = "now"
MAX_COLUMNS = 10  # drifted columns that the ledger names


class _Column(msgspec.Struct):
    drift_detected: bool | None = None


class _Report(msgspec.Struct):
    """The fields of a drift report that matter here."""

    dataset_drift: bool | None
    alarm: bool | None = None
    causes: list[str] = []
    share_of_drifted_columns: float | None = None
    columns: dict[str, _Column] = {}


def check_drift(
    given: str, champion: Path, new: Any, options: ReadOptions | None = None
) -> tuple[bool, dict[str, Any]]:
    """Return whether the verdict on the rows is an alarm, and the evidence; "cannot tell" is none.

    Reports of before 0.2 know of no alarm but drift.

    Args:
        given: path of a drift report, or `now` to compare the new rows with the champion's.
        champion: bundle of the champion.
        new: the new rows.
        options: what a person has decided about the layout of their file.

    Raises:
        MissingFile: there is no such file.
        DataError: it is not a drift report.
        MulleError: as `mulle.watch`.
    """
    report = _compare(champion, new, options) if given == NOW else _read(Path(given))
    drifted = [name for name, column in report.columns.items() if column.drift_detected]
    alarm = report.dataset_drift if report.alarm is None else report.alarm
    return bool(alarm), {
        "report": given,
        "alarm": alarm,
        "causes": report.causes,
        "dataset_drift": report.dataset_drift,
        "share": report.share_of_drifted_columns,
        "columns": drifted[:MAX_COLUMNS],
    }


def _compare(champion: Path, new: Any, options: ReadOptions | None) -> _Report:
    from mulle.verbs.watch import watch

    return msgspec.convert(watch(champion, new, reading=options).to_dict(), _Report)


def _read(path: Path) -> _Report:
    if not path.is_file():
        raise MissingFile("drift-report-missing", path=path)
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Report)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            "drift-report-unreadable", where=str(path), name=path.name, error=error
        ) from error
