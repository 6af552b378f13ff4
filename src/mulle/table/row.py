"""One row, fast: plain Python values without building a frame.

Clean values are recognised here; every other value goes through `validate`, so there is one
definition of what a value means, and this file only decides what may skip it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mulle.table.read.frames import column_of
from mulle.table.types import WHITESPACE
from mulle.table.types.column import Column
from mulle.table.types.kinds import Storage
from mulle.table.types.text import CASE, missing_words
from mulle.table.validate import asked_columns, columns_missing, validate_frame

Cell = float | int | str | None

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?", re.ASCII)


class RowReader:
    """A reader of single rows of one schema, made once and called for each row.

    >>> from mulle.table.types.notation import Notation
    >>> notation = Notation(repairs=("thousands",))
    >>> reader = RowReader([Column("price", "continuous", Storage.number, notation=notation)])
    >>> reader({"price": 3}), reader({"price": "1,200"})
    ({'price': 3.0}, {'price': 1200.0})
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = {column.name: column for column in columns}
        self._asked = asked_columns(columns)
        self._plan = [
            (
                c.name,
                c.storage,
                _needs_no_reading(c),
                _PLAIN.fullmatch if _reads_plain_numbers(c) else _never,
                missing_words(c.storage, c.notation),
            )
            for c in columns
            if not c.source
        ]
        self._derived = [column for column in columns if column.source]

    def __call__(self, values: Mapping[str, Any]) -> dict[str, Cell]:
        """Read one row into canonical values.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        out: dict[str, Cell] = {}
        unsure = []
        for name, storage, plain, is_number, missing in self._plan:
            value = values.get(name)
            if value is None:
                out[name] = None
                if name not in values:
                    return self._slowly(values)
                continue
            sort = type(value)
            if storage is _NUMBER:
                if sort is float and plain and value - value == 0.0:  # finite
                    out[name] = value
                    continue
                if sort is int and plain and -_EXACT <= value <= _EXACT:
                    out[name] = float(value)
                    continue
                if sort is str and is_number(value) and value not in missing:
                    out[name] = float(value)
                    continue
            elif sort is str and plain and value not in missing and _is_clean(value):
                out[name] = value
                continue
            out[name] = None  # keeps the order
            unsure.append((name, missing))
        for name, missing in unsure:
            out[name] = self._unsure(self._columns[name], values[name], missing)
        return self._with_derived(out, values) if self._derived else out

    def _unsure(self, column: Column, value: Any, missing: frozenset[str]) -> Cell:
        if column.storage is Storage.date:
            if type(value) is str and _ISO.fullmatch(value) and value not in missing:
                try:
                    return _microseconds(datetime.fromisoformat(value))
                except ValueError:
                    pass  # no such day; validate says it better
            elif type(value) is datetime and value.tzinfo is None:
                return _microseconds(value)
        return self._one(column, value)

    def _with_derived(self, out: dict[str, Cell], values: Mapping[str, Any]) -> dict[str, Cell]:
        for column in self._derived:
            name, source = column.name, column.source
            if type(values.get(name)) in (int, float):  # computed before, from the same cell
                out[name] = self._one(Column(name, column.kind, column.storage), values[name])
            elif source not in values:
                return self._slowly(values)
            else:
                out[name] = self._one(column, values[source])
        return {name: out[name] for name in self._columns}

    def _one(self, column: Column, value: Any) -> Cell:
        frame = column_of([value]).alias(column.source or column.name).to_frame()
        stored = validate_frame(frame, [column])[0].to_series()
        if column.storage is Storage.date:
            stored = stored.to_physical()  # years that Python has not are days all the same
        cell: Cell = stored.item()
        return cell

    def _slowly(self, values: Mapping[str, Any]) -> dict[str, Cell]:
        """Match names of another Unicode form or spacing; refuse a row without a column."""
        from mulle.table.read.names import tidy_names

        given = [str(name) for name in values]
        tidy = dict(zip(tidy_names(given)[0], values.values(), strict=True))
        tidy |= {str(name): value for name, value in values.items()}
        missing = [column.name for column in self._asked if column.name not in tidy]
        if missing:
            raise columns_missing(missing, given, {column.name for column in self._asked})
        return self(tidy)


_NUMBER = Storage.number
_EXACT = 2**53
_NUMBER_FORMS = {"", "limit", "truth"}


def _never(text: str) -> None:
    """Match no text."""


def _needs_no_reading(column: Column) -> bool:
    """Tell whether numbers and clean text are stored as they are."""
    notation = column.notation
    if column.storage is not _NUMBER:
        text = column.storage is Storage.string and CASE not in notation.repairs
        return text and notation.form != "number"
    coded = any(map(_PLAIN.fullmatch, notation.missing))  # numbers that mean missing
    return notation.scale == 1.0 and notation.form in _NUMBER_FORMS and not coded


def _reads_plain_numbers(column: Column) -> bool:
    """Tell whether digits with a dot mean here what they mean to a computer."""
    marks = column.notation.decimal == "." and column.notation.thousands != "."
    return column.storage is Storage.number and marks and _needs_no_reading(column)


def _is_clean(text: str) -> bool:
    return text.strip(WHITESPACE) == text and (
        text.isascii() or unicodedata.is_normalized("NFC", text)
    )


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
