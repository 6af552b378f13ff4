"""Large files of plain UTF-8: their bytes are read as they are, and no text is made of them.

The layout is that of the first lines. What is not plain (another encoding, loose quotes, uneven
rows, blanks between columns) is left to `delimited`, which needs the whole text.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.delimited import MAX_LINE, TextLayout, data_of, find_layout, has_short
from mulle.table.read.dialect import Dialect
from mulle.table.read.encodings import broken_text, decode
from mulle.table.read.quotes import is_regular
from mulle.table.read.text_cells import read_text_cells
from mulle.table.reading import Cells
from mulle.table.types.options import ReadOptions

LARGE = 32 << 20  # bytes from which on it pays
_HEAD = 16 << 20  # bytes from which the layout is found; more than `delimited` looks at
_LINES = 1000  # that they hold at least
_LOST = "\ufffd".encode()


def first_part(data: bytes) -> bytes | None:
    """Return the first lines of a large file, whole ones; None where it is not large."""
    if len(data) < LARGE:
        return None
    cut = data.rfind(b"\n", 0, _HEAD) + 1
    return data[:cut] if data.count(b"\n", 0, cut) >= _LINES else None


def read_large(data: list[bytes], head: bytes, where: str, options: ReadOptions) -> Cells | None:
    """Read the cells of a large text; None where its whole text is needed.

    Args:
        data: the bytes of the file; they are taken away as soon as they are read.
        head: its first lines.
        where: the file.
        options: what a person has decided.
    """
    rows = data[0]
    if b"\0" in rows or not _has_lines(rows):
        return None
    try:
        decoded = decode(head, None, where)
        layout = find_layout(decoded.text, options)
    except DataError:
        return None
    if decoded.encoding != "utf-8" or layout is None or not _is_simple(layout.dialect):
        return None
    if not rows.isascii() and (_LOST in rows or broken_text(rows) != decoded.doubts):
        return None
    begin = len(head) - len(layout.body.encode())
    layout = replace(layout, body="")
    frame = _frame(rows, begin, layout)
    if frame is None:
        return None
    del rows
    data.clear()
    frame = frame.rename(dict(zip(frame.columns, layout.top.names, strict=True)))
    cells = data_of(frame, [], layout, where, options)
    return replace(
        cells,
        layout=msgspec.structs.replace(cells.layout, encoding=decoded.encoding),
        repairs=(*decoded.repairs, *cells.repairs),
        doubts=(*decoded.doubts, *cells.doubts),
    )


def _has_lines(rows: bytes) -> bool:
    """Tell whether the lines of a file end."""
    return all(
        rows.find(b"\n", begin, begin + MAX_LINE) >= 0
        for begin in range(0, len(rows) - MAX_LINE + 1, MAX_LINE)
    )


def _is_simple(dialect: Dialect) -> bool:
    """Tell whether Polars parts such cells as they stand."""
    bare = Dialect(dialect.delimiter, dialect.quote)
    return dialect == bare and dialect.separator == dialect.delimiter


def _frame(rows: bytes, begin: int, layout: TextLayout) -> pl.DataFrame | None:
    """Read the rows below the header as text; None where they are not even, or no UTF-8."""
    dialect, width = layout.dialect, layout.width
    ends = rows[-20:]
    if ends.endswith((b"\n\n", b"\n\r\n")) or b"\x1a" in ends:
        return None
    if begin == len(rows) or rows[begin : begin + 1] in {b"\n", b"\r"}:
        return None
    if not is_regular(rows, dialect.separator, dialect.quote, begin):
        return None
    try:
        names = [f"c{i}" for i in range(width)]
        frame = read_text_cells(
            rows, names, dialect.separator, dialect.quote, skip_lines=layout.lines
        )
    except pl.exceptions.PolarsError:
        return None
    if width > 1 and frame.to_series(width - 1).null_count():
        quoted = dialect.quote and dialect.quote.encode() in rows
        if quoted and has_short(rows[begin:].decode(), frame, dialect):
            return None
        between = frame.height * (width - 1)
        if not quoted and rows.count(dialect.separator.encode(), begin) != between:
            return None
    return frame
