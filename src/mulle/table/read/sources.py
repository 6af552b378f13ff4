"""From a path to cells: recognise the format by its content, then by its name.

Text formats come back with every cell as text; Parquet and Arrow keep their types.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mulle.errors import DataError, UsageError
from mulle.table.read.characters import whole_characters
from mulle.table.read.delimited import read_delimited
from mulle.table.read.encodings import SAMPLE, decode
from mulle.table.read.excel import is_excel, read_excel
from mulle.table.read.files import read_file
from mulle.table.read.folder import folder_frame
from mulle.table.read.frames import frame_of
from mulle.table.read.json import read_json
from mulle.table.read.large import first_part, read_large
from mulle.table.read.markup import is_markup, read_markup
from mulle.table.reading import Cells, Layout
from mulle.table.types.options import ReadOptions

_AS_FOUND = ReadOptions()


def load(source: Any, options: ReadOptions) -> Cells:
    """Load the cells of a path or of a table of any library.

    Raises:
        MissingFile: there is no such file.
        DataError: the file is empty, damaged, or in no known format.
        UsageError: `source` is neither a path nor a table.
    """
    if isinstance(source, (str, os.PathLike)):
        return _load_file(Path(source), options)
    with whole_characters():
        found = frame_of(source, repair=options.repair)
    if found is None and type(source).__module__.startswith("numpy"):
        raise UsageError("array-without-names", type=type(source).__name__)
    if found is None:
        raise UsageError("source-unknown", type=type(source).__name__)
    return Cells(found[0], "frame", repairs=tuple(found[1]))


def load_text(text: str, where: str = "", options: ReadOptions = _AS_FOUND) -> Cells:
    """Load the cells of JSON, NDJSON, HTML or delimited text.

    Raises:
        DataError: it is no table, or holds half of a character.
    """
    with whole_characters():
        return _parse_text(text, where, options)


def _parse_text(text: str, where: str, options: ReadOptions) -> Cells:
    head = text.lstrip()[:1]
    if head in {"{", "["}:
        return read_json(text, where, options)
    if head == "<" and is_markup(text):
        return read_markup(text, where, options)
    return read_delimited(text, where, options)


def _load_file(path: Path, options: ReadOptions) -> Cells:
    if (images := folder_frame(path)).width:
        return Cells(images, str(path))
    data = read_file(path)
    where = str(path)
    if data.startswith(b"PAR1"):
        return _typed("parquet", lambda: pl.read_parquet(data), where, options)
    if data.startswith(b"ARROW1"):
        return _typed("arrow", lambda: pl.read_ipc(io.BytesIO(data)), where, options)
    if data.startswith(b"\xff\xff\xff\xff"):
        return _typed("arrow", lambda: pl.read_ipc_stream(io.BytesIO(data)), where, options)
    if is_excel(data):
        return read_excel(data, where, options)
    parts, data = [data], b""
    return _load_text(path, parts, options)


def _load_text(path: Path, data: list[bytes], options: ReadOptions) -> Cells:
    """Load a text file of any format; its bytes are taken from the list, to be kept no longer."""
    where = str(path)
    head = first_part(data[0]) if options.encoding is None else None
    if head is not None and _is_delimited(path, head):
        cells = read_large(data, head, where, options)
        if cells is not None:
            return cells
    decoded = decode(data.pop(), options.encoding, where)
    if not decoded.text or decoded.text.isspace():
        raise DataError("file-empty", where=where)
    load_as = _text_loader(path, decoded.text)
    texts, decoded = [decoded.text], decoded._replace(text="")
    cells = load_as(texts.pop(), where, options)
    return replace(
        cells,
        layout=msgspec.structs.replace(cells.layout, encoding=decoded.encoding),
        repairs=(*decoded.repairs, *cells.repairs),
        doubts=(*decoded.doubts, *cells.doubts),
    )


def _is_delimited(path: Path, head: bytes) -> bool:
    """Tell from its name and first lines whether a text file can be nothing but delimited."""
    text = head[:SAMPLE].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return path.suffix.lower() in {".csv", ".tsv", ".txt"} and text[:1] not in {"{", "[", "<", ""}


def _text_loader(path: Path, text: str) -> Callable[[str, str, ReadOptions], Cells]:
    suffix = path.suffix.lower()
    if suffix in {".json", ".jsonl", ".ndjson"}:
        return read_json
    if suffix in {".csv", ".tsv", ".txt"} and not is_markup(text):
        return read_delimited
    return load_text


def _typed(form: str, read: Callable[[], pl.DataFrame], where: str, options: ReadOptions) -> Cells:
    try:
        frame = read()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(error, where) from None
    found = frame_of(frame, repair=options.repair) or (frame, [])
    return Cells(found[0], where, Layout(format=form), tuple(found[1]))


def damaged(error: Exception, where: str) -> DataError:
    """Return the error for a file that is not whole."""
    reason = str(error).strip().splitlines()[0]
    return DataError("file-damaged", where=where, reason=reason)
