"""A file of rows in blocks of equal height, of which no more than one is in memory.

    Parquet            slices of the columns that are asked for
    CSV, TSV           pieces of text, cut between rows
    NDJSON             lines
    anything else      read as a whole by `rows_of`, then sliced; so is a small file of any sort

Blocks have the same rows however the file is read, so that work on it can be taken up anywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.delimited import ends_as_on_old_macs, find_layout, rows_below
from mulle.table.encodings import not_a_table
from mulle.table.frames import column_of, frame_of
from mulle.table.names import tidy_names
from mulle.table.pieces import Piece, pieces, whole_lines
from mulle.table.rows import as_prediction_error, no_rows, rows_of
from mulle.table.sources import damaged

WHOLE = 16 << 20  # bytes; a file that is no larger is read at once
_SLAB = 4 << 20  # cells of a Parquet file that are read at once
_LINES = {".jsonl", ".ndjson", ".json"}
_WHOLE_ONLY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"ARROW1", b"\xff\xff\xff\xff")
_DELIMITED = {".csv", ".tsv", ".txt"}


class Block(NamedTuple):
    """Rows that stand together.

    Attributes:
        frame: the rows.
        first: rows of the file before them.
        share: of the file that is read with them, from 0 to 1.
    """

    frame: pl.DataFrame
    first: int
    share: float


class Blocks(NamedTuple):
    """A file in blocks; a file without rows is one empty block.

    Attributes:
        height: rows of the file, where that is known without reading it.
        read: the blocks from one that begins at a row (a multiple of the blocks' height) on.
    """

    height: int | None
    read: Callable[[int], Iterator[Block]]


def blocks(path: Path, names: Sequence[str], rows: int) -> Blocks:
    """The rows of a file, in blocks of `rows` (the last has what is left).

    Args:
        names: the columns that are needed; of a Parquet file no others are read.

    Raises:
        PredictionError: the file is not a table, here or while blocks are read.
        MissingFile: there is no such file.
    """
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _parquet(path, names, rows)
    streamed = _text(path, head)
    if streamed is None:
        frame = rows_of(path, names)
        return Blocks(
            frame.height,
            lambda begin: _even(iter([Block(frame, 0, 1.0)]), rows, begin, frame.clear()),
        )
    empty = no_rows(names)
    return Blocks(None, lambda begin: _even(_refused(streamed(), path), rows, begin, empty))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1 << 12)
    except OSError:
        return b""  # refused in words by `rows_of`


def _text(path: Path, head: bytes) -> Callable[[], Iterator[Block]] | None:
    """How a large text file is streamed; None where it is read as a whole."""
    if not head or path.stat().st_size <= WHOLE:
        return None
    suffix, first = path.suffix.lower(), head.lstrip()[:1]
    if suffix in _DELIMITED:
        return lambda: _delimited(path)
    if first == b"{" and (suffix in _LINES or b"\n" in head):
        return lambda: _lines(path)
    if (
        first == b"["
        or suffix in _LINES
        or head.startswith((b"PK", b"ARROW1", b"\xff\xff\xff\xff"))
    ):
        return None
    return lambda: _delimited(path)


def _refused(found: Iterator[Block], path: Path) -> Iterator[Block]:
    """The same, with errors as those who send rows expect them."""
    try:
        yield from found
    except DataError as error:
        raise as_prediction_error(error, str(path)) from error


def _even(found: Iterator[Block], rows: int, begin: int, empty: pl.DataFrame) -> Iterator[Block]:
    """Blocks of any height as blocks of `rows`, from row `begin` on."""
    waiting: list[pl.DataFrame] = []
    first, height, share, seen = begin, 0, 0.0, 0
    for block in found:
        frame, seen = block.frame.slice(max(0, begin - seen)), seen + block.frame.height
        waiting, height = [*waiting, frame], height + frame.height
        if height < rows:
            share = block.share
            continue
        joined = _joined(waiting)
        for start in range(0, height - height % rows, rows):
            done = share + (block.share - share) * (start + rows) / height
            yield Block(joined.slice(start, rows), first, done)
            first += rows
        waiting, height, share = [joined.slice(height - height % rows)], height % rows, block.share
    if height or not first:
        yield Block(_joined(waiting) if height else empty, first, 1.0)


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames one below the other; a column of several types becomes one that holds all."""
    if len(frames) == 1:
        return frames[0]
    try:
        return pl.concat(frames)
    except pl.exceptions.PolarsError:  # lines of JSON may each have other types and columns
        names = dict.fromkeys(name for frame in frames for name in frame.columns)
        return pl.DataFrame([_stacked(frames, name).alias(name) for name in names])


def _stacked(frames: list[pl.DataFrame], name: str) -> pl.Series:
    parts = [f[name] if name in f.columns else pl.Series([None] * f.height) for f in frames]
    types = {part.dtype for part in parts} - {pl.Null}
    if len(types) > 1:
        return column_of(value for part in parts for value in part.to_list())
    dtype = types.pop() if types else pl.Null
    return pl.concat([part.alias("x").cast(dtype) for part in parts])


def _parquet(path: Path, names: Sequence[str], rows: int) -> Blocks:
    lazy = pl.scan_parquet(path, glob=False)
    given = _collected(lazy.slice(0, 0), path).columns
    height = int(_collected(lazy.select(pl.len()), path).item())
    # By position, not by name: "*" is a name as well.
    chosen = lazy.select(pl.nth(_wanted(given, names)))
    slab = max(1, _SLAB // max(1, len(names)) // rows) * rows

    def read(begin: int) -> Iterator[Block]:
        for first in range(begin, height, slab):
            frame = _collected(chosen.slice(first, slab), path)
            for start in range(0, frame.height, rows):
                done = min(first + start + rows, height) / height
                yield Block(frame.slice(start, rows), first + start, done)
        if not height:
            yield Block(_collected(chosen, path), 0, 1.0)

    return Blocks(height, read)


def _collected(lazy: pl.LazyFrame, path: Path) -> pl.DataFrame:
    try:
        return lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        refused = damaged(error, str(path))
        raise as_prediction_error(refused) from None


def _wanted(given: Sequence[str], names: Sequence[str]) -> list[int]:
    """Positions of the columns that are needed; of all where one is missing, so that it is told."""
    tidy, _ = tidy_names(given)
    wanted = set(names)
    chosen = [i for i, pair in enumerate(zip(given, tidy, strict=True)) if wanted & {*pair}]
    found = {name for i in chosen for name in (given[i], tidy[i])}
    return chosen if wanted <= found else list(range(len(given)))


def _delimited(path: Path) -> Iterator[Block]:
    text = pieces(path)
    head = next(text)
    macs = ends_as_on_old_macs(head.text)
    if macs:
        text = (Piece(piece.text.replace("\r", "\n"), piece.share) for piece in text)
        head = Piece(head.text.replace("\r", "\n"), head.share)
    layout = find_layout(head.text, repair=True)
    if layout is None:
        raise not_a_table(str(path))
    above = layout.above
    body = itertools.chain([Piece(layout.body, head.share)], text)
    for part in whole_lines(body, layout.dialect.quote):
        frame, blank = rows_below(layout, part.text, str(path), above)
        yield Block(frame, 0, part.share)
        above += frame.height + sum(repair.count for repair in blank)


def _lines(path: Path) -> Iterator[Block]:
    """One JSON object a line; a column that the first lines know may be left out later."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
    above, known = 0, list[str]()
    for part in whole_lines(pieces(path)):
        rows = []
        for number, line in enumerate(part.text.split("\n"), above + 1):
            if line.strip():
                rows.append(_object(decoder, line, f"{path} line {number:,}"))
        above += part.text.count("\n")
        found = frame_of(rows) if rows else None
        if found is None:
            continue
        known = known or found[0].columns
        absent = [pl.lit(None).alias(name) for name in known if name not in found[0].columns]
        yield Block(found[0].with_columns(absent), 0, part.share)


def _object(decoder: msgspec.json.Decoder[Any], line: str, where: str) -> Any:
    try:
        return decoder.decode(line)
    except msgspec.DecodeError as error:
        raise DataError("json-invalid", where=where, reason=error) from None
