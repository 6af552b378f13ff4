"""The assignment keys in a request's rows, in the form of any protocol."""

from __future__ import annotations

import csv as comma
import io
from collections.abc import Mapping
from typing import Any

import msgspec

_ROWS = ("rows", "instances", "dataframe_records", "inputs")


def keys_in(body: bytes, column: str, *, csv: bool = False) -> list[str]:
    """Return the key of each row; none if it cannot be found: the handler refuses broken bodies.

    >>> keys_in(b'{"user": 7, "age": 31}', "user")
    ['7']
    >>> keys_in(b"user,age\\n7,31\\n8,2\\n", "user", csv=True)
    ['7', '8']
    >>> keys_in(b'{"inputs": [{"name": "user", "data": ["kim", "lee"]}]}', "user")
    ['kim', 'lee']
    """
    if csv:
        rows = comma.DictReader(io.StringIO(body.decode("utf-8-sig", "replace")))
        return [row.get(column) or "" for row in rows]
    try:
        return [_to_text(value) for value in _values(msgspec.json.decode(body), column)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def _values(value: Any, column: str) -> list[Any]:
    if isinstance(value, Mapping):
        if column in value:
            return [value[column]]
        if isinstance(split := value.get("dataframe_split"), Mapping):
            return _split(split, column)
        value = next((value[name] for name in _ROWS if name in value), None)
    if isinstance(value, Mapping):
        found = value.get(column)
        return found if isinstance(found, list) else []
    if not isinstance(value, list):
        return []
    for part in value:  # tensors, one a column
        if isinstance(part, Mapping) and part.get("name") == column and "data" in part:
            data = part["data"]
            return data if isinstance(data, list) else []
    return [row.get(column) for row in value if isinstance(row, Mapping)]


def _split(value: Mapping[str, Any], column: str) -> list[Any]:
    names, rows = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(rows, list) or column not in names:
        return []
    at = names.index(column)
    return [row[at] if isinstance(row, list) and len(row) > at else None for row in rows]


def _to_text(value: Any) -> str:
    """Return a key as text: 7, 7.0 and "7" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, (list, dict)) else str(value)
