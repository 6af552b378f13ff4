"""Read large files column by column; a CSV is parsed in chunks that are cut between rows.

A CSV is read this way only where it is plain: UTF-8, one header row, no title above it. Anything
else is left to `mulle.read`, which needs the whole file.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table import LeftOut, Repair
from mulle.table.read.delimited import TextLayout, find_layout
from mulle.table.read.dialect import Dialect
from mulle.table.read.names import tidy_names
from mulle.table.read.quotes import is_regular, well_quoted
from mulle.table.read.rows_out import MAX_ROWS_NAMED, OPTION, blank_rows, is_undecided
from mulle.table.read.text_cells import read_text_cells
from mulle.table.reading import Layout
from mulle.table.stream.text_chunks import last_line_end
from mulle.table.types.options import ReadOptions

T = TypeVar("T")
CHUNK_BYTES = 32 << 20  # bytes of a CSV that are parsed at once
_PARQUET = Layout(format="parquet")
_PREFIX = 4 << 20  # bytes that decide how a CSV is written


class LargeFile(Protocol):
    """Columns of a large file, each read when asked for."""

    names: list[str]
    height: int
    repairs: list[Repair]
    left_out: tuple[LeftOut, ...]
    texts: frozenset[str]
    layout: Layout

    def is_text(self, name: str) -> bool:
        """Tell whether the cells of a column are text."""
        ...  # pragma: no cover

    def column(self, name: str) -> pl.Series:
        """Return a column as it stands in the file, of a CSV as text."""
        ...  # pragma: no cover

    def some(self, names: Sequence[str], rows: int) -> pl.DataFrame:
        """Return some columns in about so many rows of all parts of the file."""
        ...  # pragma: no cover


@contextlib.contextmanager
def open_large_file(path: Path, held: int) -> Iterator[LargeFile | None]:
    """Open a large file; yields None where it is read as a whole.

    Args:
        path: a Parquet file, or a CSV, which is copied to temporary Parquet files first.
        held: size in bytes up to which a CSV is read as a whole.
    """
    with path.open("rb") as file:
        head = file.read(_PREFIX)
    if head.startswith(b"PAR1"):
        yield _parquet([path])
        return
    plain = _plain_csv(head) if path.stat().st_size > held else None
    if plain is None:
        yield None
    else:
        with tempfile.TemporaryDirectory(prefix="mulle-") as folder:
            yield _spool(path, plain, Path(folder))


@dataclass
class _ParquetFile:
    """Columns of Parquet files."""

    frame: pl.LazyFrame
    raw: dict[str, str]  # name -> name in the file
    height: int
    repairs: list[Repair] = field(default_factory=list)
    texts: frozenset[str] = frozenset()
    layout: Layout = _PARQUET
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        self.names = list(self.raw)
        self._text = self.texts

    def is_text(self, name: str) -> bool:
        return name in self._text

    def column(self, name: str) -> pl.Series:
        chosen = pl.col(self.raw[name]) if self.raw[name] != "*" else pl.all()
        return self.frame.select(chosen).collect().to_series().alias(name)

    def some(self, names: Sequence[str], rows: int) -> pl.DataFrame:
        columns = [self.column(name).gather_every(max(1, self.height // rows)) for name in names]
        return pl.DataFrame(columns)


def _parquet(paths: list[Path]) -> _ParquetFile | None:
    frame = pl.scan_parquet(paths)
    try:
        schema = frame.collect_schema()
        given = schema.names()
        height = int(frame.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        return None  # `mulle.read` says what is wrong with it
    if not height or "*" in given or any(n.startswith("^") for n in given):
        return None
    names, repairs = tidy_names(given)
    raw = dict(zip(names, given, strict=True))
    texts = frozenset(name for name in names if schema[raw[name]] == pl.String)
    return _ParquetFile(frame, raw, height, repairs, texts)


@dataclass(frozen=True)
class _Csv:
    """How a CSV is written: its dialect, columns, and where its rows begin."""

    dialect: Dialect
    names: list[str]
    begin: int
    line: list[str]
    layout: Layout
    repairs: tuple[Repair, ...] = ()


def _plain_csv(head: bytes) -> _Csv | None:
    mark = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    cut = last_line_end(head, b'"')
    try:
        text = head[mark:cut].decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text[:1000] or "\n" not in text or text.lstrip()[:1] in {"{", "["}:
        return None
    layout = find_layout(text, ReadOptions())
    if layout is None or not _is_simple(layout):
        return None
    dialect, names = layout.dialect, layout.top.names
    quote = dialect.quote.encode()
    first = mark + len(text[: len(text) - len(layout.body)].encode())
    described = msgspec.structs.replace(layout.described, encoding="utf-8")
    body = _parsed(head[first : last_line_end(head[: 1 << 20], quote)], dialect, names)
    if body is None or body.height < 2:
        return None
    return _Csv(dialect, names, first, layout.top.line, described, tuple(layout.top.repairs))


def _is_simple(layout: TextLayout) -> bool:
    """Tell whether a text can be parsed as it stands: a header of one row, nothing around it."""
    dialect = layout.dialect
    plain = Dialect(dialect.delimiter, dialect.quote) == dialect and bool(dialect.quote)
    unevened = {"row-names", "trailing-delimiter"} & {made.code for made in layout.top.repairs}
    one = layout.top.skip == 0 and layout.top.header == 1 and len(layout.top.line) > 1
    return plain and one and not unevened and dialect.separator == dialect.delimiter


def _spool(path: Path, csv: _Csv, folder: Path) -> _ParquetFile | None:
    def keep(number: int, frame: pl.DataFrame) -> Path:
        file = folder / f"{number:06}.parquet"
        frame.write_parquet(file, compression="lz4")
        return file

    kept = _collected(path, csv, keep)
    found = None if kept is None else _parquet(kept[0])
    if found is not None and kept is not None:
        found.repairs, found.left_out = list(csv.repairs), kept[1]
        found.texts, found.layout = frozenset(), csv.layout
    return found


def _collected(
    path: Path, csv: _Csv, keep: Callable[[int, pl.DataFrame], T]
) -> tuple[list[T], tuple[LeftOut, ...]] | None:
    """Keep something of each chunk, and blank rows left out; None where rows are ambiguous."""
    kept: list[T] = []
    blank: list[int] = []
    rows = 0
    for number, block in enumerate(_read_chunks(path, csv)):
        frame = _parsed(block, csv.dialect, csv.names)
        if frame is None or _short_rows(block, frame, csv.dialect) or _is_odd(block, frame, csv):
            return None  # `mulle.read` says which
        at = blank_rows(frame)
        kept.append(keep(number, _without(frame, at)))
        blank += [rows + i + 1 for i in at]
        rows += frame.height
    if not blank:
        return kept, ()
    first = tuple(blank[:MAX_ROWS_NAMED])
    out = LeftOut("blank-rows", count=len(blank), rows=first, values={"option": OPTION})
    return kept, (out,)


def _is_odd(block: bytes, frame: pl.DataFrame, csv: _Csv) -> bool:
    """Tell whether a chunk holds quotes inside cells, or rows that may be no data."""
    quote = csv.dialect.quote
    if not is_regular(block, csv.dialect.separator, quote):
        text = block.decode("utf-8", "replace")
        try:
            if well_quoted(text, csv.dialect.separator, quote, "", 0) is not text:
                return True
        except DataError:
            return True
    return is_undecided(frame, csv.line)


def _without(frame: pl.DataFrame, at: Sequence[int]) -> pl.DataFrame:
    kept = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(at, False)
    return frame.filter(kept) if at else frame


def _short_rows(block: bytes, frame: pl.DataFrame, dialect: Dialect) -> bool:
    """Return whether rows lack cells, which Polars fills up without a word.

    Only asked where delimiters can simply be counted: where nothing is quoted.
    """
    last = frame.to_series(frame.width - 1)
    if not last.null_count() or dialect.quote.encode() in block:
        return False
    blank = int(frame.select(pl.all_horizontal(pl.all().is_null()).sum()).item())
    lines = frame.height - blank
    return block.count(dialect.delimiter.encode()) < lines * (frame.width - 1)


def _parsed(block: bytes, dialect: Dialect, names: list[str]) -> pl.DataFrame | None:
    """Parse the cells of some rows as text; None where they are ambiguous."""
    try:
        return read_text_cells(block, names, dialect.delimiter, dialect.quote)
    except (pl.exceptions.PolarsError, OSError):
        return None


def _read_chunks(path: Path, csv: _Csv) -> Iterator[bytes]:
    """Yield the rows of a file in chunks of about `CHUNK_BYTES` bytes."""
    quote, rest = csv.dialect.quote.encode(), b""
    with path.open("rb") as file:
        file.seek(csv.begin)
        while piece := file.read(CHUNK_BYTES):
            data = rest + piece
            cut = last_line_end(data, quote)
            if cut:
                yield data[:cut]
            rest = data[cut:]
    if rest.strip():
        yield rest
