"""Read a file in chunks of equally many rows, of which no more than one is in memory.

    Parquet            slices of the columns that are asked for
    CSV, TSV           chunks of text, cut between rows
    NDJSON             lines
    anything else      read as a whole by `rows_of`, then sliced; so is a small file of any sort

Chunks hold the same rows however the file is read, so that work on it can be resumed anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.frames import column_of, frame_of
from mulle.table.read.json import decode_line
from mulle.table.read.names import tidy_names
from mulle.table.read.rows import as_prediction_error, no_rows, rows_of
from mulle.table.read.sources import damaged
from mulle.table.reading import AS_IT_IS, Layout, Reading
from mulle.table.stream.delimited_chunks import read_parts, read_top
from mulle.table.stream.size import is_large
from mulle.table.stream.text_chunks import read_text_chunks, whole_lines
from mulle.table.types.column import Column
from mulle.table.types.options import ReadOptions

_SLAB = 4 << 20  # cells of a Parquet file that are read at once
_EMPTY = "\0empty"  # no name of a column has such a character
_LINES = {".jsonl", ".ndjson", ".json"}
_DELIMITED = {".csv", ".tsv", ".txt"}


class RowChunk(NamedTuple):
    """Rows that follow each other in a file.

    Attributes:
        frame: the rows, as `NewRows` has them.
        first: number of rows of the file before them.
        share: share of the file read so far, from 0 to 1.
        empty: which rows were left out, boolean; None where none was.
    """

    frame: pl.DataFrame
    first: int
    share: float
    empty: pl.Series | None = None


class RowChunks(NamedTuple):
    """A file in chunks of rows; a file without rows is one empty chunk.

    Attributes:
        height: number of rows of the file, where that is known without reading it.
        read: yields the chunks from a row on, which must be a multiple of the rows of a chunk.
        reading: the layout of the file, what was changed, and what was left out, as far as it is
            known before the chunks are read.
        columns: names of the columns of the file, as far as they are known then.
    """

    height: int | None
    read: Callable[[int], Iterator[RowChunk]]
    reading: Reading = AS_IT_IS
    columns: Sequence[str] = ()


def read_row_chunks(
    path: Path, columns: Sequence[Column], rows: int, options: ReadOptions | None = None
) -> RowChunks:
    """Return the rows of a file in chunks of `rows`; the last chunk has what is left.

    Args:
        path: any file that `mulle.read` reads.
        columns: those that are needed; of a Parquet file no others are read.
        rows: number of rows of a chunk, at least 1.
        options: what a person has decided about the layout.

    Raises:
        PredictionError: the file is not a table, here or while chunks are read.
        MissingFile: there is no such file.
    """
    options = options or ReadOptions()
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _parquet(path, [column.name for column in columns], rows)
    sort = _sort(path, head)
    if sort == "delimited":
        return _from_delimited(path, columns, rows, options)
    if sort == "lines":
        none, found = no_rows(columns), Reading(Layout("json-lines"))
        return RowChunks(
            None,
            lambda begin: _even(_refused(_lines(path, options), path), rows, begin, none),
            found,
        )
    return _from_whole(path, columns, rows, options)


def _from_whole(
    path: Path, columns: Sequence[Column], rows: int, options: ReadOptions
) -> RowChunks:
    whole = rows_of(path, columns, options)
    chunk = RowChunk(whole.frame, 0, 1.0, whole.empty)

    def read(begin: int) -> Iterator[RowChunk]:
        return _even(iter([chunk]), rows, begin, whole.frame.clear())

    return RowChunks(len(whole), read, whole.reading, whole.columns)


def _from_delimited(
    path: Path, columns: Sequence[Column], rows: int, options: ReadOptions
) -> RowChunks:
    try:
        layout, top = read_top(path, options)
    except DataError as error:
        raise as_prediction_error(error, str(path)) from error
    if {*top.names}.isdisjoint(column.name for column in columns):
        return _from_whole(path, columns, rows, options)  # which may have no header
    known = msgspec.structs.replace(options, encoding=layout.encoding)

    def read(begin: int) -> Iterator[RowChunk]:
        found = _refused(_delimited(path, known), path)
        return _even(found, rows, begin, no_rows(columns))

    return RowChunks(None, read, Reading(layout), top.names)


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():  # a pipe that is opened waits for ever
            return b""
        with path.open("rb") as file:
            return file.read(1 << 12)
    except OSError:
        return b""  # refused in words by `rows_of`


def _sort(path: Path, head: bytes) -> str:
    """Return how a large text file is streamed; "" where it is read as a whole."""
    if not head or not is_large(path):
        return ""
    suffix, first = path.suffix.lower(), head.lstrip()[:1]
    if suffix in _DELIMITED:
        return "delimited"
    if first == b"{" and (suffix in _LINES or b"\n" in head):
        return "lines"
    typed = head.startswith((b"PK", b"ARROW1", b"\xff\xff\xff\xff"))
    return "" if first == b"[" or suffix in _LINES or typed else "delimited"


def _refused(found: Iterator[RowChunk], path: Path) -> Iterator[RowChunk]:
    """Yield the same chunks, with errors as those who send rows expect them."""
    try:
        yield from found
    except DataError as error:
        raise as_prediction_error(error, str(path)) from error


def _even(
    found: Iterator[RowChunk], rows: int, begin: int, none: pl.DataFrame
) -> Iterator[RowChunk]:
    """Yield chunks of any height as chunks of `rows`, from row `begin` on."""
    waiting: list[pl.DataFrame] = []
    first, height, share, seen = begin, 0, 0.0, 0
    for chunk in found:
        whole = _with_empty(chunk)
        frame, seen = whole.slice(max(0, begin - seen)), seen + whole.height
        waiting, height = [*waiting, frame], height + frame.height
        if height < rows:
            share = chunk.share
            continue
        joined = _joined(waiting)
        for start in range(0, height - height % rows, rows):
            done = share + (chunk.share - share) * (start + rows) / height
            yield _without_empty(joined.slice(start, rows), first, done)
            first += rows
        waiting, height, share = [joined.slice(height - height % rows)], height % rows, chunk.share
    if height or not first:
        yield _without_empty(_joined(waiting) if height else none, first, 1.0)


def _with_empty(chunk: RowChunk) -> pl.DataFrame:
    """Put which rows were left out beside the rows, so that both are cut alike."""
    if chunk.empty is None:
        return chunk.frame
    return chunk.frame.with_columns(chunk.empty.alias(_EMPTY))


def _without_empty(frame: pl.DataFrame, first: int, share: float) -> RowChunk:
    if _EMPTY not in frame.columns:
        return RowChunk(frame, first, share)
    empty = frame[_EMPTY].fill_null(value=False).alias("")
    return RowChunk(frame.drop(_EMPTY), first, share, empty if empty.any() else None)


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Stack frames; a column of several types becomes a column that holds all."""
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


