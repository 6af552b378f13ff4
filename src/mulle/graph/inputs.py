"""The inputs of a graph: one array of shape [N, 1] for each column.

Numbers are float64 with NaN for missing, dates int64 microseconds and strings text, each of the
last two with one reserved value for missing: ONNX has neither a null date nor a null string, and
ONNX Runtime turns `None` into "None" without a word. Missing is not the empty string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.table import Column, Storage, Table

if TYPE_CHECKING:
    from spox import Var


MISSING_STRING = "\ue000"  # a private-use character: no text that people write contains it
MISSING_DATE = int(np.iinfo(np.int64).min)

_DTYPES = {Storage.number: np.float64, Storage.date: np.int64, Storage.string: np.str_}
_MIN_ROWS_TO_SHARE = 1_000  # rows from which on it pays to look whether strings repeat
_MISSING = {
    Storage.number: float("nan"),
    Storage.date: MISSING_DATE,
    Storage.string: MISSING_STRING,
}


def arrays(table: Table) -> dict[str, Array]:
    """Return each column of a table as the array [N, 1] that the graph reads.

    >>> from mulle.table import read
    >>> arrays(read(pl.DataFrame({"a": [1.5, None]})))["a"].tolist()
    [[1.5], [nan]]
    """
    return {c.name: _array(table.column(c.name), c.storage) for c in table.schema.columns}


class RowPacker:
    """A converter of rows of canonical values (None for missing) into the inputs of a graph.

    Made once for some columns, called for each row. One array is made for each storage, not for
    each cell, and every column is a view of it: making arrays is most of what a single row costs
    outside the graph.

    >>> from mulle.table import Kind
    >>> pack = RowPacker([Column("a", Kind.continuous, Storage.number)])
    >>> pack({"a": None})["a"].tolist()
    [[nan]]
    """

    def __init__(self, columns: Iterable[Column]) -> None:
        columns = list(columns)
        self._plan = [
            (names, missing, object if storage is Storage.string else _DTYPES[storage])
            for storage, missing in _MISSING.items()
            if (names := [c.name for c in columns if c.storage is storage])
        ]

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Array]:
        """Return an array of shape [1, 1] for each column."""
        result: dict[str, Array] = {}
        for names, missing, dtype in self._plan:
            cells = [missing if (value := row[name]) is None else value for name in names]
            result.update(zip(names, np.array(cells, dtype).reshape(-1, 1, 1), strict=True))
        return result

    def many(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
        """Return an array of shape [N, 1] for each column of some rows."""
        names = [name for plan in self._plan for name in plan[0]]
        return self.columns({name: [row[name] for row in rows] for name in names})

    def columns(self, cells: Mapping[str, Sequence[Any]]) -> dict[str, Array]:
        """Return an array of shape [N, 1] for each column of canonical values [N]."""
        result: dict[str, Array] = {}
        for names, missing, dtype in self._plan:
            filled = [[missing if value is None else value for value in cells[n]] for n in names]
            columns: Array = np.array(filled, dtype).reshape(len(names), -1, 1)
            result.update(zip(names, columns, strict=True))
        return result


def _array(values: pl.Series, storage: Storage) -> Array:
    if storage is Storage.number:
        return values.fill_null(float("nan")).to_numpy().reshape(-1, 1)
    if storage is Storage.date:
        return values.to_physical().fill_null(MISSING_DATE).to_numpy().reshape(-1, 1)
    return as_objects(values.fill_null(MISSING_STRING)).reshape(-1, 1)


def as_objects(texts: pl.Series) -> Array:
    """Return strings as Python objects [N]; equal ones share one object."""
    distinct = texts.unique() if len(texts) >= _MIN_ROWS_TO_SHARE else texts
    if len(distinct) > len(texts) // 2:
        return texts.to_numpy().astype(object)
    codes = texts.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return np.asarray(distinct.to_numpy().astype(object)[codes])


def symbols(columns: Iterable[Column]) -> dict[str, Var]:
    """Return one graph input of shape [N, 1] for each column."""
    from spox import Tensor, argument

    return {c.name: argument(Tensor(_DTYPES[c.storage], ("N", 1))) for c in columns}


def token_ids() -> Var:
    """Return a graph input for the ids of texts, int64 (N, T), -1 behind shorter texts."""
    from spox import Tensor, argument

    return argument(Tensor(np.int64, ("N", "T")))


def vectors_name(column: str) -> str:
    """Return the name under which the vectors of a text column stand among a graph's variables."""
    return f"{column}{MISSING_STRING}vectors"
