"""Read the text of a large file in chunks, decoded as `decode` would decode it as a whole.

The encoding is detected first, by a pass over the bytes that keeps none of them.

catalogue  enc-utf8 enc-utf16 enc-bom enc-cp949
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import AnyStr, NamedTuple

from mulle.errors import DataError
from mulle.table.read.encodings import SAMPLE, encoding_of, undecodable

CHUNK_BYTES = 8 << 20  # bytes
MAX_ROW_LENGTH = 64 << 20  # characters; in a longer row, a quote must have been left open


class TextChunk(NamedTuple):
    """Some text of a file, and the share of its bytes read so far, from 0 to 1."""

    text: str
    share: float


def read_text_chunks(path: Path, encoding: str | None = None) -> Iterator[TextChunk]:
    """Yield the text of a file, in order.

    Args:
        path: a file of text.
        encoding: the encoding to use; None to find it out.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the bytes are not text in any encoding tried, or several read alike.
    """
    encoding, mark = _encoding(path, encoding)
    size = path.stat().st_size or 1
    for number, (text, read) in enumerate(_decoded(path, encoding, mark)):
        text = text.replace("\0", "")
        yield TextChunk(text.removeprefix("\ufeff") if not number else text, read / size)


def whole_lines(text: Iterator[TextChunk], quote: str = "") -> Iterator[TextChunk]:
    """Yield the same text, cut behind line ends; where cells may be quoted, never inside one.

    Args:
        text: chunks of a file, in order.
        quote: character around cells that may hold line breaks; "" where cells are not quoted.

    Raises:
        DataError: a quote is opened and never closed.
    """
    rest, share = "", 0.0
    for chunk, share in text:
        data = rest + chunk
        cut = last_line_end(data, quote)
        if cut:
            yield TextChunk(data[:cut], share)
        rest = data[cut:]
        if len(rest) > MAX_ROW_LENGTH:
            raise DataError("quote-runs-on", most=MAX_ROW_LENGTH)
    if rest:
        yield TextChunk(rest, share)


def last_line_end(text: AnyStr, quote: AnyStr) -> int:
    """Return where the last whole row ends: behind a line break with an even number of quotes.

    >>> last_line_end('a,b\\n1,"x\\ny', '"'), last_line_end(b"a", b'"')
    (4, 0)
    """
    end = "\n" if isinstance(text, str) else b"\n"
    cut = text.rfind(end) + 1
    quotes = text.count(quote, 0, cut) if quote else 0
    while quotes % 2:  # each step back looks only at what it leaves
        before = text.rfind(end, 0, cut - 1) + 1
        quotes -= text.count(quote, before, cut)
        cut = before
    return cut


def encoding_of_file(path: Path, encoding: str | None = None) -> str:
    """Return the encoding of a large text file.

    Raises:
        UnknownName: there is no such encoding.
        DataError: the bytes are not text in any encoding tried, or several read alike.
    """
    return _encoding(path, encoding)[0]


def _encoding(path: Path, encoding: str | None) -> tuple[str, int]:
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        file.seek(0)
        return encoding_of(head, iter(lambda: file.read(CHUNK_BYTES), b""), str(path), encoding)


def _decoded(path: Path, encoding: str, mark: int) -> Iterator[tuple[str, int]]:
    """Yield chunks of text, each with the number of bytes read so far."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read = mark
    with path.open("rb") as file:
        file.seek(mark)
        while True:
            data = file.read(CHUNK_BYTES)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise undecodable(error, str(path), read) from None
            read += len(data)
            if text:
                yield text, read
            if not data:
                return
