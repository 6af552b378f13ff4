"""Quotes in text: cells that are quoted as they should be, and quotes that are mere characters.

In `6" pipe` the quote is an inch sign. Polars takes every quote for the beginning or end of a
quoted cell, so cells with such quotes are quoted before it reads them.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from mulle.errors import DataError
from mulle.table.types.column import Repair
from mulle.table.types.tally import changed

_BLOCK = 1 << 20  # bytes that are looked at together
_FORMULA = r'^="([^"]*)"$'


def without_formulas(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Repair]]:
    """Return the texts that formulas hold, as they are written for Excel to keep zeros.

    >>> without_formulas(pl.DataFrame({"x": ['="007"', "8"]}))[0]["x"].to_list()
    ['007', '8']
    """
    some = frame.select(pl.nth(range(frame.width)).str.starts_with('="').any())
    at = [i for i, wrapped in enumerate(some.row(0) if frame.width else ()) if wrapped]
    made = []
    for i in at:
        column = frame.to_series(i)
        bare = column.str.replace(_FORMULA, "${1}")
        made.append(changed("formula-text", column.name, column, bare))
        frame = frame.with_columns(bare)
    return frame, [repair for repair in made if repair]


def well_quoted(text: str, separator: str, quote: str, where: str, lines: int) -> str:
    """Return the same cells, all quotes in them written as a CSV writer would.

    Args:
        text: whole rows.
        separator, quote: the marks between and around cells; quote may be "".
        where: the file, for errors.
        lines: lines of the file above these rows.

    Raises:
        DataError: a quote that opens a cell is never closed.

    >>> well_quoted('a,6" pipe\\n', ",", '"', "", 0)
    'a,"6"" pipe"\\n'
    """
    if not quote or quote not in text:
        return text
    s, q = re.escape(separator), re.escape(quote)
    cell = re.compile(rf"(?<![^{s}\n]){q}[^{q}]*(?:{q}{q}[^{q}]*)*{q}(?=[{s}\r\n]|\Z)")
    if quote not in cell.sub("", text):
        return text
    loose = re.compile(rf"[^{s}\r\n]*{q}[^{s}\r\n]*")
    parts, end = [], 0

    def quoted(found: re.Match[str], begin: int) -> str:
        inside = found[0]
        if inside.startswith(quote) and inside.count(quote) == 1:
            at = text.count("\n", 0, begin + found.start()) + lines + 1
            raise DataError("quote-unclosed", where=where, line=at)
        return quote + inside.replace(quote, quote * 2) + quote

    for token in cell.finditer(text):
        gap, begin = text[end : token.start()], end
        parts += [loose.sub(lambda m, b=begin: quoted(m, b), gap), token[0]]  # type: ignore[misc]
        end = token.end()
    parts.append(loose.sub(lambda m: quoted(m, end), text[end:]))
    return "".join(parts)


def is_regular(rows: bytes, separator: str, quote: str, begin: int = 0) -> bool:
    """Tell quickly whether every quote opens or closes a cell; False where that is not sure.

    Args:
        rows: whole rows.
        separator, quote: the marks between and around cells; quote may be "".
        begin: where the first row stands.

    >>> is_regular(b'a,"b"', ",", '"'), is_regular(b'a,6" pipe', ",", '"')
    (True, False)
    """
    if not quote or rows.find(quote.encode(), begin) < 0:
        return True
    cells = np.frombuffer(rows, dtype=np.uint8, offset=begin)
    ends = np.zeros(256, dtype=bool)
    ends[[*b"\r\n", *separator.encode()]] = True
    last, opened = len(cells) - 1, 0
    for first in range(0, len(cells), _BLOCK):
        at = np.flatnonzero(cells[first : first + _BLOCK] == ord(quote)) + first
        opening, closing = at[opened::2], at[1 - opened :: 2]
        if not (ends[cells[opening - 1]] | (opening == 0)).all():
            return False
        if not (ends[cells[np.minimum(closing + 1, last)]] | (closing == last)).all():
            return False
        opened ^= len(at) % 2
    return not opened


def unquoted_count(text: str, separator: str, quote: str) -> int:
    """Count the separators of well-quoted text that stand between cells."""
    count = text.count(separator)
    if quote and quote in text:
        q = re.escape(quote)
        count -= sum(cell.count(separator) for cell in re.findall(rf"{q}[^{q}]*{q}", text))
    return count


def empty_lines(text: str, quote: str) -> int:
    """Count the lines of well-quoted text that hold no character at all."""
    if quote and quote in text:
        q = re.escape(quote)
        text = re.sub(rf"{q}[^{q}]*{q}", quote, text)
    return len(re.findall(r"^\r?$", text.removesuffix("\n"), flags=re.MULTILINE))
