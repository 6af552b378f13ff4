"""From a path to a frame: recognise the format by its content, then by its name.

Text formats come back with every cell as text; Parquet and Arrow keep their types.
"""

from __future__ import annotations

import difflib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mulle.errors import DataError, MissingExtra, MissingFile, UnknownName, UsageError
from mulle.table.read.delimited import drop_blank, no_header, read_delimited, title_rows
from mulle.table.read.encodings import decode, not_a_table
from mulle.table.read.frames import frame_of
from mulle.table.read.names import tidy_names
from mulle.table.reading import Cells
from mulle.table.types.column import Doubt, Repair
from mulle.table.types.options import ReadOptions

Loaded = tuple[pl.DataFrame, list[Repair]]


def load(source: Any, options: ReadOptions) -> Cells:
    """Load the cells of a path or of a table of any library.

    Raises:
        MissingFile: there is no such file.
        DataError: the file is empty, damaged, or in no known format.
        UsageError: `source` is neither a path nor a table.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        doubts: list[Doubt] = []
        frame, repairs = _load_file(
            path, options.encoding, options.sheet, doubts, repair=options.repair
        )
        return Cells(frame, str(path), repairs=tuple(repairs), doubts=tuple(doubts))
    found = frame_of(source, repair=options.repair)
    if found is None:
        raise UsageError("source-unknown", type=type(source).__name__)
    return Cells(found[0], "frame", repairs=tuple(found[1]))


def load_text(text: str, where: str = "", *, repair: bool = True) -> Loaded:
    """Load a frame from JSON, NDJSON or delimited text."""
    head = text.lstrip()[:1]
    if head in {"{", "["}:
        return load_json(text, where, repair=repair)
    return read_delimited(text, where, repair=repair)


def load_json(text: str, where: str = "", *, repair: bool = True) -> Loaded:
    """Load a frame from JSON (records, columns, columns and data) or one JSON object a line.

    Raises:
        DataError: the text is not JSON, or not a table.
    """
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        value = _json_lines(text, error, where)
    found = frame_of(value, repair=repair)
    if found is None:
        raise DataError("json-not-a-table", where=where, type=type(value).__name__)
    return found


def _json_lines(text: str, whole: Exception, where: str) -> list[Any]:
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    decoder = msgspec.json.Decoder()
    rows = []
    for number, line in lines:
        try:
            rows.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            alone = len(rows) == 0
            raise DataError(
                "json-invalid",
                where=where,
                line=None if alone else number,
                reason=whole if alone else error,
            ) from None
    return rows


def _load_file(
    path: Path,
    encoding: str | None,
    sheet: str | int | None,
    doubts: list[Doubt],
    *,
    repair: bool,
) -> Loaded:
    data = _bytes(path)
    where = str(path)
    if data.startswith(b"PAR1"):
        return _typed(lambda: pl.read_parquet(data), where, repair=repair)
    if data.startswith(b"ARROW1"):
        return _typed(lambda: pl.read_ipc(io.BytesIO(data)), where, repair=repair)
    if data.startswith(b"\xff\xff\xff\xff"):
        return _typed(lambda: pl.read_ipc_stream(io.BytesIO(data)), where, repair=repair)
    if _is_excel(data):
        return _excel(data, sheet, where, repair=repair)
    decoded = decode(data, encoding, where)
    if not decoded.text.strip():
        raise DataError("file-empty", where=where)
    frame, made = _text_loader(path)(decoded.text, where, repair=repair)
    doubts += decoded.doubts
    return frame, decoded.repairs + made


def _text_loader(path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix in {".json", ".jsonl", ".ndjson"}:
        return load_json
    return read_delimited if suffix in {".csv", ".tsv", ".txt"} else load_text


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UsageError("file-is-folder", path=path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=error.strerror or error) from None
    if not data:
        raise DataError("file-empty", where=str(path))
    return data


def _missing(path: Path) -> MissingFile:
    try:
        beside = [p.name for p in path.parent.iterdir()]
    except OSError:
        return MissingFile("folder-missing", path=path, folder=path.parent)
    if near := difflib.get_close_matches(path.name, beside, n=3, cutoff=0.5):
        return MissingFile("file-misnamed", path=path, near=near)
    return MissingFile("file-missing", path=path)


def _typed(read: Any, where: str, *, repair: bool) -> Loaded:
    try:
        frame = read()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(error, where) from None
    found = frame_of(frame, repair=repair)
    return found if found else (frame, [])


def damaged(error: Exception, where: str) -> DataError:
    """Return the error for a file that is not whole."""
    reason = str(error).strip().splitlines()[0]
    return DataError("file-damaged", where=where, reason=reason)


def _is_excel(data: bytes) -> bool:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return True  # .xls
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        return False
    return any(name.startswith("xl/") or name == "content.xml" for name in members)


def _excel(data: bytes, sheet: str | int | None, where: str, *, repair: bool) -> Loaded:
    try:
        import fastexcel
    except ImportError:
        raise MissingExtra("fastexcel", "excel", "read-excel") from None
    try:
        book = fastexcel.read_excel(data)
    except fastexcel.FastExcelError:
        raise not_a_table(where) from None
    if isinstance(sheet, str) and sheet not in book.sheet_names:
        raise UnknownName("sheet-unknown", "sheet", sheet, book.sheet_names, where)
    if isinstance(sheet, int) and not 0 <= sheet < len(book.sheet_names):
        raise UnknownName("sheet-unknown", "sheet", str(sheet), book.sheet_names, where)
    grid = book.load_sheet(sheet or 0, header_row=None, dtypes="string")
    return _from_grid(grid.to_polars(), repair=repair)


def _from_grid(grid: pl.DataFrame, *, repair: bool) -> Loaded:
    """Read a sheet of text cells: the first rows may be titles, then comes the header."""
    grid = grid.cast(pl.String)
    rows = [[cell or "" for cell in row] for row in grid.head(200).rows()]
    skipped = title_rows(rows) if repair else 0
    if skipped >= len(rows):
        return pl.DataFrame(), []
    headless = no_header(rows[skipped:])
    names, made = tidy_names([""] * grid.width if headless else rows[skipped], repair=repair)
    if headless:
        made = [Repair("header-missing", count=len(names))]
    if skipped:
        title = next((cell for row in rows[:skipped] for cell in row if cell), "")
        made = [Repair("title-rows", count=skipped, values={"before": title}), *made]
    body, blank = drop_blank(grid.slice(skipped + (not headless)))
    return body.rename(dict(zip(body.columns, names, strict=True))), made + blank
