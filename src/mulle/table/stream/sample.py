"""Read a sample of the rows of files that need not fit into memory.

The files are read once, in chunks. Kept is a share of the rows seen so far, of each class of one
column the same share; whenever twice as many rows as wanted are kept, the share is halved. So all
parts of the files count alike, and the same seed draws the same rows.

catalogue  split-small
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError, UnknownName
from mulle.table.read.frames import frame_of
from mulle.table.read.names import tidy_names
from mulle.table.read.sources import damaged, load
from mulle.table.reading import Cells, Layout
from mulle.table.stream.delimited_chunks import read_parts, read_top
from mulle.table.stream.size import is_large
from mulle.table.types.column import LeftOut, Repair
from mulle.table.types.options import ReadOptions

_MAX_CLASSES = 200  # of a column with more values the shares are not kept: it is no class
_CELLS = 4 << 20  # of a Parquet file that are read at once
_MARK = b"PAR1"
_DELIMITED = {".csv", ".tsv", ".txt"}


class Sample(NamedTuple):
    """Some rows of a table.

    Attributes:
        cells: of the rows that were drawn, as they were written.
        rows: of the table, apart from blank ones.
        at: positions of the rows that were drawn, among all of them.
    """

    cells: Cells
    rows: int
    at: Array


class _Rows(NamedTuple):
    """The rows of a file in chunks, and what is known of it before they are read."""

    chunks: Iterator[pl.DataFrame]
    layout: Layout
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def draw_rows(
    paths: Sequence[Path], rows: int | None, *, by: str, seed: int, options: ReadOptions
) -> Sample:
    """Read so many rows of one or several files, drawn so that each class keeps its share.

    Args:
        paths: CSV, Parquet, or whatever `mulle.read` reads; all of the same columns. A CSV and a
            Parquet file are never in memory as a whole.
        rows: how many; all if None.
        by: the column whose values are the classes.
        seed: of the draw.
        options: what a person has decided.

    Raises:
        MulleError: as `mulle.read`; or the files have not the same columns.
    """
    drawing = _Drawing(rows, by, seed)
    first = _rows_of(paths[0], options)
    for chunk in _chunks(paths, options, first):
        drawing.add(chunk)
    where = str(paths[0]) if len(paths) == 1 else f"{paths[0]} … {paths[-1]}"
    cells = Cells(drawing.result(), where, first.layout, first.repairs, first.left_out)
    return Sample(cells, drawing.seen, drawing.at)


def read_all_rows(paths: Sequence[Path], options: ReadOptions) -> Iterator[pl.DataFrame]:
    """Yield all rows of one or several files in chunks, in the order that they are drawn from.

    Args:
        paths, options: as in `draw_rows`.

    Raises:
        MulleError: as `draw_rows`.
    """
    return _chunks(paths, options, _rows_of(paths[0], options))


def _chunks(paths: Sequence[Path], options: ReadOptions, first: _Rows) -> Iterator[pl.DataFrame]:
    """Yield the rows of files, all with the columns of the first, which is open already."""
    names: list[str] = []
    for path in paths:
        found = first if path is paths[0] else _rows_of(path, options)
        for chunk in found.chunks:
            names = names or chunk.columns
            yield _alike(chunk, names, path, paths[0])


def first_rows(path: Path, rows: int, options: ReadOptions) -> Cells:
    """Return the first rows of a file, without reading more of it than a chunk."""
    found = _rows_of(path, options)
    chunk = next(found.chunks, pl.DataFrame())
    return Cells(chunk.head(rows), str(path), found.layout, found.repairs)


def draw_cells(cells: Cells, rows: int, *, by: str, seed: int) -> Sample:
    """Draw rows of a table that is in memory, as `draw_rows`."""
    drawing = _Drawing(rows, by, seed)
    drawing.add(cells.frame)
    left = cells.left_out
    drawn = Cells(drawing.result(), cells.source, cells.layout, cells.repairs, left, cells.doubts)
    return Sample(drawn, drawing.seen, drawing.at)


def _rows_of(path: Path, options: ReadOptions) -> _Rows:
    if path.is_file() and is_large(path):
        if is_parquet(path):
            return _parquet(path)
        if path.suffix.lower() in _DELIMITED:
            layout, top = read_top(path, options)
            known = msgspec.structs.replace(options, encoding=layout.encoding)
            return _Rows(_delimited(path, known), layout, tuple(top.repairs))
    cells = load(path, options)
    return _Rows(_once(cells.frame), cells.layout, cells.repairs, cells.left_out)


def is_parquet(path: Path) -> bool:
    """Return whether a file begins as a Parquet file does."""
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


def _once(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield frame


def _delimited(path: Path, options: ReadOptions) -> Iterator[pl.DataFrame]:
    for part in read_parts(path, options, most_whole=0):
        yield part.frame if part.empty is None else part.frame.filter(~part.empty)


def _parquet(path: Path) -> _Rows:
    try:
        lazy = pl.scan_parquet(path, glob=False)
        given = lazy.collect_schema().names()
        height = int(lazy.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(error, str(path)) from None
    names, repairs = tidy_names(given)
    slab = max(1, _CELLS // max(1, len(given)))

    def read() -> Iterator[pl.DataFrame]:
        for begin in range(0, height, slab):
            try:
                frame = lazy.slice(begin, slab).collect()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise damaged(error, str(path)) from None
            frame.columns = names
            found = frame_of(frame)
            yield frame if found is None else found[0]

    return _Rows(read(), Layout("parquet"), tuple(repairs))


def _alike(chunk: pl.DataFrame, names: list[str], path: Path, first: Path) -> pl.DataFrame:
    """Return the columns in the order of the first file."""
    if chunk.columns == names:
        return chunk
    odd = sorted({*chunk.columns} ^ {*names})
    if odd or len(chunk.columns) != len(names):
        raise DataError("files-differ", where=str(path), first=str(first), columns=odd[:5])
    return pl.DataFrame([chunk[name] for name in names])


class _Drawing:
    """A draw in hand.

    Attributes:
        seen: rows so far.
    """

    def __init__(self, rows: int | None, by: str, seed: int) -> None:
        self._wanted = rows
        self._by = by
        self._rng = np.random.default_rng(seed)
        self._share = 1.0
        self._kept: list[pl.DataFrame] = []
        self._codes: list[Array] = []
        self._places: list[Array] = []
        self._classes: dict[str | None, int] | None = {}
        self._counts = np.zeros(1, np.int64)  # of the rows seen, by class

    @property
    def seen(self) -> int:
        return int(self._counts.sum())

    def add(self, frame: pl.DataFrame) -> None:
        """Draw from further rows."""
        before = self.seen
        codes = self._codes_of(frame)
        had = self._had()
        size = max(len(self._counts), int(codes.max(initial=0)) + 1)
        found = np.bincount(codes, minlength=size)
        self._counts = _padded(self._counts, size) + found
        if self._wanted is None or self._share == 1.0:
            at = np.arange(len(codes))
        else:
            more = np.floor(self._share * self._counts).astype(np.int64) - _padded(had, size)
            at = _chosen(codes, np.clip(more, 0, found), self._rng)
        self._kept.append(frame[at] if len(at) < len(codes) else frame)
        self._codes.append(codes[at])
        self._places.append(before + at)
        while self._wanted is not None and sum(map(len, self._codes)) > 2 * self._wanted:
            self._share /= 2
            self._thin(np.floor(self._share * self._counts).astype(np.int64))

    def result(self) -> pl.DataFrame:
        """Return the rows wanted, in the order of the files."""
        if self._wanted is not None and self._wanted < self.seen:
            self._thin(_allotted(self._counts, self._wanted))
        return _stacked(self._kept)

    @property
    def at(self) -> Array:
        """Positions of the rows that are kept, among those seen."""
        return np.concatenate([np.zeros(0, np.int64), *self._places])

    def _thin(self, wanted: Array) -> None:
        """Keep so many rows of each class."""
        codes = np.concatenate(self._codes)
        at = _chosen(codes, wanted, self._rng)
        self._kept, self._codes = [_stacked(self._kept)[at]], [codes[at]]
        self._places = [self.at[at]]

    def _had(self) -> Array:
        return np.bincount(np.concatenate([np.zeros(0, np.int64), *self._codes]).astype(np.int64))

    def _codes_of(self, frame: pl.DataFrame) -> Array:
        if self._by not in frame.columns:
            raise UnknownName("column-unknown", "column", self._by, frame.columns)
        if self._classes is None:
            return np.zeros(frame.height, np.int64)
        values = frame[self._by].alias("")
        if values.dtype.is_nested() or values.dtype == pl.Object:
            return self._as_one(frame.height)
        values = values.cast(pl.String)
        for value in values.unique(maintain_order=True).to_list():
            self._classes.setdefault(value, len(self._classes))
            if len(self._classes) > _MAX_CLASSES:
                return self._as_one(frame.height)
        numbers = list(self._classes.values())
        codes = values.replace_strict([*self._classes], numbers, return_dtype=pl.Int64)
        return codes.to_numpy()

    def _as_one(self, height: int) -> Array:
        """Count all rows as one class from now on, those before as well."""
        self._classes = None
        self._counts = self._counts.sum(keepdims=True)
        self._codes = [np.zeros(len(codes), np.int64) for codes in self._codes]
        return np.zeros(height, np.int64)


def _chosen(codes: Array, wanted: Array, rng: np.random.Generator) -> Array:
    """Return the sorted positions of so many rows of each class, drawn at random."""
    found = [np.zeros(0, np.int64)]
    for code in np.flatnonzero(wanted):
        at = np.flatnonzero(codes == code)
        some = len(at) > wanted[code]
        found.append(rng.choice(at, wanted[code], replace=False, shuffle=False) if some else at)
    return np.sort(np.concatenate(found))


def _allotted(counts: Array, rows: int) -> Array:
    """Divide rows among classes by their counts, by largest remainders.

    >>> _allotted(np.array([70, 20, 10]), 11).tolist()
    [8, 2, 1]
    """
    exact = counts * (rows / counts.sum())
    whole: Array = np.floor(exact).astype(np.int64)
    left = np.argsort(whole - exact, kind="stable")[: rows - int(whole.sum())]
    whole[left] += 1
    return whole


def _padded(counts: Array, size: int) -> Array:
    return np.concatenate([counts, np.zeros(size - len(counts), np.int64)])


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    if len(frames) == 1:
        return frames[0]
    try:
        return pl.concat(frames, how="vertical_relaxed", rechunk=True)
    except pl.exceptions.PolarsError:  # a column is text in one file, and numbers in another
        names = frames[0].columns
        texts = [pl.DataFrame([f[name].cast(pl.String) for name in names]) for f in frames]
        return pl.concat(texts, rechunk=True)
