"""Rows of totals: labelled as such, with numbers that are sums or means of the rows around them.

A label alone is not enough, since a city or a class may have such a name: the numbers decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from mulle.table.read.forms import WORD, forms_of
from mulle.table.types.text import WHITESPACE

MAX_LABELS = 5  # columns that may hold the label
_SHARE = 0.5  # of all rows that may be totals
_MANY = 0.05  # of all rows: a category, where not one of them is proved
_ENOUGH = 50  # columns of numbers that are looked at
_SAMPLE = 200
_FEWEST, _MOST = 4, 10_000  # rows among which sums without a label are looked for
_PROOF = 8.0  # logarithm of how much likelier totals must be; there are some 30 sums to choose from
_SUM = (
    r"합\s*계|소\s*계|총\s*계|누\s*계|총\s*합\s*계?|전\s*체\s*합\s*계|중\s*계|계|전\s*[국체]|"
    r"(?:grand\s*|sub\s*-?\s*)?totals?|sum|gesamt(?:summe|ergebnis)?|summe|zwischensumme|insgesamt|"
    r"(?:sous-)?total(?:e)?(?:\s+g[eé]n[eé]ral)?|somme|suma|totale?s?|итого|всего|合计|小计|总计|合計|小計|総計|計"
)
_MEAN = (
    r"(?:산\s*술\s*)?평\s*균|means?|averages?|avg\.?|mittelwert|durchschnitt|moyenne|media|"
    r"promedio|平均"
)
_OPEN, _CLOSE = r"^[\s\[(<]*", r"[\s\])>]*[:：]?\s*$"
SUM_LABEL = rf"(?i){_OPEN}(?:{_SUM}|all){_CLOSE}"
_BEFORE = r"(?:.*[\s(\[-])?"  # "서울 소계", but no word in which the label is an ending: "C_all"
_LABEL = rf"(?i){_OPEN}(?:{_BEFORE}(?:{_SUM}|{_MEAN})|all){_CLOSE}"
_MEAN_LABEL = rf"(?i){_OPEN}{_BEFORE}(?:{_MEAN}){_CLOSE}"
_NO_MARKS = r"[,\s'’₩￦$€£¥%원명건개]"
_COMMA = r"[0-9]\.[0-9]{3},[0-9]|^[^,]*[0-9],(?:[0-9]{1,2}|[0-9]{4,})\D*$"


class Totals(NamedTuple):
    """Rows that are labelled as totals.

    Attributes:
        proved: positions of those whose numbers are sums or means.
        doubtful: positions of those whose numbers are not.
        label: how one of them is labelled.
    """

    proved: list[int]
    doubtful: list[int]
    label: str


def find_totals(frame: pl.DataFrame) -> Totals | None:
    """Find rows of totals in the text cells of a table without blank rows; None where none is.

    >>> frame = pl.DataFrame({"구": ["합계", "중구", "동구"], "인구": ["1,300", "800", "500"]})
    >>> find_totals(frame).proved
    [0]
    """
    labels = label_columns(frame)
    at, labelled = _labelled(frame, labels)
    if not at or len(at) > _SHARE * frame.height:
        return None
    numbers = _numbers(frame, at, labels)
    sums = _Sums.of(numbers, at)
    exact = frame.select(pl.any_horizontal(
        pl.nth(i).str.contains(SUM_LABEL).fill_null(value=False) for i in labels
    ).alias("x")).to_series().gather(at).to_list()  # fmt: skip
    means = frame.select(pl.any_horizontal(
        pl.nth(i).str.contains(_MEAN_LABEL).fill_null(value=False) for i in labels
    ).alias("x")).to_series().gather(at).to_list()  # fmt: skip
    proved = [p for k, p in enumerate(at) if sums.proves(k, mean=means[k])]
    known = {*proved}
    doubtful = [p for p, plain in zip(at, exact, strict=True) if plain and p not in known]
    if not proved and len(doubtful) > max(3, _MANY * frame.height):
        return None
    first = (proved or doubtful or at)[0]
    return Totals(proved, doubtful, labelled[first]) if proved or doubtful else None


def find_sums(frame: pl.DataFrame) -> int | None:
    """Return the first or last row if it holds the sums of all others, whatever it is called.

    >>> find_sums(pl.DataFrame({"a": ["all of it", *"xyz"], "b": ["6", "1", "2", "3"],
    ...                         "c": ["15", "4", "5", "6"]}))
    0
    """
    if not _FEWEST <= frame.height <= _MOST:
        return None
    columns = _columns(frame, label_columns(frame))
    for at in (0, frame.height - 1):
        numbers = _read(columns, [at])
        rest, value = np.delete(numbers, at, axis=0), numbers[at]
        if numbers.shape[1] < 2 or not np.isfinite(value).all():
            continue
        sums = np.nansum(rest, axis=0)
        same = np.abs(value - sums) <= 1e-9 * np.abs(sums)
        beyond = value > np.nanmax(rest, axis=0)
        if (same & beyond).all():
            return at
    return None


def label_columns(frame: pl.DataFrame) -> list[int]:
    """Return the positions of the first columns of words, which a label may stand in."""
    found: list[int] = []
    for i, column in enumerate(frame.iter_columns()):
        if i > 2 * MAX_LABELS or len(found) == MAX_LABELS:
            break
        if column.dtype != pl.String:
            continue
        step = max(1, frame.height // _SAMPLE)
        cells = [cell or "" for cell in column.gather_every(step).to_list()[:_SAMPLE]]
        forms = forms_of(cells)
        if not forms.typed or WORD in forms.usual or i == 0:
            found.append(i)
    return found


def has_labels(frame: pl.DataFrame) -> bool:
    """Tell whether any row is labelled as a total."""
    return bool(frame.width > 1 and _labelled(frame, label_columns(frame))[0])


def _labelled(frame: pl.DataFrame, labels: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    found: dict[int, str] = {}
    for i in labels:
        column = frame.to_series(i).alias("x")
        short = pl.col("x").str.len_bytes() < 60
        rows = column.to_frame().with_row_index("at").filter(short)
        for at, cell in rows.filter(pl.col("x").str.contains(_LABEL)).rows():
            found.setdefault(at, cell.strip(WHITESPACE))
    return sorted(found), found


def _numbers(frame: pl.DataFrame, at: Sequence[int], labels: Sequence[int]) -> np.ndarray[Any, Any]:
    """Return the columns [n, m] that are numbers but for some rows, and no labels."""
    return _read(_columns(frame, labels), at)


def _columns(frame: pl.DataFrame, labels: Sequence[int]) -> np.ndarray[Any, Any]:
    """Return the columns [n, m] that look like numbers, where they are not in the way of labels."""
    columns: list[np.ndarray[Any, Any]] = []
    step = max(1, frame.height // _SAMPLE)
    for i, column in enumerate(frame.iter_columns()):
        if len(columns) == _ENOUGH:
            break
        some = [cell or "" for cell in column.gather_every(step).to_list()[:_SAMPLE]]
        forms = forms_of(some)
        if forms.typed and not (i in labels and WORD in forms.usual):
            if column.str.contains(_COMMA).any():
                column = column.str.replace_all(".", "", literal=True).str.replace(",", ".")
            plain = column.str.replace_all(_NO_MARKS, "").str.replace(r"^\((.+)\)$", "-$1")
            columns.append(plain.cast(pl.Float64, strict=False).to_numpy())
    if not columns:
        return np.zeros((frame.height, 0))
    return np.column_stack(columns)


def _read(numbers: np.ndarray[Any, Any], at: Sequence[int]) -> np.ndarray[Any, Any]:
    """Return the columns of which most cells are numbers, but for some rows."""
    data = np.delete(numbers, at, axis=0)
    read = np.isfinite(data).mean(axis=0) if len(data) else np.zeros(numbers.shape[1])
    return np.where(np.isfinite(numbers), numbers, np.nan)[:, read > 0.5]


class _Sums(NamedTuple):
    """Sums of the rows that are no totals, between the rows that may be."""

    values: np.ndarray[Any, Any]  # [k, m] of the rows that may be totals
    before: np.ndarray[Any, Any]  # [k + 2, m] sums of the data rows above: of none, each, all
    rows: np.ndarray[Any, Any]  # [k + 2] how many they are
    digits: np.ndarray[Any, Any]  # [m] half a unit of the last place
    low: np.ndarray[Any, Any]  # [m] of the data rows
    high: np.ndarray[Any, Any]  # [m]

    @classmethod
    def of(cls, numbers: np.ndarray[Any, Any], at: Sequence[int]) -> _Sums:
        is_data = np.ones(len(numbers), dtype=bool)
        is_data[list(at)] = False
        zero = np.where(np.isfinite(numbers) & is_data[:, None], numbers, 0.0)
        sums = np.vstack([np.zeros(numbers.shape[1]), np.cumsum(zero, axis=0)])
        counts = np.concatenate([[0], np.cumsum(is_data)])
        cuts = [0, *at, len(numbers)]
        shown = np.nan_to_num(numbers)
        tenths = [10.0**-d for d in range(7)]
        digits = np.full(numbers.shape[1], 1e-7)
        for unit in reversed(tenths):
            rounded = np.abs(shown / unit - np.round(shown / unit)) < 1e-6 * np.maximum(
                1, np.abs(shown / unit)
            )
            digits = np.where(rounded.all(axis=0), unit, digits)
        data = np.where(is_data[:, None], numbers, np.nan)
        low, high = np.nanmin(data, axis=0), np.nanmax(data, axis=0)
        return cls(numbers[list(at)], sums[cuts], counts[cuts], digits / 2, low, high)

    def proves(self, k: int, *, mean: bool) -> bool:
        """Tell whether the numbers of a row are sums (or means) of rows beside it."""
        value = self.values[k]
        known = np.isfinite(value) & (value != 0)
        if not known.any():
            return False
        for sums, rows in self._candidates(k):
            if rows < 2:
                continue
            wanted = sums / rows if mean else sums
            room = self.digits * (1 if mean else 1 + rows**0.5) + 1e-9 * np.abs(wanted)
            same = (np.abs(value - wanted) <= room) & (wanted != 0)
            if self._weight(value, room, same)[known].sum() > _PROOF:
                return True
        return False

    def _weight(
        self, value: np.ndarray[Any, Any], room: np.ndarray[Any, Any], same: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        """Weigh each column: how much likelier its number is in a row of totals than in another.

        A column of totals holds a sum nine times of ten (rates have none); a row that is none
        holds it by chance, at most once in 10,000 where it lies beyond all the others.
        """
        spread = np.maximum(self.high - self.low, 1e-12)
        chance = np.clip(2 * room / spread, 1e-6, 0.9)
        beyond = (value < self.low) | (value > self.high)
        chance = np.where(beyond, np.minimum(chance, 1e-4), chance)
        weight: np.ndarray[Any, Any] = np.where(
            same, np.log(0.9 / chance), np.log(0.1 / (1 - chance))
        )
        return weight

    def _candidates(self, k: int) -> list[tuple[np.ndarray[Any, Any], int]]:
        """Return the sums that a row may hold, each with the number of its rows."""
        before, rows, here, every = self.before, self.rows, k + 1, len(self.before) - 1
        pairs = [(0, here), (here, every), (0, every)]
        pairs += [(j, here) for j in range(max(1, here - 12), here)]
        pairs += [(here, j) for j in range(here + 1, min(every, here + 13))]
        found = [(before[b] - before[a], int(rows[b] - rows[a])) for a, b in pairs]
        whole, count = found[2]
        return [*found, (whole / 2, count)]
