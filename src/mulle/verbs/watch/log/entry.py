"""Entries that a server hands to the log, and the records they become: one a row, in JSON.

Rows and answers come as they are at hand: one dict, a list of dicts, a dict of columns, or a frame.
Handing over costs only a count; the rest is done by the thread that writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from mulle.errors import DataError

_ROW, _CELL = 200, 64  # bytes of a dict and its answer, and of a name and a value in it
_LOOKED = 16  # rows of an entry that are looked at for an estimate


class Record(NamedTuple):
    """One row of the log, the same in every place it is kept.

    Attributes:
        id: id of the prediction, by which a label is attached.
        request: id of its request.
        at: time in microseconds since 1970 in UTC.
        model, version: name and version of the model that answered.
        row, answer: JSON objects.
    """

    id: str
    request: str
    at: int
    model: str
    version: str
    row: str
    answer: str


class Entry(NamedTuple):
    """One call of `write`, as it waits in the queue.

    Attributes:
        rows, answers, ids, request, at, model, version: see `PredictionLog.write`.
        height: number of rows.
        bytes: estimate of the memory that the rows take.
        known: columns that the model reads; None where that is not known.
    """

    rows: Any
    answers: Any
    ids: Sequence[str] | None
    request: str
    at: int
    model: str
    version: str
    height: int
    bytes: int = 0
    known: frozenset[str] | None = None

    def names(self) -> Sequence[str]:
        """Return the ids of its rows: those given, or that of the request with the row number.

        >>> Entry({}, None, None, "a1", 0, "m", "1", 1).names()
        ['a1']
        >>> Entry([{}, {}], None, None, "a1", 0, "m", "1", 2).names()
        ['a1/0', 'a1/1']
        """
        if self.ids is not None:
            return self.ids
        if self.height == 1:
            return [self.request]
        return [f"{self.request}/{n}" for n in range(self.height)]


def count(rows: Any) -> int:
    """Count rows without looking at them.

    >>> count({"a": 1}), count({"a": [1, 2]}), count([{"a": 1}])
    (1, 2, 1)
    """
    if isinstance(rows, Mapping):
        first: Any = next(iter(rows.values()), None)
        return len(first) if _is_column(first) else 1
    return len(rows)


def estimate_bytes(rows: Any, height: int) -> int:
    """Estimate the memory that rows take from a few of them, without looking at all.

    >>> estimate_bytes({"a": 1, "b": "x" * 1000}, 1), estimate_bytes([{"a": 1}] * 1000, 1000)
    (1328, 264000)
    """
    if type(rows) is dict and height == 1:  # the usual request, whose caller waits
        return _row_bytes(rows)
    if hasattr(rows, "estimated_size"):
        return int(rows.estimated_size())
    if not isinstance(rows, Mapping):
        looked = rows[:: max(1, height // _LOOKED)] if isinstance(rows, Sequence) else ()
        return sum(map(_row_bytes, looked)) * height // max(len(looked), 1)
    if _is_column(next(iter(rows.values()), None)):
        return height * len(rows) * _CELL
    return _row_bytes(rows)


def _row_bytes(row: Any) -> int:
    size = _ROW
    for value in row.values() if isinstance(row, dict) else ():
        size += _CELL + len(value) if type(value) is str else _CELL
    return size


def as_dicts(rows: Any) -> Iterator[dict[str, Any]]:
    """Yield rows one by one.

    >>> list(as_dicts({"a": [1, 2], "b": ["x", "y"]}))
    [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    if hasattr(rows, "iter_rows"):
        yield from rows.iter_rows(named=True)
    elif not isinstance(rows, Mapping):
        yield from map(dict, rows)  # refuses here what would be no row for the reader
    elif _is_column(next(iter(rows.values()), None)):
        columns = [c.tolist() if hasattr(c, "tolist") else c for c in rows.values()]
        if len({len(column) for column in columns}) > 1:  # found before the first row is written
            raise DataError("log-rows-ragged", columns=list(rows))
        for values in zip(*columns, strict=True):
            yield dict(zip(rows, values, strict=True))
    else:
        yield dict(rows)


def to_plain(value: Any) -> Any:
    """Return a value that JSON can hold, for NumPy's numbers and arrays and anything else."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def to_json(value: Any) -> str:
    """Return a value as JSON text; NaN and infinity become null.

    >>> to_json({"a": float("nan"), "b": "나이"})
    '{"a":null,"b":"나이"}'
    """
    return _encode(value).decode()


_encode = msgspec.json.Encoder(enc_hook=to_plain).encode


def _is_column(value: Any) -> bool:
    """Return whether a value of a dict is a column of several values, as for `predict`."""
    if isinstance(value, list | tuple):
        return True
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)
