"""Choose what columns of text are read as: by their own cells first, then by the columns beside.

A column of `1,100` may hold 1100 or 1.1. Where its own cells do not decide, it follows the other
columns, if those that speak for themselves agree; else it stays text and the person is asked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from mulle.table.types.alike import few_alike
from mulle.table.types.clocks import find_clocks
from mulle.table.types.column import EXAMPLES, Doubt, LeftOut, Repair
from mulle.table.types.date_evidence import find_dates
from mulle.table.types.evidence import Evidence
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.number_evidence import find_numbers
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.text import NONE_WORDS

MAX_MARKS, MAX_MARK_SHARE = 5, 0.5  # distinct marks among numbers or dates, and their cells
MAX_WORDS, MAX_WORD_SHARE = 5, 0.05  # the same for words
MAX_STRAYS, MAX_STRAY_SHARE = 2, 0.01  # the same for cells that hold digits and are no numbers
# signs without letters, and what offices write where a value is withheld
_MARK = (
    r"(?i)^(?:[^\p{L}\p{N}]+|x|\(?[dscz]\)|비공개|미공개|비밀|해당사항\s?없음|suppressed|withheld)$"
)
_SAMPLE = 1000  # distinct cells that are looked at first
_OF_EACH = 100  # distinct cells of a shape: all that have a digit or two
_NO_NUMBER = "[0-9][-/:][0-9]+[-/:][0-9]"  # two marks as of 2024-03-01 and 1/3/2024
_LOOKED_AT = "^0[0-9]|[^0-9.,]0[0-9]|:"  # zeros that lead, and hours: how many there are counts


@dataclass(frozen=True)
class Choice:
    """What a column of text is read as."""

    storage: Storage
    notation: Notation
    repairs: tuple[Repair, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def reads_as_written(self) -> bool:
        """Whether plain numbers are what they look like."""
        return self.storage is Storage.number and self.notation.decimal == "."


def find_measures(text: pl.Series, asked: ColumnOptions) -> Evidence:
    """Find the notations in which cells are times of the day, or else numbers."""
    clocks = find_clocks(text, asked)
    return clocks if clocks.hopeful else find_numbers(text, asked)


_FINDERS: dict[Storage, Callable[[pl.Series, ColumnOptions], Evidence]] = {
    Storage.date: find_dates,
    Storage.number: find_measures,
}


def choose(
    texts: Mapping[str, pl.Series],
    options: ReadOptions,
    delimiter: str = "",
    *,
    points: bool = False,
) -> dict[str, Choice]:
    """Choose the storage and notation of columns of clean text.

    Args:
        texts: n cells by column, after the text repairs.
        options: what a person has decided.
        delimiter: of the file, where it has one: beside semicolons commas may be decimal.
        points: whether a column of plain numbers beside has decimal points beyond doubt.
    """
    found = {name: _Found.of(cells, options.asked_of(name)) for name, cells in texts.items()}
    plain = {Storage.number: [Notation()] if points else []}
    spoken = {s: _agreed(found.values(), s, plain.get(s, [])) for s in _FINDERS}
    return {name: column.choice(spoken, delimiter) for name, column in found.items()}


def find_in_all(
    find: Callable[[pl.Series, ColumnOptions], Evidence], cells: pl.Series, asked: ColumnOptions
) -> Evidence:
    """Find what many distinct cells allow, by cells of each shape where those leave nothing open.

    Which digits a number has says nothing of its notation, but for a few: zeros, and the digits of
    short cells, of which all are looked at.
    """
    shapes = cells.str.replace_all("[1-9]", "1").alias("shape")
    if shapes.head(_SAMPLE).n_unique() > _SAMPLE // 10 or cells.str.contains(_LOOKED_AT).any():
        return find(cells, asked)
    of_each = pl.int_range(pl.len()).over("shape") < _OF_EACH
    few = pl.DataFrame([cells.alias("cell"), shapes]).filter(of_each)["cell"]
    found = find(few, asked)
    plain = found.readings and not any(reading.form for reading in found.readings)
    open_ = found.doubt is not None and found.doubt.code != "decimal-mark"
    return found if plain and not open_ and not len(found.unread) else find(cells, asked)


def _leaves_nothing_open(found: Evidence, cells: pl.Series) -> bool:
    """Tell whether all cells are dates in one order whose marks no number has."""
    decided = len(found.readings) == 1 and found.doubt is None and not len(found.unread)
    return decided and bool(cells.str.contains(_NO_NUMBER).all())


@dataclass(frozen=True)
class _Found:
    """What the cells of one column say.

    Attributes:
        cells: distinct ones, in the order in which they first stand in the column.
        filled: all cells, but empty ones.
        total: number of cells that do not mean missing.
        evidence: by the storage that they would have; the first that fits is taken.
    """

    name: str
    cells: pl.Series
    filled: pl.Series
    total: int
    evidence: Mapping[Storage, Evidence]
    asked: ColumnOptions

    @classmethod
    def of(cls, values: pl.Series, asked: ColumnOptions) -> _Found:
        filled = values.alias("cell").drop_nulls()
        if (alike := cls._of_alike(values.name, filled, asked)) is not None:
            return alike
        distinct = filled.unique(maintain_order=True)
        words = NONE_WORDS - {*asked.not_missing} if asked.repairs is None else frozenset[str]()
        words |= {*asked.missing}
        cells = distinct.filter(~distinct.is_in(sorted(words)))
        total = len(filled)
        if len(cells) < len(distinct):
            total -= int(filled.is_in(sorted(words)).sum())
        evidence = {}
        if len(cells) and asked.kind is None:
            sample = cells.gather_every(max(1, len(cells) // _SAMPLE))
            for storage, find in _FINDERS.items():
                if (found := find(sample, asked)).hopeful:
                    whole = len(sample) == len(cells)
                    evidence[storage] = found if whole else find_in_all(find, cells, asked)
                    if _leaves_nothing_open(evidence[storage], cells):
                        break
        return cls(values.name, cells, filled, total, evidence, asked)

    @classmethod
    def _of_alike(cls, name: str, filled: pl.Series, asked: ColumnOptions) -> _Found | None:
        """Return what the cells say where a few numbers stand for all; None where they do not."""
        own = (asked.kind, asked.form, asked.repairs, asked.decimal, asked.thousands)
        some = few_alike(filled) if own == (None,) * len(own) and not asked.missing else None
        if some is None or find_dates(some, asked).hopeful:
            return None
        found = find_numbers(some, asked)
        if not found.readings or len(found.unread) or find_clocks(some, asked).hopeful:
            return None
        return cls(name, some, filled, len(filled), {Storage.number: found}, asked)

    @functools.cached_property
    def times(self) -> pl.Series:
        """How often each distinct cell stands in the column."""
        counts = pl.DataFrame([self.cells, pl.int_range(len(self.cells), eager=True).alias("at")])
        found = self.filled.value_counts(name="times").join(counts, on="cell").sort("at")
        return found["times"]

    def choice(self, spoken: Mapping[Storage, Notation | None], delimiter: str) -> Choice:
        """Return what the column is read as, given what the columns beside it say."""
        doubts = []
        for storage, evidence in self.evidence.items():
            readings = evidence.readings
            beside = spoken[storage]
            likely = evidence.usual and (delimiter != ";" or evidence.doubt is None)
            followed: tuple[Repair, ...] = ()
            if len(readings) > 1 and beside is not None:
                fits = tuple(r for r in readings if _alike(r, beside)) or readings
                if len(fits) == 1 and not (likely and fits[0] == readings[0]):
                    followed = (self._follow(storage, fits[0]),)
                readings = fits
            if likely:
                readings = readings[:1]  # beside other delimiters commas group
            if storage is Storage.number and beside is not None and not evidence.speaks:
                readings = tuple(r for r in readings if _alike(r, beside) or not evidence.doubt)
            if len(readings) == 1 and (chosen := self._with_words(storage, readings[0], evidence)):
                return replace(chosen, repairs=followed, doubts=self._against(evidence))
            if evidence.doubt:
                doubts.append(self._counted(evidence.doubt, evidence.doubted))
            elif readings:
                doubts.append(self._unread(evidence))
        cells = self.total
        named = tuple(
            msgspec.structs.replace(doubt, column=self.name, count=doubt.count or cells)
            for doubt in doubts[:1]
        )
        return Choice(Storage.string, Notation(), doubts=named)

    def _against(self, evidence: Evidence) -> tuple[Doubt, ...]:
        """Return the doubt of a column that cannot be read in the order that was given for it."""
        doubt = evidence.doubt
        if doubt is None or doubt.code != "date-order-given":
            return ()
        return (msgspec.structs.replace(self._counted(doubt, evidence.doubted), column=self.name),)

    def _with_words(self, storage: Storage, reading: Notation, found: Evidence) -> Choice | None:
        """Take the cells that are no numbers for missing, if they are few; they are named."""
        if not len(found.unread):
            return Choice(storage, reading)
        if self.asked.repairs is not None:
            return None
        marks = found.unread.str.contains(_MARK)
        strays = ~marks & found.unread.str.contains(r"\d")
        for part, most, most_share in (
            (marks, MAX_MARKS, MAX_MARK_SHARE),
            (strays, MAX_STRAYS, MAX_STRAY_SHARE),
            (~marks & ~strays, MAX_WORDS, MAX_WORD_SHARE),
        ):
            cells = found.unread.filter(part)
            if len(cells) > most or self._count(cells) > most_share * self.total:
                return None
        words = tuple(found.unread.to_list())
        count = self._count(found.unread)
        out = LeftOut("cells-missing", self.name, count, values={"words": list(words)})
        notation = msgspec.structs.replace(reading, missing=(*reading.missing, *words))
        return Choice(storage, notation, left_out=(out,))

    def _follow(self, storage: Storage, reading: Notation) -> Repair:
        """Note that the columns beside decided, with a cell that could be read in two ways."""
        order = reading.dates if storage is Storage.date else reading.decimal
        values = {"before": self.cells[0], "after": order}
        code = "date-order-beside" if storage is Storage.date else "decimal-beside"
        return Repair(code, self.name, self.total, values)

    def _count(self, cells: pl.Series) -> int:
        return int(self.times.filter(self.cells.is_in(cells.implode())).sum())

    def _counted(self, doubt: Doubt, about: pl.Series) -> Doubt:
        """Count the cells, not the distinct ones, that a doubt is about."""
        return msgspec.structs.replace(doubt, count=self._count(about)) if len(about) else doubt

    def _unread(self, evidence: Evidence) -> Doubt:
        cells = evidence.unread
        return Doubt(
            "cells-unread",
            self.name,
            self._count(cells),
            {"examples": cells.head(EXAMPLES).to_list(), "distinct": len(cells)},
        )


def _agreed(
    found: Iterable[_Found], storage: Storage, plain: Sequence[Notation]
) -> Notation | None:
    """Return the notation of the columns that speak for themselves; None where they differ."""
    spoken = [
        *plain,
        *(
            column.evidence[storage].readings[0]
            for column in found
            if storage in column.evidence and column.evidence[storage].speaks
        ),
    ]
    return spoken[0] if spoken and all(_alike(other, spoken[0]) for other in spoken) else None


def _alike(one: Notation, other: Notation) -> bool:
    """Tell whether two notations share what belongs to a country: marks and the order of dates."""
    marks = one.decimal == other.decimal
    return marks and (None in {one.dates, other.dates} or one.dates == other.dates)
