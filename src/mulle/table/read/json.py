"""Tables in JSON: every shape that `DataFrame.to_json` writes, one object a line, or inside others.

    [{"a": 1}, ...]                          records
    {"a": [1, ...]}                          columns
    {"a": {"0": 1, ...}, ...}                columns, by the names of rows
    {"0": {"a": 1, ...}, ...}                rows, by their names
    {"columns": [...], "data": [[1], ...]}   split
    [[1, ...], ...]                          rows without names
    {"schema": {...}, "data": [{"a": 1}]}    table schema
    {"response": {"items": [{"a": 1}]}}      any of these inside other objects

source  RFC 8259 (JSON); pandas documentation, DataFrame.to_json, `orient`
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from mulle.errors import DataError
from mulle.table.read.frames import frame_of
from mulle.table.reading import Cells, Layout
from mulle.table.types.column import Repair
from mulle.table.types.options import ReadOptions

_MAX_DEPTH = 8
_SHOWN = 100  # characters of a key in an error
_NUMBERED = re.compile(r"\d+")
_ENDLESS = {"NaN": None, "Infinity": float("inf"), "-Infinity": float("-inf")}
_ROW = "index"


def read_json(text: str, where: str, options: ReadOptions) -> Cells:
    """Read the cells of a table in JSON, or of one JSON object a line.

    Raises:
        DataError: the text is not JSON, or not a table.

    >>> read_json('{"a": {"0": 1, "1": 2}}', "", ReadOptions()).frame.rows()
    [(1,), (2,)]
    """
    text = text.lstrip("\ufeff")
    layout, made = Layout(format="json"), []
    try:
        value = _decoded(text)
    except DataError as error:
        raise DataError(error.code, **{**error.values, "where": where}) from None
    except ValueError as error:
        value, layout = _json_lines(text, error, where), Layout(format="json-lines")
    table, path = _table_in(value)
    if path:
        made.append(Repair("json-nested", values={"key": ".".join(path)}))
    found = frame_of(_by_columns(table), repair=options.repair)
    if found is None:
        raise DataError("json-not-a-table", where=where, type=type(value).__name__)
    return replace(Cells(found[0], where, layout), repairs=(*made, *found[1]))


def _decoded(text: str) -> Any:
    """Decode JSON; as most programs do, numbers without end and NaN are let through.

    Raises:
        DataError: it is nested too deeply, or an object has a key twice.
        ValueError: it is not JSON.
    """
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        raise DataError("json-deep") from None
    except msgspec.DecodeError as error:
        if "NaN" not in text and "Infinity" not in text:
            raise
        try:
            return json.loads(
                text, parse_constant=_ENDLESS.__getitem__, object_pairs_hook=_whole_object
            )
        except RecursionError:
            raise DataError("json-deep") from None
        except DataError:
            raise
        except ValueError:
            raise error from None
    # A key that a decoder drops takes its colon with it; only where one may be gone is it named.
    if text.count(":") != msgspec.json.encode(value).count(b":") or "\\u003" in text:
        _refuse_twice(text)
    return value


def _refuse_twice(text: str) -> None:
    try:
        json.loads(text, object_pairs_hook=_whole_object)
    except DataError:
        raise
    except (ValueError, RecursionError):
        return  # it was decoded; whatever else is refused here is no key


def _whole_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, unless one of two values of a key would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise DataError("json-key-twice", name=twice[:_SHOWN])
    return found


def _json_lines(text: str, whole: Exception, where: str) -> list[Any]:
    lines = [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1)]
    lines = [(i, line) for i, line in lines if line not in {"", "[", "]", "],"}]
    rows = []
    for number, line in lines:
        try:
            rows.append(decode_line(line))
        except DataError as error:
            raise DataError(error.code, **error.values, where=where, line=number) from None
        except ValueError as error:
            alone = len(rows) == 0
            raise DataError(
                "json-invalid",
                where=where,
                line=None if alone else number,
                reason=whole if alone else error,
            ) from None
    return rows


def decode_line(line: str) -> Any:
    """Decode the JSON of one line, a comma behind it left out.

    Raises:
        ValueError: it is not JSON.
    """
    return _decoded(line.strip().lstrip("\ufeff\x1e").removesuffix(","))


def _table_in(value: Any) -> tuple[Any, list[str]]:
    """Find the table inside other objects, and the keys that lead to it."""
    if _is_table(value):
        return value, []
    best: tuple[int, Any, list[str]] = (0, value, [])
    stack: list[tuple[Any, list[str]]] = [(value, [])]
    while stack:
        here, path = stack.pop()
        if not isinstance(here, Mapping) or len(path) >= _MAX_DEPTH:
            continue
        for key, inner in here.items():
            if isinstance(inner, list) and _is_table(inner) and len(inner) > best[0]:
                best = (len(inner), inner, [*path, str(key)])
            elif isinstance(inner, Mapping) and _is_table(inner, inside=True):
                best = max(best, (1, inner, [*path, str(key)]), key=lambda one: one[0])
            else:
                stack.append((inner, [*path, str(key)]))
    return best[1], best[2]


def _is_table(value: Any, *, inside: bool = False) -> bool:
    if isinstance(value, list):
        return bool(value) and (all(isinstance(row, Mapping) for row in value) or _is_matrix(value))
    if not isinstance(value, Mapping) or not value:
        return False
    if {"columns", "data"} <= {*value} or {"schema", "data"} <= {*value}:
        return isinstance(value["data"], list)
    if all(isinstance(inner, list) for inner in value.values()):
        flat = all(not isinstance(cell, Mapping) for inner in value.values() for cell in inner[:5])
        return flat and len({len(inner) for inner in value.values()}) == 1
    if _is_nested(value):
        return len(value) > 1 or not inside
    return not inside and not any(isinstance(inner, (Mapping, list)) for inner in value.values())


def _is_matrix(value: Sequence[Any]) -> bool:
    return all(isinstance(row, list) for row in value) and len({len(row) for row in value}) == 1


def _is_nested(value: Mapping[str, Any]) -> bool:
    """Tell whether all values are mappings of the same keys to plain values."""
    inner = list(value.values())
    if not all(isinstance(one, Mapping) and one for one in inner):
        return False
    keys = {*inner[0]}
    alike = all(len(keys & {*one}) * 2 >= len(keys) for one in inner)
    return alike and not any(isinstance(c, (Mapping, list)) for one in inner for c in one.values())


def _by_columns(value: Any) -> Any:
    """Return a table as rows or columns that `frame_of` takes."""
    if isinstance(value, list) and value and _is_matrix(value) and value[0]:
        return {f"column_{i}": list(cells) for i, cells in enumerate(zip(*value, strict=True), 1)}
    if not isinstance(value, Mapping):
        return value
    if {"schema", "data"} <= {*value} and isinstance(value["data"], list):
        return _without_row_numbers(value["data"], value["schema"])
    if {"columns", "data"} <= {*value}:
        return {name: value[name] for name in ("columns", "data", "index") if name in value}
    if value and _is_nested(value):
        return _unnested(value)
    return value


def _without_row_numbers(rows: list[Any], schema: Any) -> list[Any]:
    key = schema.get("primaryKey") if isinstance(schema, Mapping) else None
    if key != ["index"] or not all(isinstance(row, Mapping) for row in rows):
        return rows
    if [row.get("index") for row in rows] != list(range(len(rows))):
        return rows
    return [{name: cell for name, cell in row.items() if name != "index"} for row in rows]


def _unnested(value: Mapping[str, Any]) -> Any:
    """Turn mappings of mappings into records: pandas writes columns first by default."""
    inner = list(value.values())
    if _rows_outside(value):
        rows = [dict(one) for one in inner]
        return _keep_names(rows, list(value))
    names = list(dict.fromkeys(name for one in inner for name in one))
    rows = [{column: one.get(name) for column, one in value.items()} for name in names]
    return _keep_names(rows, names)


def _rows_outside(value: Mapping[str, Any]) -> bool:
    inner = list(value.values())
    if all(map(_NUMBERED.fullmatch, inner[0])):
        return False
    if all(map(_NUMBERED.fullmatch, value)):
        return True
    mixed = sum(len({type(c) for c in one.values() if c is not None}) > 1 for one in inner)
    return mixed * 2 > len(inner) or (not mixed and len(value) > len(inner[0]))


def _keep_names(rows: list[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Keep the names of rows as a column, where they are more than numbers."""
    if all(map(_NUMBERED.fullmatch, names)) or any(_ROW in row for row in rows):
        return rows
    return [{_ROW: name, **row} for name, row in zip(names, rows, strict=True)]
