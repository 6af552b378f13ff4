"""Names of columns in the row above the data: in a comment, or none for the last columns.

NumPy and Octave write the names behind a mark: "# x y" over "1 2".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mulle.table.read.forms import NUMBER, WORD, form_of, is_blank
from mulle.table.types.text import WHITESPACE

TITLE = re.compile(
    r"단위|기준|작성|출처|자료|제목|기간|unit|source|date|created|generated|exported|report|:\s|[:：]$",
    re.IGNORECASE,
)


def named_above(
    row: Sequence[str], header: Sequence[Sequence[str]], width: int
) -> list[str] | None:
    """Return the names that the row right above the data holds; None where it holds none.

    They stand in a comment, or the last columns have no name.

    Args:
        row: right above what may be the header.
        header: rows that are taken for it.
        width: of the table.

    >>> named_above(["# x y"], [], 2), named_above(["a", ""], [], 2), named_above(["Sales"], [], 2)
    (['x', 'y'], ['a', ''], None)
    """
    cells = [cell for line in header for cell in line]
    if any(form_of(cell) != NUMBER for cell in cells) or not row:
        return None
    first = row[0].strip(WHITESPACE)
    if not first.startswith(("#", "%")):
        scant = len(row) == width and bool(first) and not TITLE.search(first)
        return list(row) if scant and not header else None
    first = first.lstrip("#% \t")
    names = [first, *row[1:]] if first else list(row[1:])
    names = names if len(names) == width else first.split() if len(row) == 1 else []
    words = all(form_of(name) == WORD for name in names)
    return names if len(names) == width and words and len({*names}) == width else None


def without_mark(row: Sequence[str]) -> list[str]:
    """Take the mark of a comment from the first of several names: # x, y, z."""
    first = row[0].strip(WHITESPACE) if row else ""
    marked = len(row) > 1 and first[:2] in {"# ", "% "} and not any(map(is_blank, row))
    return [first[2:].strip(WHITESPACE), *row[1:]] if marked else list(row)
