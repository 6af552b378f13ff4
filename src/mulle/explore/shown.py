"""How a report is written and shown: as JSON here; what draws a page of it joins in here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import msgspec

from mulle.errors import DataError
from mulle.files import write_bytes


class Shown:
    """What a report can do besides being data; mixed into `Report`."""

    __slots__ = ()

    def to_json(self) -> bytes:
        """The report as UTF-8 JSON; numbers that do not exist are null."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            DataError: it is damaged, or of a later version.
        """
        from mulle.explore.report import VERSION

        try:
            report: Any = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError(
                "report-damaged",
                f"The report cannot be read: {error}.",
                fix="Explore the table again.",
            ) from error
        if report.header.version > VERSION:
            raise DataError(
                "report-too-new",
                f"The report has version {report.header.version}; this mulle reads {VERSION}.",
                fix="pip install --upgrade mulle",
            )
        found: Self = report
        return found

    def save_json(self, path: str | Path) -> None:
        """Write the report to a file, whole or not at all.

        Raises:
            RunError: the folder cannot be written to.
        """
        write_bytes(Path(path), self.to_json())
