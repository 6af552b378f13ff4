"""The one place where Polars parts delimited text into cells, which stay text.

Polars unpacks data that begins like gzip, zlib or zstd, whatever it is called: a cell `x^2` at the
start of a file is then "corrupt", and a megabyte that somebody sends may become gigabytes. Text is
never unpacked here: it is given a line of its own to begin with, which is skipped again.

source  RFC 1950, section 2.2 (zlib); RFC 1952 (gzip); RFC 8878 (zstd)
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_DEFLATE = 8  # the method that the first byte of zlib names, in its lower half


def read_text_cells(
    data: bytes, names: Sequence[str], separator: str, quote: str, *, skip_lines: int = 0
) -> pl.DataFrame:
    """Return the cells of delimited text in UTF-8, all as text; an empty cell is null.

    Args:
        data: the text.
        names: names for the columns, as many as the first row has cells.
        separator: mark between cells.
        quote: mark around cells; "" for none.
        skip_lines: lines above the rows.

    Raises:
        PolarsError: the rows are uneven, a quote is never closed, or it is not UTF-8.

    >>> read_text_cells(b"x^2,y\\n", ["a", "b"], ",", "").rows()
    [('x^2', 'y')]
    """
    if _looks_packed(data):
        data, skip_lines = b"\n" + data, skip_lines + 1
    return pl.read_csv(
        data,
        has_header=False,
        skip_lines=skip_lines,
        schema=dict.fromkeys(names, pl.String),
        separator=separator,
        quote_char=quote or None,
        infer_schema=False,
    )


def _looks_packed(data: bytes) -> bool:
    """Tell whether data begin as packed ones do; it costs little to say so of others too."""
    head = data[:2]
    is_zlib = head[:1] != b"" and head[0] & 15 == _DEFLATE and int.from_bytes(head) % 31 == 0
    return is_zlib or data.startswith((_GZIP, _ZSTD))
