"""Read large files column by column; a CSV is parsed in chunks that are cut between rows.

A CSV is read this way only where it is plain: UTF-8, one header row, no title above it. Anything
else is left to `mulle.read`, which needs the whole file.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import polars as pl

from mulle.errors import DataError
from mulle.table import Repair, Storage
from mulle.table.read.delimited import TextLayout, find_layout
from mulle.table.read.dialect import Dialect
from mulle.table.read.names import tidy_names
from mulle.table.read.quotes import is_regular, well_quoted
from mulle.table.read.rows_out import blank_rows, is_undecided
from mulle.table.stream.text_chunks import last_line_end
from mulle.table.types import CLEAN, cleaned, is_settled, without_nfc
from mulle.table.types.coerce import coerce
from mulle.table.types.options import ReadOptions

T = TypeVar("T")
CHUNK_BYTES = 32 << 20  # bytes of a CSV that are parsed at once
_PREFIX = 4 << 20  # bytes that decide how a CSV is written


class LargeFile(Protocol):
    """Columns of a large file, each read when asked for."""

    names: list[str]
    height: int
    repairs: list[Repair]
    texts: frozenset[str]

    def column(self, name: str) -> pl.Series:
        """Return a column as it stands in the file: of a CSV as text, where it is no number."""
        ...  # pragma: no cover


@contextlib.contextmanager
def open_large_file(path: Path, spooled: int) -> Iterator[LargeFile | None]:
    """Open a large file; yields None where it can only be read as a whole.

    Args:
        path: a Parquet file or a CSV.
        spooled: size in bytes above which a CSV is copied to temporary Parquet files first.
    """
    with path.open("rb") as file:
        head = file.read(_PREFIX)
    if head.startswith(b"PAR1"):
        yield _parquet([path])
        return
    plain = _plain_csv(head)
    if plain is None:
        yield None
    elif path.stat().st_size <= spooled:
        yield _hold(path, plain)
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

    def __post_init__(self) -> None:
        self.names = list(self.raw)

    def column(self, name: str) -> pl.Series:
        chosen = pl.col(self.raw[name]) if self.raw[name] != "*" else pl.all()
        return self.frame.select(chosen).collect().to_series().alias(name)


@dataclass
class _CsvFile:
    """Blocks of a CSV in memory; a column that was taken is let go."""

    blocks: list[pl.DataFrame]
    names: list[str]
    repairs: list[Repair] = field(default_factory=list)
    texts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.height = sum(block.height for block in self.blocks)
        self._columns = {name: [block[name] for block in self.blocks] for name in self.names}
        self.blocks.clear()

    def column(self, name: str) -> pl.Series:
        return pl.concat(self._columns.pop(name), rechunk=True)


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
    numbers: frozenset[str]
    begin: int
    line: list[str]
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
    if layout is None or not _is_plain(layout):
        return None
    dialect, names = layout.dialect, layout.top.names
    quote = dialect.quote.encode()
    first = mark + len(text[: len(text) - len(layout.body)].encode())
    body = _parsed(head[first : last_line_end(head[: 1 << 20], quote)], dialect, names)
    if body is None or body.height < 2:
        return None
    numbers = frozenset(
        s.column.name
        for s in coerce(body, ReadOptions())
        if s.column.storage is Storage.number and not s.repairs
        and body[s.column.name].cast(pl.Float64, strict=False).null_count()
        == body[s.column.name].null_count()
    )  # fmt: skip
    return _Csv(dialect, names, numbers, first, layout.top.line, tuple(layout.top.repairs))


def _is_plain(layout: TextLayout) -> bool:
    """Tell whether a text can be parsed as it stands: a header of one row, nothing around it."""
    dialect = layout.dialect
    plain = Dialect(dialect.delimiter, dialect.quote) == dialect and bool(dialect.quote)
    unevened = {"row-names", "trailing-delimiter"} & {made.code for made in layout.top.repairs}
    one = layout.top.skip == 0 and layout.top.header == 1 and len(layout.top.line) > 1
    return plain and one and not unevened and dialect.separator == dialect.delimiter


def _hold(path: Path, csv: _Csv) -> _CsvFile | None:
    found = _collected(path, csv, lambda _, frame: frame)
    return None if found is None else _CsvFile(found[0], csv.names, found[1])


def _spool(path: Path, csv: _Csv, folder: Path) -> _ParquetFile | None:
    def keep(number: int, frame: pl.DataFrame) -> Path:
        file = folder / f"{number:06}.parquet"
        frame.write_parquet(file, compression="lz4")
        return file

    kept = _collected(path, csv, keep)
    found = None if kept is None else _parquet(kept[0])
    if found is not None and kept is not None:
        found.repairs, found.texts = kept[1], frozenset()
    return found


def _collected(
    path: Path, csv: _Csv, keep: Callable[[int, pl.DataFrame], T]
) -> tuple[list[T], list[Repair]] | None:
    """Keep something of each chunk, and what was repaired; None where rows are ambiguous.

    A column that turns out to be no plain number is read again as text, from the first block on.
    """
    numbers = set(csv.numbers)
    while True:
        kept: list[T] = []
        blank = 0
        for number, block in enumerate(_read_chunks(path, csv)):
            frame = _parsed(block, csv.dialect, csv.names, numbers)
            if frame is None:
                break
            if _short_rows(block, frame, csv.dialect) or _is_odd(block, frame, csv):
                return None  # `mulle.read` says which
            whole = _without_blank(frame)
            blank += frame.height - whole.height
            kept.append(keep(number, whole))
        else:
            more = [Repair("blank-rows", count=blank)] if blank else []
            return kept, [*csv.repairs, *more]
        wrong = _no_numbers(block, csv, numbers)
        if not wrong:
            return None
        numbers -= wrong


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


def _without_blank(frame: pl.DataFrame) -> pl.DataFrame:
    at = blank_rows(frame)
    kept = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(at, False)
    return frame.filter(kept) if at else frame


def _no_numbers(block: bytes, csv: _Csv, numbers: set[str]) -> set[str]:
    """Return the columns of a chunk that cannot be read as the numbers they were taken for."""
    text = _parsed(block, csv.dialect, csv.names)
    if text is None:
        return set()
    read = text.select(pl.col(sorted(numbers)).cast(pl.Float64, strict=False))
    return {n for n in numbers if read[n].null_count() > text[n].null_count()}


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


def _parsed(
    block: bytes, dialect: Dialect, names: list[str] | None, numbers: set[str] | None = None
) -> pl.DataFrame | None:
    """Parse the cells of some rows; None where they are ambiguous or not of those types."""
    kinds = numbers or set()
    schema = {n: pl.Float64 if n in kinds else pl.String for n in names} if names else None
    try:
        return pl.read_csv(
            block, has_header=False, schema=schema, separator=dialect.delimiter,
            quote_char=dialect.quote, infer_schema=False,
        )  # fmt: skip
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


#: characters that no normalization changes and that join with none of their own sort: ASCII and
#: Latin up to U+02FF, Hangul syllables, Han, kana, and the usual punctuation of all of them
_SETTLED = (
    r"[^\x{0}-\x{2FF}\x{AC00}-\x{D7A3}\x{4E00}-\x{9FFF}\x{3041}-\x{3096}\x{30A1}-\x{30FA}"
    r"\x{3130}-\x{318F}\x{2010}-\x{2027}\x{2030}-\x{205E}\x{3001}-\x{3029}\x{FF01}-\x{FFEE}]"
)


def needs_repair(values: pl.Series) -> bool:
    """Return whether a text repair would change any value."""
    few = values.unique() if values.head(10_000).n_unique() < 5_000 else values
    frame = few.alias("x").to_frame()
    plain = bool(frame.select(is_settled(pl.col("x"))).item())
    plain = plain or not frame.select(pl.col("x").str.contains(_SETTLED).any()).item()
    after = cleaned(pl.col("x"), without_nfc(CLEAN) if plain else CLEAN, Storage.string)
    return bool(frame.select(after.ne_missing(pl.col("x")).any()).item())


def iso_dates(text: pl.Series, coerced: pl.Series) -> pl.Series | None:
    """Read a column of dates that are all written alike; None where they are not.

    Args:
        text: n values.
        coerced: what `coerce` made of some of them, in `coerce`'s way the same for all.
    """
    try:
        dates = text.str.to_datetime(time_unit="us", strict=False)
    except pl.exceptions.PolarsError:
        return None
    same = dates.null_count() == text.null_count() and dates.dtype == coerced.dtype
    step = max(1, len(text) // max(1, len(coerced)))
    return dates if same and dates.gather_every(step).equals(coerced, null_equal=True) else None
