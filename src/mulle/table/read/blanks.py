"""Columns that blanks part: one or more of them, at least two, or the same places in all lines.

Such files are written by printing programs (`ls -l`, tables of instruments, the auto-mpg data).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mulle.table.read.forms import forms_of

_LINES = 200
_LEAST_EVEN = 0.95
_TOKENS = re.compile(r'"([^"\n]*)"(?=[ \t]|$)|[^ \t\n]+', re.MULTILINE)
_GAP = re.compile(r"[ \t]+")
_WIDE_GAP = re.compile(r"[ \t]{2,}|\t")


class Blanks(NamedTuple):
    """How blanks part the columns.

    Attributes:
        least: blanks between two cells, at least; 0 where cells stand at fixed places.
        cuts: these places, from the left.
    """

    least: int = 1
    cuts: tuple[int, ...] = ()


def find_blanks(head: str, *, surely: bool = False) -> Blanks | None:
    """Find how blanks part the columns of some lines; None where they are mere text.

    Args:
        head: the first lines of a file.
        surely: whether blanks are known to part them.

    >>> find_blanks("x y label\\n0.5 1.5 a\\n0.7 0.9 b\\n")
    Blanks(least=1, cuts=())
    """
    lines = [line.rstrip() for line in head.split("\n", _LINES)[:_LINES] if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith(("#", "%"))] or lines
    if surely:
        return Blanks()
    if len(lines) < 2:
        return None
    if _is_even([_tokens(line) for line in lines], typed=True):
        return Blanks()
    parted = [_WIDE_GAP.split(line.strip()) for line in lines]
    fixed = _fixed(lines)
    if _is_even(parted, typed=False) and (fixed is None or len(fixed.cuts) <= len(parted[0])):
        return Blanks(2)
    return fixed


def part(text: str, blanks: Blanks, separator: str) -> str:
    """Return whole lines with a separator between cells."""
    if blanks.least == 0:
        return "\n".join(separator.join(_cut(line, blanks.cuts)) for line in text.split("\n"))
    text = re.sub(r"^[ \t]+|[ \t\r]+$", "", text, flags=re.MULTILINE)
    if blanks.least == 1 and '"' in text:
        return "\n".join(
            separator.join(m[0] for m in _TOKENS.finditer(line)) for line in text.split("\n")
        )
    return (_GAP if blanks.least == 1 else _WIDE_GAP).sub(separator, text)


def _tokens(line: str) -> list[str]:
    return [m[0].strip('"') for m in _TOKENS.finditer(line)]


def _is_even(rows: Sequence[Sequence[str]], *, typed: bool) -> bool:
    """Tell whether rows have as many cells, and the header as many or one less."""
    width, times = Counter(len(row) for row in rows[1:]).most_common(1)[0]
    if width < 2 or times < _LEAST_EVEN * (len(rows) - 1) or len(rows[0]) < 2:
        return False
    if len(rows[0]) not in {width, width - 1}:
        return False
    columns = zip(*(row for row in rows[1:] if len(row) == width), strict=True)
    return not typed or any(forms_of(cells).typed for cells in columns)


def _fixed(lines: Sequence[str]) -> Blanks | None:
    """Find the places that are blank in all lines."""
    longest = max(map(len, lines))
    if len(lines) < 3 or longest > 1000:
        return None
    filled = [any(not line[i : i + 1].isspace() and i < len(line) for line in lines)
              for i in range(longest)]  # fmt: skip
    starts = [i for i in range(longest) if filled[i] and (i == 0 or not filled[i - 1])]
    if len(starts) < 2:
        return None
    cuts = (0, *starts[1:])
    rows = [_cut(line, cuts) for line in lines]
    cells = sum(bool(cell) for row in rows for cell in row)
    full = all(rows[0]) and cells > 0.8 * len(rows) * len(cuts)
    typed = any(forms_of(column).typed for column in zip(*rows[1:], strict=True))
    return Blanks(0, cuts) if full and typed else None


def _cut(line: str, cuts: Sequence[int]) -> list[str]:
    if not line.strip():
        return []
    ends = [*cuts[1:], None]
    return [line[a:b].strip() for a, b in zip(cuts, ends, strict=True)]