def _parquet(path: Path, names: Sequence[str], rows: int) -> RowChunks:
    lazy = pl.scan_parquet(path, glob=False)
    given = _collected(lazy.slice(0, 0), path).columns
    height = int(_collected(lazy.select(pl.len()), path).item())
    # By position, not by name: "*" is a name as well.
    chosen = lazy.select(pl.nth(_wanted(given, names)))
    slab = max(1, _SLAB // max(1, len(names)) // rows) * rows

    def read(begin: int) -> Iterator[RowChunk]:
        for first in range(begin, height, slab):
            frame = _collected(chosen.slice(first, slab), path)
            for start in range(0, frame.height, rows):
                done = min(first + start + rows, height) / height
                yield RowChunk(frame.slice(start, rows), first + start, done)
        if not height:
            yield RowChunk(_collected(chosen, path), 0, 1.0)

    return RowChunks(height, read, Reading(Layout("parquet")), given)


def _collected(lazy: pl.LazyFrame, path: Path) -> pl.DataFrame:
    try:
        return lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        refused = damaged(error, str(path))
        raise as_prediction_error(refused) from None


def _wanted(given: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the positions of the needed columns; of all where one is missing, to name it."""
    tidy, _ = tidy_names(given)
    wanted = set(names)
    chosen = [i for i, pair in enumerate(zip(given, tidy, strict=True)) if wanted & {*pair}]
    found = {name for i in chosen for name in (given[i], tidy[i])}
    return chosen if wanted <= found else list(range(len(given)))


def _delimited(path: Path, options: ReadOptions) -> Iterator[RowChunk]:
    for part in read_parts(path, options):
        empty = part.empty
        if empty is None:  # frames are stacked, so that all have the same columns
            empty = pl.repeat(False, part.frame.height, dtype=pl.Boolean, eager=True)
        yield RowChunk(part.frame, 0, part.share, empty)


def _lines(path: Path, options: ReadOptions) -> Iterator[RowChunk]:
    """Read a JSON object from each line; a column of the first lines may be absent later."""
    above, known = 0, list[str]()
    for part in whole_lines(read_text_chunks(path, options.encoding)):
        rows = []
        for number, line in enumerate(part.text.split("\n"), above + 1):
            if line.strip():
                rows.append(_object(line, f"{path} line {number:,}"))
        above += part.text.count("\n")
        found = frame_of(rows) if rows else None
        if found is None:
            continue
        known = known or found[0].columns
        absent = [pl.lit(None).alias(name) for name in known if name not in found[0].columns]
        yield RowChunk(found[0].with_columns(absent), 0, part.share)


def _object(line: str, where: str) -> Any:
    try:
        return decode_line(line)
    except ValueError as error:
        raise DataError("json-invalid", where=where, reason=error) from None
