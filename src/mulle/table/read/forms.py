"""The form of a cell: blank, a number, a number with a unit, digits with marks, or a word.

Forms tell a header from the rows below it. They are coarse on purpose: what a cell means is decided
later, from the whole column.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from mulle.table.types.text import MISSING, NONE_WORDS, WHITESPACE

BLANK, NUMBER, DIGITS, WORD = "", "number", "digits", "word"
_MISSING = MISSING | NONE_WORDS
_NUMBER = re.compile(
    r"[(\[]?[-+−–△▲▽▼]?\s?(?:[$€£¥₩￦₹]|[A-Z]{3}\s)?\s?[-+]?(?:\d[\d,.'’\s]*|[.,]\d+)"
    r"(?:[eE][-+]?\d+)?\s?[%％‰]?(?:[)\]]|-)?"
)
_DIGITS = re.compile(r"[#+]?\d+(?:\s?[-/.:_T]\s?\d+)+\.?(?:\s?Z|[-+]\d\d:?\d\d)?(?:\s?[AaPp][Mm])?")
_UNIT = re.compile(r"[<>≤≥~-]?\s?\d[\d,.]*\s?([^\d\s,;()]{1,6}(?:/[^\d\s]{1,6})?)")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-./]?\d{1,2})?\s?(?:년|년도|\(p\)|p)?")
_LEADING = re.compile(r"-?\d+(?:\.\d+)?")
_MOST_SPREAD = 0.2  # of words in a column of numbers


class Forms(NamedTuple):
    """The forms of a column below the header.

    Attributes:
        usual: forms of at least a tenth of its cells.
        typed: whether its cells are numbers or dates, not words.
        seen: its cells.
    """

    usual: frozenset[str]
    typed: bool
    seen: frozenset[str]

    def fits(self, cell: str) -> bool:
        """Tell whether a cell could stand in the column."""
        form = form_of(cell)
        return cell in self.seen or (form in self.usual and not (self.typed and form == WORD))


@functools.lru_cache(1 << 16)
def form_of(cell: str) -> str:
    """Return the form of a cell; numbers with a unit have a form for each unit.

    >>> [form_of(c) for c in ("", "1,200", "2024-01-05", "84㎡", "서울", "NA")]
    ['', 'number', 'digits', '㎡', 'word', '']
    """
    cell = cell.strip(WHITESPACE)
    if cell in _MISSING:
        return BLANK
    if _NUMBER.fullmatch(cell):
        return NUMBER
    if _DIGITS.fullmatch(cell):
        return DIGITS
    unit = _UNIT.fullmatch(cell)
    return unit[1] if unit else WORD


def forms_of(cells: Sequence[str]) -> Forms:
    """Return the forms of the cells of a column.

    >>> forms_of(["1", "2", "NA", "x"] + ["3"] * 9).typed
    True
    """
    counted = Counter(form for form in map(form_of, cells) if form)
    total = sum(counted.values())
    usual = frozenset(form for form, count in counted.items() if count * 10 >= total)
    typed = total > 0 and counted[WORD] <= _MOST_SPREAD * total
    return Forms(usual, typed, frozenset(cells))


def is_blank(cell: str) -> bool:
    """Tell whether a cell holds nothing but white space."""
    return not cell.strip(WHITESPACE)


def are_blank(column: pl.Series) -> pl.Series:
    """Tell which cells of a column hold nothing but white space, or nothing at all."""
    if column.dtype != pl.String:
        return column.is_null()
    text = column.alias("x").to_frame()
    blank = pl.col("x").is_null() | (pl.col("x").str.strip_chars(WHITESPACE) == "")
    return text.select(blank.alias("x")).to_series()


def is_run(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether numbers are names: years, or numbers that count on, where no row below does so.

    >>> is_run(["2022", "2023"], [["1", "5"]]), is_run(["4.9", "3.0", "1"], [["1", "2", "3"]])
    (True, False)
    """
    if not _counts(cells):
        return False
    alike = sum(_counts(other, anywhere=True) for other in below)
    return alike * 2 < max(1, len(below))


def are_years(cells: Sequence[str]) -> bool:
    """Tell whether cells are years, or months of years.

    >>> are_years(["2022", "2023년"]), are_years(["1", "2"])
    (True, False)
    """
    return bool(cells) and all(_YEAR.fullmatch(cell.strip(WHITESPACE)) for cell in cells)


def _counts(cells: Sequence[str], *, anywhere: bool = False) -> bool:
    if are_years(cells):
        return True
    found = [_LEADING.match(cell.strip(WHITESPACE)) for cell in cells]
    numbers = [float(one[0]) for one in found if one]
    if len(numbers) < max(len(cells), 3):
        return False
    steps = {round(b - a, 9) for a, b in itertools.pairwise(numbers)}
    if len(steps) == 1 and 0 not in steps:
        if any("." in one[0] for one in found if one) and len(numbers) < 5:
            return False
        return len(numbers) > 3 or (steps == {1.0} and (anywhere or numbers[0] in {0, 1}))
    return len(numbers) > 5 and min(steps) > 0
