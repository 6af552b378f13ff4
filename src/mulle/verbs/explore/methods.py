"""What a report can do besides being data: be saved and read, become a page, text or pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mulle.errors import DataError, UsageError
from mulle.files import write_bytes
from mulle.verbs.explore import page
from mulle.verbs.explore.report import VERSION, ReportData

if TYPE_CHECKING:
    from mulle.report.charts import Drawing


class Report(ReportData, frozen=True):
    """Everything that was found out about a table: `mulle.explore` returns it."""

    def to_json(self) -> bytes:
        """Return the report as UTF-8 JSON; numbers that do not exist are null."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> Report:
        """Read what `to_json` wrote.

        Raises:
            DataError: it is damaged, or of a later version.
        """
        try:
            report = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError("report-damaged", error=error) from error
        if report.header.version > VERSION:
            raise DataError("report-too-new", version=report.header.version, known=VERSION)
        return report

    def save_json(self, path: str | Path) -> None:
        """Write the report to a file, whole or not at all.

        Raises:
            RunError: the folder cannot be written to.
        """
        write_bytes(Path(path), self.to_json())

    def to_html(self, lang: str = "en") -> str:
        """Return the report as one HTML page that needs no network.

        Raises:
            UnknownName: no such language.
        """
        return page.to_html(self, lang)

    def to_markdown(self, lang: str = "en") -> str:
        """Return the report as text.

        Raises:
            UnknownName: no such language.
        """
        return page.to_markdown(self, lang)

    def chart(self, column: str, lang: str = "en") -> Drawing:
        """Draw one column; a notebook shows the picture, and `save` writes a .svg or .png.

        Raises:
            UnknownName: there is no such column, or language.
            DataError: the column has nothing to draw.
        """
        return page.chart(self, column, lang)

    def save(self, path: str | Path, lang: str = "en") -> None:
        """Write the report to a `.html`, `.json` or `.md` file, whole or not at all.

        Raises:
            UsageError: the name ends in something else.
            UnknownName: no such language.
            RunError: the folder cannot be written to.
        """
        path = Path(path)
        written = {".html": self.to_html, ".md": self.to_markdown}
        suffix = path.suffix.lower()
        if suffix == ".json":
            self.save_json(path)
        elif suffix in written:
            write_bytes(path, written[suffix](lang).encode("utf-8", "replace"))
        else:
            raise UsageError("report-format", where=str(path), suffix=path.suffix or path.name)

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, so that a notebook's styles do not reach it."""
        from html import escape

        text = escape(self.to_html(), quote=True)
        style = "width:100%;height:44rem;border:1px solid #8886;border-radius:4px"
        return f'<iframe title="mulle explore" style="{style}" srcdoc="{text}"></iframe>'
