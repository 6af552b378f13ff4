"""Rows, fast: plain Python values without building a frame.

Values of usual types are read by `cell_readers`; every other value goes through `store`, so there
is one definition of what a value means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mulle.errors import DataError, PredictionError
from mulle.table.cell_readers import UNSURE, Cell, cell_readers
from mulle.table.read.characters import HALF_PAIR
from mulle.table.read.frames import column_of
from mulle.table.read.names import tidy_names
from mulle.table.read.plain import to_plain
from mulle.table.types import store
from mulle.table.types.column import Column
from mulle.table.types.kinds import Storage
from mulle.table.validate import asked_columns, columns_missing, value_unreadable

_MAX_KEPT, _MAX_TEXT = 1_024, 100  # odd values that a column remembers, and their length


class RowReader:
    """A reader of rows of one schema, made once and called for each row.

    >>> from mulle.table.types.notation import Notation
    >>> notation = Notation(repairs=("thousands",))
    >>> reader = RowReader([Column("price", "continuous", Storage.number, notation=notation)])
    >>> reader({"price": 3}), reader({"price": "1,200"})
    ({'price': 3.0}, {'price': 1200.0})
    >>> reader.many([{"price": True}, {"price": None}])
    {'price': [1.0, None]}
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._asked = [column.name for column in asked_columns(columns)]
        self._readers = {c.name: _ColumnReader(c) for c in columns}
        self._derived = [column for column in columns if column.source]
        self._computed = {
            c.name: _ColumnReader(Column(c.name, c.kind, c.storage)) for c in self._derived
        }
        self._plan = [(name, reader.types) for name, reader in self._readers.items()]

    def __call__(self, values: Mapping[str, Any]) -> dict[str, Cell]:
        """Read one row into canonical values.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        if not self._derived:
            try:
                row = {name: types[type(values[name])](values[name]) for name, types in self._plan}
            except KeyError:  # of a column, or of a type
                pass
            else:
                if UNSURE not in row.values():
                    return row
        return {name: cells[0] for name, cells in self.many([values]).items()}

    def many(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Cell]]:
        """Read rows into canonical values [N] by column; what only some rows lack is missing there.

        Raises:
            PredictionError: no row has a column, or a value cannot be read.
        """
        names: Collection[Any] = rows[0].keys()
        if not all(name in names for name in self._asked):
            names = dict.fromkeys(name for row in rows for name in row)
        # Only what is asked for is gathered: rows may hold any number of other names.
        found = self._match(names)
        return self._read(
            {n: [row.get(given) for row in rows] for n, given in found.items()}, names
        )

    def columns(self, values: Mapping[str, Sequence[Any]]) -> dict[str, list[Cell]]:
        """Read columns of values [N], which may be more than are asked for, into canonical values.

        Raises:
            PredictionError: a column is missing, or a value cannot be read.
        """
        found = self._match(values)
        return self._read({name: values[given] for name, given in found.items()}, values)

    def _match(self, names: Collection[Any]) -> dict[str, Any]:
        """Return the columns that there are, with the names they are given by.

        Names may have another Unicode form or spacing.
        """
        wanted = dict.fromkeys((*self._asked, *self._names))
        found = {name: name for name in wanted if name in names}
        if all(name in found for name in self._asked):
            return found
        texts = [str(name) for name in names]
        given = dict(zip(tidy_names(texts)[0], names, strict=True))
        given |= dict(zip(texts, names, strict=True))
        return {name: given[name] for name in wanted if name in given}

    def _read(
        self, values: Mapping[str, Sequence[Any]], names: Collection[Any]
    ) -> dict[str, list[Cell]]:
        computed = {c.name for c in self._derived if _are_numbers(values.get(c.name, ()))}
        sources = {c.source for c in self._derived if c.name in computed}
        missing = [name for name in self._asked if name not in values and name not in sources]
        if missing:
            raise columns_missing(missing, [str(name) for name in names], {*self._asked})
        return {
            name: self._computed[name].many(values[name])  # from the same cells, before
            if name in computed
            else reader.many(values[reader.column.source or name])
            for name, reader in self._readers.items()
        }


class _ColumnReader:
    """A reader of the cells of one column; odd ways of writing repeat, so some are remembered.

    Attributes:
        column: what the cells become.
        types: the readers of single cells, by the type of the value.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        self.types = cell_readers(column)
        self._kept: dict[str, Cell] = {}

    def many(self, values: Sequence[Any]) -> list[Cell]:
        """Read values into canonical ones [N]."""
        reader_of = self.types.get
        cells: list[Any] = [
            UNSURE if (read := reader_of(type(v))) is None else read(v) for v in values
        ]
        if UNSURE in cells:
            self._settle(cells, values)
        return cells

    def _settle(self, cells: list[Any], values: Sequence[Any]) -> None:
        """Read what no reader of single cells knows: values of one type together, by `store`."""
        left: dict[Any, dict[int, Any]] = {}
        for row, cell in enumerate(cells):
            if cell is UNSURE:
                value = to_plain(values[row])
                cells[row] = cell = self._known(value)
                if cell is UNSURE:
                    sort = type(value), getattr(value, "tzinfo", None)
                    left.setdefault(sort, {})[row] = value
        wrong: dict[int, Any] = {}
        for (sort, _), group in left.items():
            wrong |= self._store(cells, group)
            if sort is str and self.column.notation.form != "pixels":  # a file may change
                self._keep({v: cells[row] for row, v in group.items() if row not in wrong})
        if wrong:
            row = min(wrong)
            raise value_unreadable(row + 1, self.column, wrong[row])

    def _known(self, value: Any) -> Any:
        """Return the cell of a plain value, where it is known at once or remembered."""
        read = self.types.get(type(value))
        cell = UNSURE if read is None else read(value)
        return self._kept.get(value, UNSURE) if cell is UNSURE and type(value) is str else cell

    def _store(self, cells: list[Any], group: Mapping[int, Any]) -> dict[int, Any]:
        """Read values of one type by their rows; return those that cannot be read."""
        try:
            given = column_of(group.values()).alias(self.column.source or self.column.name)
        except DataError as error:
            raise self._of_row(error, group) from None
        stored, unread, _ = store(given, self.column)
        if self.column.storage is Storage.date:
            stored = stored.to_physical()  # years that Python has not are days all the same
        rows = list(group)
        for row, cell in zip(rows, stored.to_list(), strict=True):
            cells[row] = cell
        return {rows[at]: given[at] for at in unread.arg_true().to_list()}

    def _of_row(self, error: DataError, group: Mapping[int, Any]) -> PredictionError:
        """Return the error of values that make no column, with the first row that has such."""
        broken = [row for row, value in group.items() if HALF_PAIR.search(str(value))]
        where = {"row": min(broken) + 1, "column": self.column.name} if broken else {}
        return PredictionError(error.code, **{**error.values, **where})

    def _keep(self, found: Mapping[str, Cell]) -> None:
        short = {text: cell for text, cell in found.items() if len(text) <= _MAX_TEXT}
        if len(self._kept) + len(short) > _MAX_KEPT:
            self._kept = {}
        if len(short) <= _MAX_KEPT:
            self._kept |= short


def _are_numbers(values: Sequence[Any]) -> bool:
    """Tell whether values are numbers, some of which may be missing."""
    sorts = {type(to_plain(value)) for value in values}
    return bool(sorts & {int, float}) and sorts <= {int, float, type(None)}
