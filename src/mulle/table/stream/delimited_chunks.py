"""Read a large CSV or the like in parts, with the rows that it has as a whole.

What only the whole table decides (is a row labelled as a total the sum of others?) is left to the
whole: from the first part on that holds such a row, the rest comes from the file read at once. A
file too large for that is decided part by part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.delimited import TextLayout, find_layout, rows_below
from mulle.table.read.dialect import SAMPLE_CHARS, ends_with_returns, lines_ended
from mulle.table.read.encodings import not_a_table
from mulle.table.read.header import Top
from mulle.table.read.quotes import without_formulas
from mulle.table.read.rows_out import blank_rows, is_undecided, keep_data
from mulle.table.read.sources import load
from mulle.table.reading import Cells, Layout
from mulle.table.stream.text_chunks import (
    TextChunk,
    encoding_of_file,
    read_text_chunks,
    whole_lines,
)
from mulle.table.types.options import ReadOptions

MAX_WHOLE_BYTES = 2 << 30  # a larger file is never read at once


class Part(NamedTuple):
    """Rows that follow each other below the header.

    Attributes:
        frame: all of them, text.
        empty: whether each is left out, boolean; None where none is.
        share: share of the file read so far, from 0 to 1.
        undecided: whether only the whole table tells which of them are data.
    """

    frame: pl.DataFrame
    empty: pl.Series | None
    share: float
    undecided: bool = False


def read_top(path: Path, options: ReadOptions) -> tuple[Layout, Top]:
    """Return the layout of a large file and what stands above its rows, by its first lines.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the file is no table.
    """
    encoding = encoding_of_file(path, options.encoding)
    options = msgspec.structs.replace(options, encoding=encoding)
    found = find_layout(next(_lines_of(path, options), TextChunk("", 1.0)).text, options)
    if found is None:
        raise not_a_table(str(path))
    return msgspec.structs.replace(found.described, encoding=encoding), found.top


def read_parts(path: Path, options: ReadOptions, most_whole: int | None = None) -> Iterator[Part]:
    """Yield the rows of a file in order.

    Args:
        path: of the file.
        options: what a person has decided.
        most_whole: bytes of a file that may be read at once where only the whole decides;
            `MAX_WHOLE_BYTES` if None.

    Raises:
        DataError: as `read_delimited`.
    """
    most = MAX_WHOLE_BYTES if most_whole is None else most_whole
    above, large = 0, path.stat().st_size > most
    try:
        for part in _parts(path, options, large=large):
            if not options.keep_rows and part.undecided and not large:
                break
            yield part
            above += part.frame.height
        else:
            return
    except DataError:
        if large:
            raise
    yield _rest(load(path, options), above)


def _rest(cells: Cells, above: int) -> Part:
    frame, empty = cells.in_places()
    return Part(frame[above:], None if empty is None else empty[above:], 1.0)


def _parts(path: Path, options: ReadOptions, *, large: bool) -> Iterator[Part]:
    text = _lines_of(path, options)
    head = next(text, TextChunk("", 1.0))
    layout = find_layout(head.text, options)
    if layout is None:
        raise not_a_table(str(path))
    lines = layout.lines
    for chunk in _whole_rows(layout, head, text):
        frame, _ = rows_below(layout, chunk.text, str(path), lines)
        frame = without_formulas(frame)[0] if options.repair else frame
        lines += chunk.text.count("\n")
        undecided = options.repair and is_undecided(frame, layout.top.line)
        if undecided and large and not options.keep_rows:
            kept = keep_data(frame, layout.top.line, keep=False)
            found = Cells(kept.frame, places=kept.places, height=kept.height).in_places()
            yield Part(*found, chunk.share)
        else:
            yield Part(frame, _empty(frame, options), chunk.share, undecided)


def _empty(frame: pl.DataFrame, options: ReadOptions) -> pl.Series | None:
    at = [] if options.keep_rows else blank_rows(frame)
    if not at:
        return None
    return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True).scatter(at, True)


def _lines_of(path: Path, options: ReadOptions) -> Iterator[TextChunk]:
    """Yield whole lines, first as many as decide how the file is written."""
    text = read_text_chunks(path, options.encoding)
    head, share = "", 0.0
    for chunk in text:
        head, share = head + chunk.text, chunk.share
        if len(head) > SAMPLE_CHARS:
            break
    first = TextChunk(head, share)
    if len(head) <= SAMPLE_CHARS:
        yield first
        return
    if ends_with_returns(head):
        yield from whole_lines(_ended(first, text))
        return
    yield from whole_lines(_chained(first, text))


def _chained(first: TextChunk, text: Iterator[TextChunk]) -> Iterator[TextChunk]:
    yield first
    yield from text


def _ended(first: TextChunk, text: Iterator[TextChunk]) -> Iterator[TextChunk]:
    """End lines with line feeds; a return at the end of a chunk waits for what follows it."""
    kept = ""
    for chunk in _chained(first, text):
        data = kept + chunk.text
        plain = data.rstrip("\r")
        kept = data[len(plain) :]
        yield TextChunk(lines_ended(plain), chunk.share)
    if kept:
        yield TextChunk(lines_ended(kept), 1.0)


def _whole_rows(
    layout: TextLayout, head: TextChunk, text: Iterator[TextChunk]
) -> Iterator[TextChunk]:
    """Yield plain text cut between rows; empty lines at the end of the file are no rows."""

    def to_plain() -> Iterator[TextChunk]:
        yield TextChunk(layout.body, head.share)
        for chunk in text:
            yield TextChunk(layout.dialect.to_plain(chunk.text), chunk.share)

    rest = ""
    for chunk in whole_lines(to_plain(), layout.dialect.quote):
        data = rest + chunk.text
        rows = data if layout.width == 1 else data.rstrip("\r\n")
        end = len(data) - len(data[len(rows) :].lstrip("\r").removeprefix("\n")) if rows else 0
        rest = data[end:]
        if rows:
            yield TextChunk(data[:end], chunk.share)
