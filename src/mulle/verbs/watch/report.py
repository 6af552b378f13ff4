"""The report on drift that `mulle.watch` returns: a result that can be read, shown and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import DataError
from mulle.files import write_bytes, write_text
from mulle.verbs.watch import sentences
from mulle.verbs.watch.result import VERSION, DriftResult


class DriftReport(DriftResult, frozen=True, kw_only=True):
    """New rows compared with what a model learned from: columns, predictions, target, scores."""

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the report as plain values, with a sentence `reason` beside each `reason_code`."""
        return sentences.to_dict(self, lang)

    def to_json(self, lang: str | None = None) -> bytes:
        """Return `to_dict` as JSON in UTF-8."""
        return msgspec.json.format(msgspec.json.encode(self.to_dict(lang)), indent=1)

    def to_html(self, lang: str | None = None) -> str:
        """Return the report as one HTML page that needs no network."""
        from mulle.verbs.watch.page import render_page

        return render_page(self, lang)

    def summary(self, lang: str | None = None, *, verbose: bool = False) -> str:
        """Return the report in a few lines of text; with `verbose`, every column has one."""
        return sentences.summarize(self, lang, verbose=verbose)

    def save(self, path: str | Path, lang: str | None = None) -> None:
        """Write the report: JSON where the name ends in .json, a page otherwise.

        Raises:
            RunError: the folder cannot be written to.
        """
        path = Path(path)
        if path.suffix.lower() == ".json":
            write_bytes(path, self.to_json(lang) + b"\n")
        else:
            write_text(path, self.to_html(lang))

    @classmethod
    def from_json(cls, data: bytes) -> DriftReport:
        """Read what `to_json` wrote.

        Raises:
            DataError: it is damaged, or of a later version.
        """
        try:
            version = msgspec.json.decode(data, type=_Version).version
            if version <= VERSION:
                report = msgspec.json.decode(data, type=cls)
                return report if version > 1 else _with_alarm(report)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise DataError("drift-report-damaged", error=error) from error
        raise DataError("drift-report-newer", version=version, supported=VERSION)


def _with_alarm(report: DriftReport) -> DriftReport:
    """Return a report of the first version, in which nothing but drift raised an alarm."""
    return msgspec.structs.replace(report, alarm=report.dataset_drift)


class _Version(msgspec.Struct):
    version: int = VERSION
