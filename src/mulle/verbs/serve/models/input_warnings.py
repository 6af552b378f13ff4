"""What a caller should know of rows that were answered: columns ignored, values never seen.

A model answers for a city it has never met, and for a row with a misspelt column, as if nothing
were the matter; so the answer says it. While all is well this costs a comparison of lengths and a
look-up for each column of categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from mulle.bundle import Model
from mulle.bundle.archive import REFERENCE
from mulle.table import Kind, Storage

MOST = 100  # warnings of one answer
MOST_ROWS = 1_000  # that are looked at
_CATEGORIES = {Kind.nominal, Kind.ordinal, Kind.boolean, Kind.constant}


class InputWarning(msgspec.Struct, frozen=True, omit_defaults=True):
    """One warning.

    Attributes:
        code: `column-ignored`, or `value-unseen`.
        column: which.
        row: its number from 1; 0 where it is about all rows.
        received: the value.
    """

    code: str
    column: str
    row: int = 0
    received: str = ""


class InputWarnings:
    """Finds what is to be told of rows of one model."""

    def __init__(self, model: Model) -> None:
        self._model, self._schema = model, model.manifest.schema
        self._width = len(self._schema.columns)

    def of(self, rows: Any) -> list[InputWarning]:
        """Of one row, several, or a frame; of rows that the model has answered."""
        if type(rows) is dict:
            return self._of_row(rows, 1)
        if not isinstance(rows, Sequence):
            return self._ignored(getattr(rows, "columns", ()))
        told: dict[tuple[str, str], InputWarning] = {}
        for number, row in enumerate(rows[:MOST_ROWS], start=1):
            for notice in self._of_row(row, number):
                told.setdefault((notice.column, notice.received), notice)
            if len(told) >= MOST:
                break
        return list(told.values())

    def _of_row(self, row: Mapping[str, Any], number: int) -> list[InputWarning]:
        input_warnings = self._ignored(row) if len(row) != self._width else []
        for name, known in self._known:
            value = row.get(name)
            if value is not None and (type(value) is not str or value not in known):
                input_warnings += self._unseen(row, number, name, known)
        return input_warnings

    def _ignored(self, given: Any) -> list[InputWarning]:
        from mulle.table.names import tidy_names

        names = [str(name) for name in given]
        tidy = zip(names, tidy_names(names)[0], strict=True)
        own = set(self._schema.names)
        return [InputWarning("column-ignored", a[:100]) for a, b in tidy if not {a, b} & own][:MOST]

    def _unseen(
        self, row: Mapping[str, Any], number: int, name: str, known: set[Any]
    ) -> list[InputWarning]:
        """The value may only have been written in another way."""
        stored = self._schema.row(row)[name]
        if stored is None or stored in known:
            return []
        return [InputWarning("value-unseen", name, number, str(stored)[:100])]

    @cached_property
    def _known(self) -> list[tuple[str, set[Any]]]:
        """All values of each column of categories; not of columns with too many."""
        from mulle.profile import Profile

        data = self._model.members.get(REFERENCE)
        if data is None:
            return []
        profiles = Profile.from_arrow_bytes(data).columns
        wanted = [
            (column.name, profiles[column.name].tally)
            for column in self._schema.columns
            if column.storage is Storage.string
            and column.kind in _CATEGORIES
            and column.name in profiles
        ]
        return [(name, set(tally.values)) for name, tally in wanted if not tally.slack]
