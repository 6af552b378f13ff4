"""Whether a frame that a reader made is the table that was written, cell by cell.

    right    the cell means what it meant; a number, day or truth that is still text as any cast
             reads it (`float`, ISO) counts as right
    text     it stands there as it was written, and should have been a number, a day or a time
    told     it differs, and the reading names the column or the rows
    wrong    it differs, and nothing was told

Names are compared in NFKC, in lower case and without blanks and punctuation, because readers join
the rows of a header in different ways; but none of the words may lack, come twice or change places.
Rows are aligned so that the most cells are right: a row too many is wrong in all of its cells.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import polars as pl
from tests.table.layouts.cells import Published

from mulle.table import Table
from mulle.table.reading import Reading

RIGHT, TEXT, TOLD, WRONG = "right", "text", "told", "wrong"
Tally = Counter[str]
Got = Mapping[str, Sequence[Any]]


def plain_name(name: str) -> str:
    """A name without what readers may vary when they join the rows of a header."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())


def cell(got: Any, want: Any) -> str:
    """What became of one cell: right, text or wrong.

    >>> cell(1234.0, 1234), cell("1234", 1234), cell("1,234", 1234), cell(1.234, 1234)
    ('right', 'right', 'text', 'wrong')
    """
    if isinstance(got, float) and math.isnan(got):
        got = None
    if want is None or want == "":
        return RIGHT if got is None or got == "" else TEXT if isinstance(got, str) else WRONG
    if got is None or got == "":
        return WRONG
    return _cell_of(want)(got, want)


def _cell_of(want: Any) -> Callable[[Any, Any], str]:
    if isinstance(want, bool):
        return _truth
    if isinstance(want, int | float):
        return _number
    if isinstance(want, time):
        return _time
    return _day if isinstance(want, date) else _words


def _truth(got: Any, want: bool) -> str:
    if isinstance(got, str):
        return RIGHT  # words for true and false may stay as they are
    return RIGHT if got == want else WRONG


def _number(got: Any, want: float) -> str:
    if isinstance(got, date):  # a year may be a number or its first day
        first = (got.month, got.day) == (1, 1)
        return RIGHT if first and got.year == want else WRONG
    if isinstance(got, str):
        try:
            got = float(got)
        except ValueError:
            return TEXT
    if not isinstance(got, int | float):
        return WRONG
    return RIGHT if math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12) else WRONG


def _words(got: Any, want: str) -> str:
    if isinstance(got, bool):
        return RIGHT if want.casefold() == str(got).casefold() else WRONG
    if isinstance(got, float) and got.is_integer():
        got = int(got)
    if isinstance(got, datetime):
        got = got.date().isoformat() if got.time() == time() else got.isoformat(" ")
    return RIGHT if _tidy(str(got)) == _tidy(want) else WRONG


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _day(got: Any, want: date) -> str:
    moment = want if isinstance(want, datetime) else datetime(want.year, want.month, want.day)
    if isinstance(got, str):
        try:
            got = datetime.fromisoformat(got)
        except ValueError:
            return TEXT
    if isinstance(got, int | float) and not isinstance(got, bool):
        digits = f"{got:.0f}"
        kept = float(got).is_integer() and digits in {f"{moment:%Y%m%d}", f"{moment:%Y%m}"}
        return TEXT if kept else WRONG
    if not isinstance(got, date):
        return WRONG
    if not isinstance(got, datetime):
        got = datetime(got.year, got.month, got.day)
    return RIGHT if got.replace(tzinfo=None) == moment else WRONG


def _time(got: Any, want: time) -> str:
    hours = want.hour + want.minute / 60 + want.second / 3600
    if isinstance(got, str):
        try:
            got = time.fromisoformat(got)
        except ValueError:
            return TEXT
    if isinstance(got, time):
        return RIGHT if got == want else WRONG
    right = isinstance(got, int | float) and math.isclose(got, hours, rel_tol=1e-9)
    return RIGHT if right else WRONG


