"""Rows of text in columns that line up, also where letters are two cells wide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NUMBER = re.compile(r"[−-]?[\d,]+(\.\d+)?( ?(s|min|h|초|분|시간|ms|µs|%))?|–")


def set_out(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns parted by two blanks; numbers stand to the right.

    >>> print(set_out(("이름", "n"), [("서울", "10"), ("a", "9")]))
    이름   n
    서울  10
    a      9
    """
    lines = [list(header), *map(list, rows)] if header else [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(width(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = [bool(rows) and all(_numeric(row[i]) for row in rows) for i in range(len(widths))]
    return "\n".join(
        "  ".join(
            _padded(cell, w, right=r) for cell, w, r in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Cells of a terminal that a text takes; Hangul and full-width letters take two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    none = sum(bool(unicodedata.combining(letter)) for letter in text)
    return len(text) + wide - none


def _padded(text: str, cells: int, *, right: bool) -> str:
    space = " " * (cells - width(text))
    return space + text if right else text + space


def _numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))
