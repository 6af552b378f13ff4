"""A table of which only a sample is in memory, and whether its files stay as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mulle.arrays import Array
from mulle.errors import DataError
from mulle.table import ReadOptions

Marks = Mapping[Path, tuple[int, int]]  # bytes of each file, and when it was last written


@dataclass(frozen=True)
class LargeTable:
    """A table that is too large for the memory.

    Attributes:
        files: of the table, in order.
        marks: of the files when the sample was drawn.
        options: by which they are read.
        rows: of all files.
        at: positions of the rows of the sample among them.
        held: bytes that the sample and what is made of it take.
        seconds: that reading all rows took.
    """

    files: Sequence[Path]
    marks: Marks
    options: ReadOptions
    rows: int
    at: Array
    held: float
    seconds: float


@contextmanager
def watched(files: Sequence[Path], before: Marks | None = None) -> Iterator[Marks]:
    """Yield the marks of files that are read in the block.

    Args:
        files: that are read.
        before: the marks that they had when they were first read, and should have still.

    Raises:
        DataError: one of them was written to meanwhile.
    """
    marks = {path: _mark(path) for path in files}
    _check(marks if before is None else before, marks)
    yield marks
    _check(marks, {path: _mark(path) for path in files})


def _check(before: Marks, after: Marks) -> None:
    for path, mark in after.items():
        if before.get(path) != mark:
            raise DataError("file-changing", where=str(path))


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0  # refused in words where it is read
    return found.st_size, found.st_mtime_ns
