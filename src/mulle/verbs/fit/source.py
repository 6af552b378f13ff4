"""What a run reads: a table, a file, or several files of one table; all of their rows, or a sample.

A sample is drawn while the rows are read, where a person wants so many rows (`--rows`) or where all
of them would not fit into the memory.

catalogue  split-small
"""

from __future__ import annotations

import glob
import hashlib
import io
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from mulle.errors import DataError, MissingFile, MulleError
from mulle.files import hash_file
from mulle.table import Cells, Kind, LeftOut, Table, read_cells, read_for
from mulle.table.images import read_folder, read_pixels
from mulle.table.labels import meaning_for
from mulle.table.stream.sample import Sample, draw_cells, draw_rows, first_rows
from mulle.verbs.fit.fetch import is_address
from mulle.verbs.fit.large import LargeTable, watched
from mulle.verbs.fit.memory import Memory, RowsThatFit
from mulle.verbs.fit.settings import Settings

_HEAD_ROWS = 5_000  # by which it is judged what a row takes


class Source(NamedTuple):
    """What is in memory of a table, and the rest.

    Attributes:
        table: all of it, or a sample.
        large: the table that it was drawn from, where all rows can be boosted from the disk.
    """

    table: Table
    large: LargeTable | None = None


def files_of(source: Any) -> list[Path]:
    """Return the files that a source names, in order; none where it is a table in memory
    or at an address.

    `*`, `?` and `[` stand for parts of names where there is no such file.

    Raises:
        MissingFile: no file has such a name.
    """
    if not isinstance(source, str | Path) or is_address(source):
        return []
    path = Path(source)
    if path.exists() or not glob.has_magic(str(source)):
        return [path]
    found = sorted(Path(name) for name in glob.glob(str(source), recursive=True))
    found = [path for path in found if path.is_file()]
    if not found:
        raise MissingFile("files-missing", path=path)
    return found


def has_files(source: str) -> bool:
    """Return whether the files that a source names are there, as far as this machine knows."""
    if is_address(source):
        return True
    try:
        return any(path.exists() for path in files_of(source))
    except MulleError:
        return False


def read_source(source: Any, settings: Settings, memory: Memory) -> Source:
    """Read the rows of a source that there is memory for, `--rows` of them at most.

    Raises:
        MulleError: as `mulle.read`; or there is not memory for any sample worth learning from.
    """
    found = _read(source, settings, memory)
    if not found.table.height:
        raise DataError("table-without-rows", where=found.table.source)
    return found._replace(table=_with_pixels(found.table, settings))


def _with_pixels(table: Table, settings: Settings) -> Table:
    """Return the table with its images read, but for those that are not to be learned from."""
    unused = {*settings.drop, settings.target}
    if not any(c.kind is Kind.image and c.name not in unused for c in table.schema.columns):
        return table
    return read_pixels(table)


def _read(source: Any, settings: Settings, memory: Memory) -> Source:
    if isinstance(source, Table):
        return Source(source if settings.rows is None else _drawn_table(source, settings))
    files, target, options = files_of(source), settings.target, settings.reading
    if not files:
        if settings.rows is None:
            return Source(read_for(source, target, options, settings.task))
        cells = read_cells(source, options)
        sample = draw_cells(cells, settings.rows, by=target, seed=settings.seed)
        return Source(_meaning(sample, settings, None))
    if len(files) == 1 and files[0].is_dir():
        table = read_folder(files[0])
        return Source(table if settings.rows is None else _drawn_table(table, settings))
    fitting = memory.rows_that_fit(files, lambda: _head(files[0], settings))
    if settings.rows is None and fitting is None and len(files) == 1:
        return Source(read_for(files[0], target, options, settings.task))
    if settings.rows is None and fitting is not None and _can_be_boosted(settings, memory, fitting):
        return _large(files, fitting, settings)
    wanted = [settings.rows, None if fitting is None else fitting.rows]
    rows = min((count for count in wanted if count is not None), default=None)
    sample = draw_rows(files, rows, by=target, seed=settings.seed, options=options)
    return Source(_meaning(sample, settings, None if rows == settings.rows else fitting))


