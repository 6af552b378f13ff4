"""Which small parts of a log are put together: so many of like size, and at last those of a day.

Sixteen parts of one level become one of the next (a level is a power of sixteen in rows), so a row
is written about four times at most, and a day that runs has a few dozen parts. When the day is
over, what is left of it becomes one part, or several of up to `MAX_ROWS`. Parts of two days are
not put together, so that removing what is old stays cheap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mulle.times import DAY
from mulle.verbs.watch.log.parts import Part

MAX_ROWS = 100_000  # rows of a part, which is read as a whole
MAX_BYTES = 16 << 20  # bytes of a part, which take about ten times that when read
FAN = 16


def groups_to_merge(parts: Sequence[Part], now: int) -> Iterator[list[Part]]:
    """Yield groups of parts, each to be made one.

    Args:
        parts: all parts, the oldest first.
        now: time in microseconds since 1970.
    """
    sizes = {part: part.bytes for part in parts if part.rows < MAX_ROWS // 2}
    small = [part for part in sizes if sizes[part] < MAX_BYTES // 2]
    for day, those in itertools.groupby(small, lambda part: part.first // DAY):
        of_day = list(those)
        if day < now // DAY:
            yield from (group for group in _runs(of_day, sizes) if len(group) > 1)
            continue
        for _, level in itertools.groupby(sorted(of_day, key=_level), _level):
            for group in _batches(list(level)):
                yield from (run for run in _runs(group, sizes) if len(run) > 1)


def _batches(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    for begin in range(0, len(parts) - FAN + 1, FAN):
        yield parts[begin : begin + FAN]


def _level(part: Part) -> int:
    """Return the number of times that sixteen goes into the rows of a part.

    >>> from pathlib import Path
    >>> [_level(Part(0, 0, '', rows, Path())) for rows in (1, 15, 16, 1_000)]
    [0, 0, 1, 2]
    """
    return (part.rows.bit_length() - 1) // (FAN.bit_length() - 1)


def _runs(parts: Sequence[Part], sizes: dict[Part, int]) -> Iterator[list[Part]]:
    """Cut parts into runs that are not too large to be one part."""
    run: list[Part] = []
    rows = bytes_ = 0
    for part in parts:
        if run and (rows + part.rows > MAX_ROWS or bytes_ + sizes[part] > MAX_BYTES):
            yield run
            run, rows, bytes_ = [], 0, 0
        run.append(part)
        rows, bytes_ = rows + part.rows, bytes_ + sizes[part]
    yield run