def compared(
    got: Got, want: pl.DataFrame, reading: Reading | None = None, *, named: bool = True
) -> Tally:
    """Count what became of the cells of a table.

    Args:
        got: the columns that a reader made.
        want: the table that was written.
        reading: what the reader tells of it; None for readers that tell nothing.
        named: whether the names belong to the table; without, columns are taken in order.

    Returns:
        cells right, text, told and wrong; and as "unread" those that are text, told or not.
    """
    told = Told(reading)
    places, found = _columns(got, want, named=named)
    states = [_states(got[c], want[w]) for c, w in found]
    height = max(map(len, got.values()), default=0)
    pairs, gone, more = _aligned(states, height, want.height)
    tally: Tally = Counter()
    for (ours, _), grid in zip(found, states, strict=True):
        for g, w in pairs:
            state = grid[g][w]
            tally["unread"] += state == TEXT
            is_told = state != RIGHT and told.of(ours, lacks=got[ours][g] is None)
            tally[TOLD if is_told else state] += 1
    width = len(found)
    tally[TOLD if told.out >= len(gone) else WRONG] += len(gone) * width
    tally[TOLD if told.rows else WRONG] += len(more) * width
    lost = [name for name in want.columns if name not in {w for _, w in found}]
    tally[WRONG] += len(lost) * want.height
    for name in places:
        filled = sum(value not in (None, "") and value == value for value in got[name])
        tally[TOLD if told.of(name) else WRONG] += filled
    return +tally


def columns_of(table: Table) -> Got:
    """The columns of a table that were in the file, without those derived from them."""
    derived = {column.name for column in table.schema.columns if column.source}
    return table.frame.drop(derived).to_dict(as_series=False)


class Told:
    """What a reading names: columns in doubt, columns that lost cells, and rows."""

    def __init__(self, reading: Reading | None) -> None:
        doubts = reading.doubts if reading else ()
        out = reading.left_out if reading else ()
        self.doubtful = {doubt.column for doubt in doubts if doubt.column}
        self.lacking = {note.column for note in out if note.column}
        self.rows = any(not doubt.column for doubt in doubts)
        self.out = sum(note.count for note in out if not note.column)

    def of(self, column: str, *, lacks: bool = False) -> bool:
        """Whether a cell of a column is named: in doubt, or left out where it lacks."""
        return column in self.doubtful or (lacks and column in self.lacking)


def _columns(
    got: Got, want: pl.DataFrame, *, named: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """Pair the columns; the first value is those of the reader that belong to none."""
    if not named:
        found = list(zip(got, want.columns, strict=False))
    else:
        by_name = {plain_name(name): name for name in reversed([*got])}
        found = [
            (by_name[plain_name(name)], name)
            for name in want.columns
            if plain_name(name) in by_name
        ]
    taken = {name for name, _ in found}
    return [name for name in got if name not in taken], found


def _states(got: Sequence[Any], want: pl.Series) -> list[list[str]]:
    expected = want.to_list()
    return [[cell(g, w) for w in expected] for g in got]


def _aligned(
    states: Sequence[list[list[str]]], got: int, want: int
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair the rows in order so that the most cells are right: pairs, rows lost, rows too many."""
    if got == want:
        return [(i, i) for i in range(want)], [], []
    worth = {RIGHT: 1.0, TEXT: 0.5, WRONG: 0.0}
    best = [[0.0] * (want + 1) for _ in range(got + 1)]
    for g in range(1, got + 1):
        for w in range(1, want + 1):
            both = sum(worth[grid[g - 1][w - 1]] for grid in states) or -1.0
            best[g][w] = max(best[g - 1][w], best[g][w - 1], best[g - 1][w - 1] + both)
    pairs, g, w = [], got, want
    while g and w:
        if best[g][w] == best[g - 1][w]:
            g -= 1
        elif best[g][w] == best[g][w - 1]:
            w -= 1
        else:
            g, w = g - 1, w - 1
            pairs.append((g, w))
    lost = sorted({*range(want)} - {w for _, w in pairs})
    return pairs[::-1], lost, sorted({*range(got)} - {g for g, _ in pairs})


def of_published(got: Got, reading: Reading | None, published: Published) -> Tally:
    """Count what became of the cells of a published table, in its unit or in ones.

    A title that says "단위: 천원" for the whole table may be applied to all of its numbers, or be
    named among what was changed or left out.
    """
    as_written = compared(got, published.clean, reading)
    if published.unit == 1:
        return as_written
    kinds = published.clean.schema.items()
    numbers = [pl.col(name) for name, dtype in kinds if dtype.is_numeric()]
    clean = published.clean.with_columns(number * published.unit for number in numbers)
    scaled = compared(got, clean, reading)
    if scaled[RIGHT] >= as_written[RIGHT]:
        return scaled
    notes = (*reading.repairs, *reading.left_out, *reading.doubts) if reading else ()
    told = any("단위" in str(note.values) for note in notes)
    moved = min(as_written[RIGHT], published.clean.select(numbers).count().sum_horizontal().item())
    return as_written - Counter({RIGHT: moved}) + Counter({TOLD if told else WRONG: moved})
