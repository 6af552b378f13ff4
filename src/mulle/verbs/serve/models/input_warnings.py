"""Warnings about rows that were answered: columns that were ignored, values never seen in training.

A model answers for a city that it has never seen, and for a row with a misspelt column, as if
nothing were the matter; so the answer carries a warning. While all is well this costs a comparison
of lengths and a look-up for each column of categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from mulle.bundle import Model
from mulle.bundle.archive import REFERENCE
from mulle.table import Kind, Storage

MAX_WARNINGS = 100  # in one answer
MAX_ROWS = 1_000  # that are looked at
_CATEGORIES = {Kind.nominal, Kind.ordinal, Kind.boolean, Kind.constant}


class InputWarning(msgspec.Struct, frozen=True, omit_defaults=True):
    """One warning.

    Attributes:
        code: `column-ignored` or `value-unseen`.
        column: name of the column.
        row: number of the row, from 1; 0 for all rows.
        received: the value, as the model reads it.
    """

    code: str
    column: str
    row: int = 0
    received: str = ""


class InputWarnings:
    """Finds the warnings about rows of one model.

    Args:
        model: the bundle.
    """

    def __init__(self, model: Model) -> None:
        self._model, self._schema = model, model.manifest.schema
        self._width = len(self._schema.asked)

    def find(self, rows: Any) -> list[InputWarning]:
        """Return the warnings about rows that the model has answered.

        Args:
            rows: one row as a dict, several in a list, or a frame.
        """
        if type(rows) is dict:
            return self._of_row(rows, 1)
        if not isinstance(rows, Sequence):
            return self._ignored(getattr(rows, "columns", ()))
        found: dict[tuple[str, str], InputWarning] = {}
        for number, row in enumerate(rows[:MAX_ROWS], start=1):
            for warning in self._of_row(row, number):
                found.setdefault((warning.column, warning.received), warning)
            if len(found) >= MAX_WARNINGS:
                break
        return list(found.values())

    def _of_row(self, row: Mapping[str, Any], number: int) -> list[InputWarning]:
        warnings = self._ignored(row) if len(row) != self._width else []
        for name, known in self._known:
            value = row.get(name)
            if value is not None and (type(value) is not str or value not in known):
                warnings += self._unseen(row, number, name, known)
        return warnings

    def _ignored(self, given: Any) -> list[InputWarning]:
        from mulle.table.read.names import tidy_names

        names = [str(name) for name in given]
        tidy = zip(names, tidy_names(names)[0], strict=True)
        own = set(self._schema.known)
        return [InputWarning("column-ignored", a[:100]) for a, b in tidy if not {a, b} & own][
            :MAX_WARNINGS
        ]

    def _unseen(
        self, row: Mapping[str, Any], number: int, name: str, known: set[Any]
    ) -> list[InputWarning]:
        """Return a warning, unless the value is only written in another way."""
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
