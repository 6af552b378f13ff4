"""Tables in HTML, and in the XML that Excel 2003 wrote: both are found under the name `.xls`.

The largest table of a page is read; cells that span several columns or rows hold their text once.

source  HTML Living Standard, section 4.9.12 (forming a table); Microsoft, "XML Spreadsheet
        Reference" (Office 2003)
"""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl

from mulle.errors import DataError
from mulle.table.read.grid import read_grid
from mulle.table.reading import Cells, Layout
from mulle.table.types.column import LeftOut
from mulle.table.types.options import ReadOptions

_MARKUP = re.compile(r"<\s*(?:table|\w+:table|workbook|\w+:workbook)\b", re.IGNORECASE)
_START = re.compile(
    r"\s*(?:﻿)?<(?:[!?]|\s*(?:html|head|body|table|meta|style|div|\w+:workbook|workbook)\b)", re.I
)
_HEAD = 1 << 20
MAX_SPAN = 10_000  # columns or rows that a cell spans
MAX_CELLS = 20_000_000


def is_markup(text: str) -> bool:
    """Tell whether a text is a page or a sheet in XML, and holds a table.

    >>> is_markup("<html><table><tr><td>1</td></tr></table>"), is_markup("<5,a")
    (True, False)
    """
    return bool(_START.match(text) and _MARKUP.search(text[:_HEAD]))


def read_markup(text: str, where: str, options: ReadOptions) -> Cells:
    """Read the largest table of a page.

    Raises:
        DataError: there is no table, or none with cells.
    """
    parser = _Tables()
    parser.feed(text)
    parser.close()
    tables = [table for table in parser.tables if table.rows]
    if not tables:
        raise DataError("table-empty", where=where)
    chosen = _chosen(tables, options.sheet)
    others = [table for table in tables if table is not tables[chosen] and table.size > 1]
    layout = Layout(format="html")
    cells = read_grid(tables[chosen].grid(), where, options, layout)
    if not others:
        return cells
    values = {"example": others[0].first}
    left = LeftOut("other-tables", count=len(others), values={**values, "option": "--sheet"})
    return replace(cells, left_out=(left, *cells.left_out))


def _chosen(tables: list[_Table], sheet: str | int | None) -> int:
    if isinstance(sheet, str) and sheet.isdecimal():
        sheet = int(sheet)
    if isinstance(sheet, int) and 0 <= sheet < len(tables):
        return sheet
    return max(range(len(tables)), key=lambda i: tables[i].size)


class _Table:
    """One table: cells by row, and cells that reach into rows to come."""

    def __init__(self) -> None:
        self.rows: list[dict[int, str]] = []
        self.reach: dict[int, int] = {}  # column -> rows that a cell above still spans
        self.width = self.size = 0
        self.first = ""

    def begin_row(self) -> None:
        self.reach = {i: n - 1 for i, n in self.reach.items() if n > 1}
        self.rows.append({})
        self.at = 0

    def add(self, cell: str, columns: int, rows: int, at: int | None = None) -> None:
        if not self.rows:
            self.begin_row()
        self.at = self.at if at is None else max(self.at, at)
        while self.at in self.reach:
            self.at += 1
        if cell:
            self.rows[-1][self.at] = cell
            self.first = self.first or cell
            self.size += 1
        for i in range(self.at, self.at + columns if rows > 1 else self.at):
            self.reach[i] = rows
        self.at += columns
        self.width = max(self.width, self.at)

    def grid(self) -> pl.DataFrame:
        width = min(self.width, max(1, MAX_CELLS // max(1, len(self.rows))))
        return pl.DataFrame([
            pl.Series(f"c{i}", [row.get(i) for row in self.rows], dtype=pl.String)
            for i in range(width)
        ])  # fmt: skip


class _Tables(HTMLParser):
    """Collect the cells of all tables, those inside others apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.column: int | None = None
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name, given = _local(tag), {_local(k): v or "" for k, v in attrs}
        if name in {"script", "style"}:
            self.hidden += 1
        elif name == "table":
            self._end_cell()
            self.tables.append(_Table())
            self.open.append(self.tables[-1])
        elif name in {"tr", "row"} and self.open:
            self._end_cell()
            self.open[-1].begin_row()
        elif name in {"td", "th", "cell"} and self.open:
            self._begin_cell(given)
        elif name in {"br", "p", "div", "li"} and self.text:
            self.text.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if _local(tag) in {"td", "th", "cell", "table", "script", "style"}:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        name = _local(tag)
        if name in {"script", "style"}:
            self.hidden = max(0, self.hidden - 1)
        elif name in {"td", "th", "cell", "tr", "row"}:
            self._end_cell()
        elif name == "table" and self.open:
            self._end_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.hidden:
            self.text.append(data)

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._end_cell()
        self.text = []
        across, down = given.get("mergeacross"), given.get("mergedown")
        columns = _number(across, 0) + 1 if across else _number(given.get("colspan"), 1)
        rows = _number(down, 0) + 1 if down else _number(given.get("rowspan"), 1)
        self.span = (max(1, columns), max(1, rows))
        self.column = _number(given.get("index"), 0) - 1 if given.get("index") else None

    def _end_cell(self) -> None:
        if self.text is not None and self.open:
            cell = " ".join("".join(self.text).split())
            self.open[-1].add(cell, *self.span, self.column)
        self.text = None


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _number(text: str | None, otherwise: int) -> int:
    return min(int(text), MAX_SPAN) if text and text.isdecimal() else otherwise
