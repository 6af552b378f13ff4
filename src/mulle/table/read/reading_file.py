"""A reading as decisions and as TOML: written by `mulle read -o`, edited by hand, and given back.

    encoding = "cp949"
    header = 2

    [columns."가격"]
    kind = "continuous"
    storage = "number"
    decimal = ","
    thousands = "."

Keys are those of `ReadOptions`, in a table of `columns` those of `ColumnOptions`. A column that is
in doubt has no kind in the file, so that it is asked again until a person decides.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from mulle.constraints import AnyOf, Choice, Constraint, Flag, Interval, Listing, Text
from mulle.errors import DataError, MissingFile, UnknownName, UsageError
from mulle.i18n import Messages
from mulle.settings import InvalidSetting, to_toml
from mulle.table.reading import Layout, Reading
from mulle.table.sentences import describe
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.notation import DATE_ORDERS, DECIDED, Decimal, Form
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.text import AS_WRITTEN

_TEXTS = Listing(Text())
MAX_ROWS_ABOVE = 1_000_000  # of a file, that its header stands below
_SHARED: dict[str, Constraint] = {
    "decimal": Choice(*get_args(Decimal)),
    "dates": Choice(*DATE_ORDERS),
    "missing": _TEXTS,
    "not_missing": _TEXTS,
}
COLUMN_KEYS: dict[str, Constraint] = {
    "kind": Choice(*(kind.value for kind in Kind)),
    "storage": Choice(*(storage.value for storage in Storage)),
    "order": Listing(Text(), distinct=True),
    "keep": Flag(),
    "fold_case": Flag(),
    "repairs": _TEXTS,
    "thousands": Text(),
    "unit": Text(),
    "scale": Interval(float, 0, closed="neither"),
    "percent": Choice("points", "fraction"),
    "form": Choice(*get_args(Form)),
    **_SHARED,
}
FILE_KEYS: dict[str, Constraint] = {
    "encoding": Text(),
    "delimiter": Text(),
    "skip": Interval(int, 0, MAX_ROWS_ABOVE),
    "header": Interval(int, 0, MAX_ROWS_ABOVE),
    "sheet": AnyOf(Text(), Interval(int, 0)),
    "keep_rows": Flag(),
    "repair": Flag(),
    "drop": _TEXTS,
    **_SHARED,
}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
AS_FOUND = ReadOptions()


def check_decision(key: str, value: Any) -> None:
    """Refuse a decision about the file or all columns that is out of range, or no choice.

    Raises:
        InvalidSetting: the value is not accepted.
    """
    _check_table({key: value}, FILE_KEYS, "", "")


def load_reading(path: str | os.PathLike[str]) -> ReadOptions:
    """Load the decisions that a TOML file holds.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is not TOML, or a value cannot be used.
        UnknownName: a key that does not exist.
    """
    file = Path(path)
    if not file.exists():
        raise MissingFile("file-missing", path=file)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError("file-unreadable", path=file, reason=reason) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("reading-not-toml", where=file, error=error) from None
    return check_decisions(content, file)


def check_decisions(content: Mapping[str, Any], where: object = "") -> ReadOptions:
    """Return decisions from keys and values.

    Args:
        content: of a TOML file, or a dict that a caller wrote in the same way.
        where: the file, for messages.

    Raises:
        UsageError: a value cannot be used.
        UnknownName: a key that does not exist.
    """
    known = {key: value for key, value in content.items() if key != "columns"}
    _check_table(known, FILE_KEYS, "", where, further=("columns",))
    columns = content.get("columns", {})
    for name, table in columns.items() if isinstance(columns, Mapping) else ():
        if not isinstance(table, Mapping):
            raise UsageError("reading-no-table", where=where, column=name)
        _check_table(table, COLUMN_KEYS, name, where)
    if not isinstance(columns, Mapping):
        raise UsageError("reading-no-table", where=where, column="NAME")
    found = msgspec.convert(content, ReadOptions)
    decided = {name: own.for_its_kind() for name, own in found.columns.items()}
    kept = {name: own for name, own in decided.items() if own != ColumnOptions()}
    return msgspec.structs.replace(found, columns=kept)


def _check_table(
    table: Mapping[str, Any],
    known: Mapping[str, Constraint],
    column: str,
    where: object,
    further: tuple[str, ...] = (),
) -> None:
    place = f"columns.{_key(column)}" if column else ""
    for key, value in table.items():
        if key not in known:
            at = f"{where} [{place}]" if column else where
            raise UnknownName("reading-key-unknown", "key", key, (*known, *further), at)
        empty = isinstance(value, list | tuple) and not value and isinstance(known[key], Listing)
        if not empty and not known[key].accepts(value):
            name = f"{place}.{key}" if column else key
            raise InvalidSetting("reading", name, value, known[key], where)


def decisions_of(reading: Reading, before: ReadOptions = AS_FOUND) -> ReadOptions:
    """Return the decisions that read the same file in the same way.

    Args:
        reading: of the file.
        before: the decisions that it was read with.
    """
    doubted = {doubt.column for doubt in reading.doubts}
    return msgspec.structs.replace(
        before,
        **_layout(reading.layout),
        columns={
            column.name: _decided(column, before.columns.get(column.name))
            for column in reading.columns
            if column.name not in doubted and not column.source
        },
    )


def _layout(layout: Layout) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if layout.encoding:
        found["encoding"] = layout.encoding
    if layout.format == "csv":
        found |= {"delimiter": layout.delimiter} if layout.delimiter else {}
    if layout.format in {"csv", "blanks", "excel", "html"}:
        found |= {"skip": layout.skip, "header": layout.header}
    return found | ({"sheet": layout.sheet} if layout.sheet else {})


def _decided(column: Column, before: ColumnOptions | None) -> ColumnOptions:
    notation = column.notation
    unusual = {
        name: getattr(notation, name)
        for name in DECIDED
        if getattr(notation, name) != getattr(AS_WRITTEN, name)
    }
    if column.storage is Storage.number:
        unusual |= {"decimal": notation.decimal, "thousands": notation.thousands}
    return ColumnOptions(
        kind=column.kind,
        storage=column.storage,
        order=column.categories,
        keep=before is not None and before.keep,
        **{"repairs": (), **unusual},
    )


def write_reading(
    reading: Reading, source: str, words: Messages, before: ReadOptions = AS_FOUND
) -> str:
    """Return a reading as TOML, with what was found as comments.

    Args:
        reading: of a file.
        source: its name.
        words: of the language of the comments.
        before: the decisions that it was read with.
    """
    file = msgspec.to_builtins(decisions_of(reading, before))
    columns = file.pop("columns", {})
    head = _comment(words("reading-file.head", source=source))
    lines = [head, *([""] if file else []), *_lines(file)]
    for column in reading.columns:
        if column.source:
            continue
        lines += ["", f"[columns.{_key(column.name)}]"]
        lines += [_comment(line) for line in _notes(column, reading, words)]
        lines += _lines(columns.get(column.name, {}))
    return "\n".join(lines) + "\n"


def _notes(column: Column, reading: Reading, words: Messages) -> Iterator[str]:
    """Yield why a column has its kind, or what is asked about it."""
    asked = [doubt for doubt in reading.doubts if doubt.column == column.name]
    for doubt in asked:
        yield " ".join(describe(doubt, words))
    if asked:
        yield f'kind = "{column.kind}"'
    elif column.reason:
        yield words.name("reason", column.reason)


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        yield f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    """Return a value as TOML, which wants one character more to be escaped than JSON."""
    return to_toml(value).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _comment(text: str) -> str:
    """Return a comment of one line; control characters are none in TOML."""
    return "# " + re.sub(r"[\x00-\x1f\x7f]+", " ", text)
