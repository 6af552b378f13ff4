"""How a report is written and shown: as JSON, as a page, as text, as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from mulle.errors import DataError, UsageError
from mulle.files import write_bytes

if TYPE_CHECKING:
    from mulle.report.charts import Drawing


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
        from mulle.verbs.explore.report import VERSION

        try:
            report: Any = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError("report-damaged", error=error) from error
        if report.header.version > VERSION:
            raise DataError("report-too-new", version=report.header.version, VERSION=VERSION)
        found: Self = report
        return found

    def save_json(self, path: str | Path) -> None:
        """Write the report to a file, whole or not at all.

        Raises:
            RunError: the folder cannot be written to.
        """
        write_bytes(Path(path), self.to_json())

    def to_html(self, lang: str = "en") -> str:
        """The report as one HTML page that needs no network.

        Raises:
            UnknownName: no such language.
        """
        from mulle.verbs.explore.page import html

        return html(self, lang)  # type: ignore[arg-type]  # mixed into Report alone

    def to_markdown(self, lang: str = "en") -> str:
        """The report as text.

        Raises:
            UnknownName: no such language.
        """
        from mulle.verbs.explore.page import markdown

        return markdown(self, lang)  # type: ignore[arg-type]

    def chart(self, column: str, lang: str = "en") -> Drawing:
        """The picture of one column; a notebook shows it, and `save` writes a .png or .svg.

        Raises:
            UnknownName: there is no such column, or language.
            DataError: the column has nothing to draw.
        """
        from mulle.verbs.explore.page import chart

        return chart(self, column, lang)  # type: ignore[arg-type]

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
        """The page in a frame of its own, so that a notebook's styles and its own stay apart."""
        from html import escape

        page = escape(self.to_html(), quote=True)
        style = "width:100%;height:44rem;border:1px solid #8886;border-radius:4px"
        return f'<iframe title="mulle explore" style="{style}" srcdoc="{page}"></iframe>'
