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
from mulle.table.types.text import missing_words
from mulle.table.validate import columns_missing, validate_frame

Cell = float | int | str | None

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?", re.ASCII)


class RowReader:
    """A reader of single rows of one schema, made once and called for each row.

    >>> reader = RowReader([Column("price", "continuous", Storage.number, repairs=("thousands",))])
    >>> reader({"price": 3}), reader({"price": "1,200"})
    ({'price': 3.0}, {'price': 1200.0})
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = {column.name: column for column in columns}
        self._plan = [
            (c.name, _plain_storage(c), _plain_text(c), missing_words(c.storage, c.notation))
            for c in columns
        ]

    def __call__(self, values: Mapping[str, Any]) -> dict[str, Cell]:
        """Read one row into canonical values.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        out: dict[str, Cell] = {}
        unsure = []
        for name, storage, plain_text, missing in self._plan:
            value = values.get(name)
            if value is None:
                out[name] = None
                if name not in values:
                    return self._slowly(values)
                continue
            sort = type(value)
            if storage is _NUMBER:
                if sort is float and value - value == 0.0:  # finite
                    out[name] = value
                    continue
                if sort is int and -_EXACT <= value <= _EXACT:
                    out[name] = float(value)
                    continue
            elif sort is str and plain_text and value not in missing and _is_clean(value):
                out[name] = value
                continue
            out[name] = None  # keeps the order
            unsure.append(name)
        for name in unsure:
            out[name] = self._unsure(name, values[name])
        return out

    def _unsure(self, name: str, value: Any) -> Cell:
        column = self._columns[name]
        if type(value) is str:
            if _plain_storage(column) is _NUMBER and _PLAIN.fullmatch(value):
                return float(value)
            if column.storage is Storage.date and _ISO.fullmatch(value):
                try:
                    return _microseconds(datetime.fromisoformat(value))
                except ValueError:
                    pass  # no such day; validate says it better
        elif type(value) is datetime and column.storage is Storage.date and value.tzinfo is None:
            return _microseconds(value)
        return self._one(column, value)

    def _one(self, column: Column, value: Any) -> Cell:
        frame = column_of([value]).alias(column.name).to_frame()
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
        missing = [name for name in self._columns if name not in tidy]
        if missing:
            raise columns_missing(missing, given, self._columns)
        return self(tidy)


_NUMBER = Storage.number
_EXACT = 2**53


def _plain_storage(column: Column) -> Storage | None:
    """Return the storage whose plain values need no notation; None where a number needs its own."""
    notation = column.notation
    own = notation.decimal == "," or notation.scale != 1
    return None if own and column.storage is _NUMBER else column.storage


def _plain_text(column: Column) -> bool:
    return column.storage is Storage.string and column.notation.form != "number"


def _is_clean(text: str) -> bool:
    return text.strip(WHITESPACE) == text and (
        text.isascii() or unicodedata.is_normalized("NFC", text)
    )


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