def _can_be_boosted(settings: Settings, memory: Memory, fitting: RowsThatFit) -> bool:
    """Return whether more rows can be boosted from the disk than all learners could learn from.

    Which of them belong to a group or come before a moment is known of the sample alone.
    """
    boosted = memory.rows_to_boost(fitting.columns, fitting.to_compare * fitting.a_row)
    return settings.group is None and settings.time_column is None and boosted > fitting.rows


def _large(files: list[Path], fitting: RowsThatFit, settings: Settings) -> Source:
    """Draw a sample to compare plans on, of a table that does not fit into the memory."""
    options, rows, begin = settings.reading, fitting.to_compare, time.perf_counter()
    with watched(files) as marks:
        sample = draw_rows(files, rows, by=settings.target, seed=settings.seed, options=options)
    seconds = time.perf_counter() - begin
    table = meaning_for(sample.cells, settings.target, options, settings.task)
    drawn = table.height
    values = {"drawn": drawn, "all": sample.rows, **fitting.values(sample.rows)}
    beyond = LeftOut("rows-on-disk", count=sample.rows - drawn, values=values)
    reading = msgspec.structs.replace(table.reading, left_out=(*table.reading.left_out, beyond))
    table = Table(table.frame, table.schema, reading, table.source, table.notes)
    held = drawn * fitting.a_row
    return Source(table, LargeTable(files, marks, options, sample.rows, sample.at, held, seconds))


def _head(path: Path, settings: Settings) -> tuple[Cells, Table]:
    cells = first_rows(path, _HEAD_ROWS, settings.reading)
    return cells, meaning_for(cells, settings.target, settings.reading, settings.task)


def _drawn_table(table: Table, settings: Settings) -> Table:
    rows = settings.rows or table.height
    cells = Cells(table.frame, table.source)
    sample = draw_cells(cells, rows, by=settings.target, seed=settings.seed)
    reading = msgspec.structs.replace(
        table.reading, left_out=(*table.reading.left_out, *_not_drawn(sample, settings, None))
    )
    return Table(sample.cells.frame, table.schema, reading, table.source, table.notes)


def _meaning(sample: Sample, settings: Settings, fitting: RowsThatFit | None) -> Table:
    table = meaning_for(sample.cells, settings.target, settings.reading, settings.task)
    left_out = (*table.reading.left_out, *_not_drawn(sample, settings, fitting))
    reading = msgspec.structs.replace(table.reading, left_out=left_out)
    return Table(table.frame, table.schema, reading, table.source, table.notes)


def _not_drawn(sample: Sample, settings: Settings, fitting: RowsThatFit | None) -> list[LeftOut]:
    """Name the rows that were not drawn, and why."""
    rows = sample.cells.frame.height
    beyond = sample.rows - rows
    if beyond <= 0:
        return []
    if fitting is not None:
        return [LeftOut("rows-beyond-memory", count=beyond, values=fitting.values(sample.rows))]
    values = {"drawn": rows, "all": sample.rows, "seed": settings.seed}
    return [LeftOut("rows-not-drawn", count=beyond, values=values)]


def fingerprint(source: Any, table: Table) -> str:
    """Return the SHA-256 of the file or files, or of the frame's columns."""
    files = [path for path in files_of(source) if path.is_file()]
    if len(files) == 1:
        return hash_file(files[0])
    sink = _Digest()
    for path in files:
        sink.write(hash_file(path).encode("ascii"))
    if not files:
        # As an Arrow file of one chunk with plain buffers: equal columns then have equal bytes.
        frame = table.frame.rechunk()
        frame.write_ipc(sink, compat_level=pl.CompatLevel.oldest())  # type: ignore[call-overload]
    return sink.sum.hexdigest()


class _Digest(io.RawIOBase):
    """A file that keeps nothing of what is written but its SHA-256."""

    def __init__(self) -> None:
        self.sum = hashlib.sha256()

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Take some bytes into the sum."""
        self.sum.update(data)
        return len(data)
