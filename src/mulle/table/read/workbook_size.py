"""Refuse workbooks that would take more memory than any machine has, before they are opened.

A workbook is a zip archive of XML that may take a thousandth of its size on disk, and two cells at
opposite corners are a rectangle of 17 billion. Both are looked for without unpacking to memory.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from mulle.errors import DataError
from mulle.table.read.encodings import not_a_table

MAX_UNPACKED = 4 << 30  # bytes
MAX_RATIO = 200  # bytes unpacked for one packed; sheets of real tables are at 5 to 30
_SMALL = 256 << 20  # bytes that may be packed as well as they like
MAX_CELLS = 50_000_000  # cells of the rectangle around those that are filled
MAX_SHEETS = 10_000
_SPARSE = 20  # cells of the rectangle for one that is filled
_PIECE = 1 << 20
_OVERLAP = 256  # bytes of a piece that the next one begins with, so that no mark is cut
_SHEETS = re.compile(r"xl/worksheets/.*\.xml|content\.xml")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"')
_FAR_COLUMN = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{2,3})\d')
_FAR_ROW = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]{1,3}(\d{6,7})"')
_ODS_ROW = re.compile(
    rb'<table:table-row[^>]*rows-repeated="(\d{1,9})"[^>]*>\s*<table:[^>]*(?<!/)>'
)
_ODS_CELL = re.compile(rb'<table:table-cell[^>]*columns-repeated="(\d{1,9})"[^>]*(?<!/)>')


def check_workbook(data: bytes, where: str) -> None:
    """Refuse a workbook whose parts or sheets are too large to hold.

    Args:
        data: a zip archive.
        where: the file, for errors.

    Raises:
        DataError: it unpacks to too much, or its cells lie too far apart.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_sizes(sum(member.file_size for member in members), len(data), where)
            sheets = [member for member in members if _SHEETS.fullmatch(member.filename)]
            if len(sheets) > MAX_SHEETS:
                raise DataError("workbook-sheets", where=where, count=len(sheets), most=MAX_SHEETS)
            for sheet in sheets:
                _check_sheet(_pieces(archive, sheet, len(data), where), where)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError):
        return  # the reader of workbooks says so


def _check_sizes(unpacked: int, packed: int, where: str) -> None:
    if unpacked > MAX_UNPACKED or unpacked > max(_SMALL, MAX_RATIO * packed):
        raise DataError("workbook-unpacks", where=where, packed=packed, unpacked=unpacked)


def _pieces(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed: int, where: str
) -> Iterator[bytes]:
    """Yield a part of the archive, however large, and refuse it where it is more than it says."""
    read, rest = 0, b""
    try:
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                read += len(piece)
                _check_sizes(read, packed, where)
                yield rest + piece
                rest = piece[-_OVERLAP:]
    except zipfile.BadZipFile:  # among others, where it is longer than the archive says
        raise not_a_table(where) from None


def _check_sheet(pieces: Iterator[bytes], where: str) -> None:
    height, width, filled = 1, 26, 0
    repeated_rows = repeated_cells = 1
    for piece in pieces:
        filled += piece.count(b"<c ") + piece.count(b":c ") + piece.count(b"<table:table-cell")
        height = max(height, *map(int, _ROW.findall(piece)), 1)
        width = max(width, *map(_position, {*_FAR_COLUMN.findall(piece)}), 26)
        if height < 100_000 and (far := _FAR_ROW.search(piece)):
            height = int(far[1])
        repeated_rows = max(repeated_rows, *map(int, _ODS_ROW.findall(piece)), 1)
        repeated_cells = max(repeated_cells, *map(int, _ODS_CELL.findall(piece)), 1)
    cells = max(height * width, repeated_rows * repeated_cells)
    if cells > max(MAX_CELLS, _SPARSE * filled):
        raise DataError("workbook-sparse", where=where, cells=cells, filled=filled)


def _position(letters: bytes) -> int:
    """Return the number of a column by its letters, from 1.

    >>> _position(b"AA"), _position(b"XFD")
    (27, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
