"""The memory of a fit: what it may take, what its tables will take, and what it took."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from mulle.doctor.memory import memory_sizes, resident_bytes
from mulle.errors import DataError, UsageError
from mulle.table import Cells, Kind, LeftOut, Storage, Table, Target
from mulle.table import split as split_rows
from mulle.table.stream.sample import is_parquet
from mulle.verbs.fit.split import Split

_SHARE = 0.8  # of the memory that is free when a fit begins; the rest is for other programs
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?B?)\s*", re.ASCII)

# Bytes at the peak, measured by `benchmarks/fit_memory.py`: a column stands in the table, in the
# matrix of its block, in that of the features and in that of the learner.
_LATER = 150_000_000  # of libraries that are loaded only after a table was read
PROGRAM_BYTES = 350_000_000  # of the libraries, whatever the table
_NUMBER = 60  # of one row in a column of numbers or dates
_LEVEL = 22  # of one row in a column of 0 and 1, into which a category is spread
_MAX_LEVELS = 60  # above these a category is one number
_LETTER = 80  # of one letter of a text, with all n-grams that begin there
_TEXT_FILES = {  # times the bytes of a file that reading it takes
    **dict.fromkeys((".csv", ".tsv", ".txt"), 5),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), 7),
}
_PARQUET_CELL = 24  # of a cell while a Parquet file is read
_CHUNK = 60_000_000  # of the part of a file that is looked at while rows are drawn
_DRAWN = 3  # times the bytes of a row's cells: twice as many are drawn as stay, and copied
_MIN_ROWS = 1_000  # of a sample that is worth learning from
_SAMPLED_ROWS = 200_000  # on which plans are compared where all rows are boosted from the disk
_SAMPLED_SHARE = 0.35  # of the memory for such a sample at most
_BOOSTED = 48  # of a row in LightGBM beside a byte for each feature: gradients, scores, places
_BOOSTED_FIXED = 100_000_000  # of the rows that LightGBM finds its bins in, and its histograms
_BOOSTED_PART = 24  # of a cell of the part of the rows that is on its way to the disk
_PART_CELLS = 4 << 20  # of that part


def bytes_of(size: str | float) -> int:
    """Return a size of memory in bytes.

    Raises:
        UsageError: it is none.

    >>> bytes_of("2GB"), bytes_of("512 mb"), bytes_of(1e9)
    (2000000000, 512000000, 1000000000)
    """
    match = _WRITTEN.fullmatch(str(size).upper())
    found = float(size) if isinstance(size, int | float) else 0.0
    if match is not None and not found:
        unit = match[2] if match[2].endswith("B") or not match[2] else f"{match[2]}B"
        found = float(match[1]) * _UNITS[unit]
    if not 0 < found < math.inf:
        raise UsageError("memory-size", received=str(size))
    return int(found)


@dataclass(frozen=True)
class Memory:
    """The bytes that the process may hold while it fits; None where nobody knows."""

    limit: int | None = None

    @classmethod
    def of(cls, given: str | float | None) -> Memory:
        """Return the memory that a person allows, else most of what is free now."""
        if given is not None:
            return cls(bytes_of(given))
        available = memory_sizes()[1]
        if available is None:
            return cls()
        return cls(resident_bytes() + max(0, int(_SHARE * (available - _LATER))))

    def left(self) -> float:
        """Return the bytes that the process may still take; infinite without a limit."""
        return math.inf if self.limit is None else self.limit - resident_bytes()

    def rows_that_fit(
        self, files: Sequence[Path], head: Callable[[], tuple[Cells, Table]]
    ) -> RowsThatFit | None:
        """Return how many rows of files there is memory to read; None where all of them fit.

        Args:
            files: of one table.
            head: the first rows of the first of them, as they are written and as they are read;
                asked for where the files are large.

        Raises:
            DataError: there is not memory for a sample that is worth learning from.
        """
        if self.limit is None or PROGRAM_BYTES + sum(map(_bytes_to_read, files)) <= self.limit:
            return None
        cells, table = head()
        if not table.height:
            return None  # refused in words where it is read
        drawn = _DRAWN * cells.frame.estimated_size() / cells.frame.height
        learned = table.frame.estimated_size() / table.height + bytes_of_row(table)
        a_row, fixed = max(drawn, learned), PROGRAM_BYTES + _CHUNK
        rows = int((self.limit - fixed) / a_row)
        needed = int(fixed + _rows_of(files, cells) * a_row)
        if rows < _MIN_ROWS:
            where = str(files[0])
            raise DataError("memory-small", where=where, needed=needed, limit=self.limit)
        return RowsThatFit(rows, a_row, self.limit, table.frame.width)

    def rows_to_boost(self, features: int, held: float) -> float:
        """Return of how many rows LightGBM's bins fit, beside so many bytes of other things.

        It depends on the limit alone, so that a run can be repeated.
        """
        if self.limit is None:
            return math.inf
        fixed = PROGRAM_BYTES + held + _BOOSTED_FIXED + _BOOSTED_PART * _PART_CELLS
        return max(0.0, (self.limit - fixed) / (_BOOSTED + features))

    def sample(self, train: Split, target: Target, seed: int) -> tuple[Split, list[LeftOut]]:
        """Return the training rows for whose features there is memory, drawn at random.

        How many that are depends on the table and the limit alone, so that a run can be resumed.

        Raises:
            DataError: there is not memory for a sample that is worth learning from.
        """
        rows = len(train.y)
        if self.limit is None or not rows:
            return train, []
        fixed = PROGRAM_BYTES + int(train.table.frame.estimated_size())
        needed = fixed + rows * bytes_of_row(train.table)
        kept = int(rows * (self.limit - fixed) / max(1.0, needed - fixed))
        if kept >= rows:
            return train, []
        if kept < min(rows, _MIN_ROWS):
            where = train.table.source
            raise DataError("memory-small", where=where, needed=int(needed), limit=self.limit)
        strata = train.strata(target)
        at, _ = split_rows(rows, test_size=1 - kept / rows, stratify=strata, random_state=seed)
        values = {"needed": int(needed), "limit": self.limit, "option": _rounded(needed)}
        return train.take(at), [LeftOut("rows-beyond-memory", count=rows - len(at), values=values)]


class RowsThatFit(NamedTuple):
    """How many rows there is memory for, what each takes, how much may be held, and columns."""

    rows: int
    a_row: float
    limit: int
    columns: int = 0

    @property
    def to_compare(self) -> int:
        """Rows on which plans are compared where all rows are boosted from the disk."""
        return max(_MIN_ROWS, min(_SAMPLED_ROWS, int(_SAMPLED_SHARE * self.rows)))

    def values(self, rows: int) -> dict[str, Any]:
        """Return what a table of so many rows needs, what is allowed, and the option for all."""
        needed = int(PROGRAM_BYTES + _CHUNK + rows * self.a_row)
        return {"needed": needed, "limit": self.limit, "option": _rounded(needed)}


def _bytes_to_read(path: Path) -> float:
    """Return about how much memory reading a whole file takes; 0 where it is not known."""
    if not path.is_file():
        return 0.0
    if path.suffix.lower() in _TEXT_FILES:
        return _TEXT_FILES[path.suffix.lower()] * path.stat().st_size
    try:
        if not is_parquet(path):
            return 0.0
        return _PARQUET_CELL * _parquet_rows([path]) * len(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError):
        return 0.0  # refused in words where it is read


def _rows_of(files: Sequence[Path], cells: Cells) -> float:
    """Return about how many rows files have, by what the first rows take."""
    if is_parquet(files[0]):
        return _parquet_rows(files)
    texts = [column.str.len_bytes().fill_null(0) for column in cells.frame.iter_columns()]
    written = sum(int(column.sum()) for column in texts) / cells.frame.height
    return sum(path.stat().st_size for path in files) / (written + cells.frame.width)


def _parquet_rows(files: Sequence[Path]) -> int:
    return int(pl.scan_parquet([*files], glob=False).select(pl.len()).collect().item())


def bytes_of_row(table: Table) -> float:
    """Return about how many bytes one row takes while the dearest plan learns from it."""
    total = 0.0
    for column in table.schema.columns:
        values = table.column(column.name)
        if column.storage is not Storage.string:
            total += _NUMBER
        elif column.kind is Kind.text:
            total += _LETTER * float(values.str.len_chars().mean() or 0.0)  # type: ignore[arg-type]
        else:
            levels = int(values.cast(pl.Categorical).n_unique())
            total += _NUMBER + (_LEVEL * levels if levels <= _MAX_LEVELS else 0)
    return total


def _rounded(size: float) -> str:
    """Return a size as a person types it, rounded up.

    >>> _rounded(12_300_000_000), _rounded(1_200_000)
    ('13GB', '2MB')
    """
    unit, of = ("GB", 1e9) if size >= 1e9 else ("MB", 1e6)
    return f"{math.ceil(size / of)}{unit}"
