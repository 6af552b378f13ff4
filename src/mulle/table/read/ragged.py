"""Rows that have more or fewer cells than the header: blank ones are cut, missing last ones added.

A row may end early where its last cells are blank, as some programs write it. It is completed only
if the cells that it has are of the forms of their columns; else a delimiter or a line break stands
somewhere inside, and no one can tell where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from mulle.table.read.forms import Forms, form_of, forms_of, is_blank
from mulle.table.read.notes import is_note
from mulle.table.types.column import Repair

_SAMPLE = 500
_LEAST_SHORT = 3  # rows: a writer that leaves out blank cells does so again
_MOST_SHORT = 0.5  # of all rows
MAX_ROWS_NAMED = 5


@dataclass
class EvenRows:
    """Rows of equally many cells.

    Attributes:
        rows: the rows, each of `width` cells or empty.
        width: their cells.
        wrong: lines of rows that cannot be completed, each with the number of its cells.
        short: lines of rows that were completed.
        cut: how many rows had blank cells too many.
    """

    rows: list[list[str]]
    width: int
    wrong: list[tuple[int, int]] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    cut: int = 0

    @property
    def changed(self) -> bool:
        """Whether any row was changed."""
        return bool(self.short or self.cut)

    @property
    def repairs(self) -> list[Repair]:
        """What was changed."""
        made = []
        if self.short:
            values = {"rows": self.short[:MAX_ROWS_NAMED]}
            made.append(Repair("rows-short", count=len(self.short), values=values))
        if self.cut:
            made.append(Repair("trailing-delimiter", count=self.cut))
        return made

    def frame(self) -> pl.DataFrame:
        """Return the rows as text columns; blank cells are null."""
        full = [row or [""] * self.width for row in self.rows]
        columns = zip(*full, strict=True) if full else [()] * self.width
        return pl.DataFrame([
            pl.Series(f"c{i}", [cell or None for cell in cells], dtype=pl.String)
            for i, cells in enumerate(columns)
        ])  # fmt: skip


def even_rows(
    rows: Sequence[list[str]], lines: Sequence[int], width: int, *, cut_off: bool
) -> EvenRows:
    """Give rows equally many cells, where that loses and invents nothing.

    Args:
        rows: cells of n rows; of an empty line none.
        lines: the line that each row begins in [n].
        width: cells of the header.
        cut_off: whether the last line has no end, so that its row may not be whole.

    >>> even_rows([["1", "x"], ["2", "y"], ["3"]], [2, 3, 4], 2, cut_off=False).rows[2]
    ['3', '']
    """
    found = EvenRows([*map(list, rows)], width)
    columns = _columns(rows, width)
    last = len(rows) - 1
    foot = next((i for i in range(last, -1, -1) if len(rows[i]) == width), -1)
    for i, row in enumerate(found.rows):
        if not row or len(row) == width:
            continue
        if row[0].lstrip().startswith("#") or (i > foot and is_note(row[0])):
            found.rows[i] = _comment(row, width)
            continue
        if len(row) > width:
            if all(map(is_blank, row[width:])):
                found.cut += 1
                found.rows[i] = row[:width]
            else:
                found.wrong.append((lines[i], len(row)))
            continue
        if _is_lone(row, columns):
            found.rows[i] = _comment(row, width)
        elif (cut_off and i == last) or _is_broken(found.rows, i, width) or not _fit(row, columns):
            found.wrong.append((lines[i], len(row)))
        else:
            found.rows[i] = [*row, *[""] * (width - len(row))]
            found.short.append(lines[i])
    some = _LEAST_SHORT <= len(found.short) <= _MOST_SHORT * len(rows)
    if found.short and not (some and _ends_early(rows, width)):
        wrong = [(line, len(row)) for line, row in zip(lines, rows, strict=True)
                 if row and len(row) != width]  # fmt: skip
        found.wrong = wrong
    return found


def _ends_early(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether no whole row ends with a blank cell, so that such cells were left out."""
    return not any(len(row) == width and is_blank(row[-1]) for row in rows)


def _columns(rows: Sequence[Sequence[str]], width: int) -> list[Forms]:
    whole = [row for row in rows if len(row) == width]
    step = max(1, len(whole) // _SAMPLE)
    return [forms_of(cells) for cells in zip(*whole[::step], strict=True)]


def _comment(row: Sequence[str], width: int) -> list[str]:
    return [", ".join(cell.strip() for cell in row if not is_blank(cell)), *[""] * (width - 1)]


def _is_lone(row: Sequence[str], columns: Sequence[Forms]) -> bool:
    """Tell whether a row is a remark: one cell, and none of the first column."""
    if any(not is_blank(cell) for cell in row[1:]):
        return False
    if is_blank(row[0]):
        return True
    if not columns:
        return False
    other = columns[0].typed and not columns[0].fits(row[0])
    return other or (len(columns) > 2 and " " in row[0].strip())


def _is_broken(rows: Sequence[Sequence[str]], i: int, width: int) -> bool:
    """Tell whether a row and the next are one that a line break parted."""
    near = [rows[j] for j in (i - 1, i + 1) if 0 <= j < len(rows)]
    return any(0 < len(row) < width and len(row) + len(rows[i]) <= width + 1 for row in near)


def _fit(row: Sequence[str], columns: Sequence[Forms]) -> bool:
    known = [(cell, forms) for cell, forms in zip(row, columns, strict=False) if form_of(cell)]
    return any(forms.typed for _, forms in known) and all(
        forms.fits(cell) or not forms.typed for cell, forms in known
    )
