"""Workbooks: the first sheet that holds a table, or the one that was named.

Cells come as text. Cover sheets and hidden ones are passed over; all sheets are named.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import polars as pl

from mulle.errors import MissingExtra, UnknownName
from mulle.table.read.encodings import not_a_table
from mulle.table.read.grid import read_grid
from mulle.table.read.workbook_size import check_workbook
from mulle.table.reading import Cells, Layout
from mulle.table.types.column import Repair
from mulle.table.types.options import ReadOptions

MAX_SHEETS_TRIED = 50


def is_excel(data: bytes) -> bool:
    """Tell whether a file is a workbook (xls, xlsx, xlsb, ods)."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return True  # .xls
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        return False
    return any(name.startswith("xl/") or name == "content.xml" for name in members)


def read_excel(data: bytes, where: str, options: ReadOptions) -> Cells:
    """Read the cells of a sheet, all as text.

    Raises:
        MissingExtra: the library that reads workbooks is not installed.
        UnknownName: there is no such sheet.
        DataError: the workbook is damaged.
    """
    try:
        import fastexcel
    except ImportError:
        raise MissingExtra("fastexcel", "excel", "read-excel") from None
    if data.startswith(b"PK"):
        check_workbook(data, where)
    try:
        book = fastexcel.read_excel(data)
        return _read_book(book, where, options)
    except fastexcel.FastExcelError:
        raise not_a_table(where) from None


def _read_book(book: Any, where: str, options: ReadOptions) -> Cells:
    names = list(book.sheet_names)
    if options.sheet is not None:
        return _read_sheet(book, _position(options.sheet, names, where), where, options)
    found = None
    for i in range(min(len(names), MAX_SHEETS_TRIED)):
        cells = _read_sheet(book, i, where, options)
        if cells.frame.height and cells.frame.width > 1:
            return _passed_over(cells, names[:i])
        if found is None or (cells.frame.height and not found.frame.height):
            found = cells
    if found is None:
        raise not_a_table(where)
    return found


def _position(sheet: str | int, names: list[str], where: str) -> int:
    """Return the position of a sheet that is given by its name, or by its position from 0."""
    if isinstance(sheet, str) and sheet in names:
        return names.index(sheet)
    if isinstance(sheet, str) and sheet.isdecimal():
        sheet = int(sheet)
    if isinstance(sheet, str) or not 0 <= sheet < len(names):
        raise UnknownName("sheet-unknown", "sheet", str(sheet), names, where)
    return sheet


def _read_sheet(book: Any, number: int, where: str, options: ReadOptions) -> Cells:
    sheet = book.load_sheet(number, header_row=None, dtypes="string")
    names = tuple(book.sheet_names)
    layout = Layout(format="excel", sheet=names[number], sheets=names)
    if options.sheet is None and sheet.visible != "visible" and len(names) > 1:
        return Cells(pl.DataFrame(), where, layout)
    return read_grid(sheet.to_polars().cast(pl.String), where, options, layout)


def _passed_over(cells: Cells, names: list[str]) -> Cells:
    if not names:
        return cells
    values = {"sheet": cells.layout.sheet, "sheets": names}
    made = Repair("sheets-passed-over", count=len(names), values=values)
    return replace(cells, repairs=(made, *cells.repairs))
