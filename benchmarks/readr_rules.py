"""The rules by which readr 2 guesses the types of columns, restated for `read_correctness.py`.

In this order: logical, double, number (grouping mark ","), time, date, datetime, else character;
"" and "NA" are missing; blanks around cells are cut off; a number may not begin with a zero that a
digit follows. Rows of unequal length make readr warn, so they count as refused here.

source  readr 2.1, src/CollectorGuess.cpp and the documentation of `read_delim` and `guess_parser`
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

MISSING = ("", "NA")
TRUTH = {"T": True, "TRUE": True, "true": True, "True": True,
         "F": False, "FALSE": False, "false": False, "False": False}  # fmt: skip
DOUBLE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(Inf|inf|NaN|nan)")
NUMBER = re.compile(r"-?[\d,]*\d[\d,]*\.?\d*")
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s?([AaPp][Mm]))?")
DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")


def read(text: str, delimiter: str) -> dict[str, Sequence[Any]]:
    """Read a text as readr would, its delimiter given.

    Raises:
        ValueError: rows of unequal length.
    """
    if len(delimiter) > 1:
        raise ValueError("one character")
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    try:
        parsed = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ")
        rows = [[cell.strip() for cell in row] for row in parsed if any(map(str.strip, row))]
    except csv.Error as error:
        raise ValueError("not a csv") from error
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("rows of unequal length")
    names: list[str] = []
    for i, name in enumerate(rows[0], 1):
        names.append(f"{name}...{i}" if not name or rows[0].count(name) > 1 else name)
    return {name: guessed([row[i] for row in rows[1:]]) for i, name in enumerate(names)}


def guessed(cells: Sequence[str]) -> list[Any]:
    """The values of a column, in the first type that reads all of its cells."""
    for parse in PARSERS:
        values = [None if cell in MISSING else parse(cell) for cell in cells]
        if all(v is not None or c in MISSING for v, c in zip(values, cells, strict=True)):
            return values
    return [None if cell in MISSING else cell for cell in cells]


def _double(cell: str) -> float | None:
    return float(cell) if DOUBLE.fullmatch(cell) and not _zero(cell) else None


def _number(cell: str) -> float | None:
    return float(cell.replace(",", "")) if NUMBER.fullmatch(cell) and not _zero(cell) else None


def _zero(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == "0" and cell[1] not in ".eE"


def _time(cell: str) -> time | None:
    if not (found := TIME.fullmatch(cell)):
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = (found[4] or "").lower()
    hour = hour % 12 + 12 * (half == "pm") if half else hour
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _date(cell: str) -> date | None:
    if not (found := DAY.fullmatch(cell)):
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _datetime(cell: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d{2}-?\d{2}[T ]", cell):
        return None
    try:
        return datetime.fromisoformat(cell).replace(tzinfo=None)
    except ValueError:
        return None


PARSERS: tuple[Callable[[str], Any], ...] = (TRUTH.get, _double, _number, _time, _date, _datetime)
