"""From a grid of text cells (a sheet, a table in a page) to the cells of a table.

Titles, notes and other tables may stand around it. What is parted from the table by whole blank
columns or rows is left out, and named.
"""

from __future__ import annotations

import polars as pl

from mulle.table.read.forms import are_blank, is_blank
from mulle.table.read.header import find_top
from mulle.table.read.rows_out import OPTION, keep_data
from mulle.table.reading import Cells, Layout
from mulle.table.types.column import LeftOut, Repair
from mulle.table.types.options import ReadOptions
from mulle.table.types.text import WHITESPACE

_SAMPLE = 200


def read_grid(grid: pl.DataFrame, where: str, options: ReadOptions, layout: Layout) -> Cells:
    """Find the table in a grid of cells, all of them text.

    Args:
        grid: text; null and blank cells are empty.
        layout: what is known of it already.

    >>> grid = pl.DataFrame({"x": ["제목", "구", "a"], "y": [None, "수", "1"], "z": [""] * 3})
    >>> read_grid(grid, "", ReadOptions(), Layout()).frame.to_dicts()
    [{'구': 'a', '수': '1'}]
    """
    beside: list[LeftOut] = []
    emptied = 0
    if options.repair and not options.keep_rows:
        grid, beside, emptied = _largest(grid)
    rows = [[cell or "" for cell in row] for row in grid.head(_SAMPLE).rows()]
    top = find_top(rows, grid.width, options)
    if top is None:
        return Cells(pl.DataFrame(), where, layout)
    body = grid.slice(top.skip + top.header)
    body = body.rename(dict(zip(body.columns, top.names, strict=True)))
    body = _without_foot(body)
    kept = keep_data(body, top.line, keep=options.keep_rows, repair=options.repair)
    described = Layout(layout.format, skip=top.skip, header=top.header, sheet=layout.sheet,
                       sheets=layout.sheets)  # fmt: skip
    made = [Repair("empty-columns", count=emptied)] if emptied else []
    return Cells(
        kept.frame,
        where,
        described,
        (*top.repairs, *made, *kept.repairs),
        left_out=(*beside, *kept.left_out),
        doubts=(*top.doubts, *kept.doubts),
        places=kept.places,
        height=kept.height,
    )


def _largest(grid: pl.DataFrame) -> tuple[pl.DataFrame, list[LeftOut], int]:
    """Return the largest group of columns, what stands beside it, and blank columns inside it."""
    filled = [~are_blank(column) for column in grid.iter_columns()]
    counts = [int(column.sum()) for column in filled]
    groups: list[list[int]] = []
    for i, count in enumerate(counts):
        if count and i and counts[i - 1] and groups:
            groups[-1].append(i)
        elif count:
            groups.append([i])
    if len(groups) < 2:
        kept = groups[0] if groups else []
        return grid[:, kept], [], 0
    sizes = [sum(counts[i] for i in group) for group in groups]
    main = groups[sizes.index(max(sizes))]
    kept, beside = [], []
    for group, size in zip(groups, sizes, strict=True):
        if group is main or _belongs(group, main, filled):
            kept += group
        else:
            beside.append(_left_out(grid, group, filled, size))
    inside = sum(not counts[i] for i in range(kept[0], kept[-1]))
    return grid[:, kept], beside, inside


def _belongs(group: list[int], main: list[int], filled: list[pl.Series]) -> bool:
    """Tell whether columns behind a blank one are of the same table: named in the same row."""
    name = min((len(filled[i]) - int(filled[i].sum()), int(filled[i].arg_max() or 0))
               for i in main)[1]  # fmt: skip
    rows = pl.Series(filled[main[0]])
    for i in main[1:]:
        rows = rows | filled[i]
    return all(
        filled[i].sum() > 1 and filled[i].arg_max() == name and not (filled[i] & ~rows).any()
        for i in group
    )


def _left_out(grid: pl.DataFrame, group: list[int], filled: list[pl.Series], size: int) -> LeftOut:
    at = [row for i in group for row in filled[i].arg_true().to_list()]
    example = next(
        cell.strip(WHITESPACE)
        for i in group
        for cell in grid.to_series(i).to_list()
        if cell and not is_blank(cell)
    )
    code = "note-cells" if size <= 3 or len({*at}) < 3 else "table-beside"
    return LeftOut(code, count=size, values={"example": example, "option": OPTION})


def _without_foot(body: pl.DataFrame) -> pl.DataFrame:
    """Cut blank rows at the end, which spreadsheets keep where cells were once formatted."""
    end = 0
    for column in body.iter_columns():
        at = (~are_blank(column)).arg_true()
        end = max(end, int(at[-1]) + 1 if len(at) else 0)
        if end == body.height:
            break
    return body.head(end)
