"""Read a table from a file or a frame: decode, parse, repair, infer kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from mulle.errors import DataError, UnknownName
from mulle.table.read.sources import load
from mulle.table.schema import Schema, Table
from mulle.table.types.coerce import coerce
from mulle.table.types.infer import infer
from mulle.table.types.kinds import Kind


def read(
    source: Any,
    *,
    encoding: str | None = None,
    kinds: Mapping[str, str | Kind] | None = None,
    repair: bool = True,
    drop: Iterable[str] = (),
    sheet: str | int | None = None,
) -> Table:
    """Read a table of n rows, with everything that was changed to read it.

    Args:
        source: a path (CSV, TSV, Parquet, Arrow, JSON, NDJSON, Excel; recognised by content), a
            Polars, pandas or Arrow frame, a list of dicts, or a dict of lists.
        encoding: of a text file; found out if None.
        kinds: kinds that you decide, by column name.
        repair: False leaves text, numbers and dates as they were written; only plain numbers and
            ISO dates are then read as such.
        drop: columns to leave out.
        sheet: of an Excel file, by name or position from 0; the first if None.

    Raises:
        MissingFile: there is no such file.
        DataError: the file is damaged, empty, or not a table.
        UnknownName: a column, kind, encoding or sheet that does not exist.
        UsageError: `source` is no table.

    >>> table = read({"price": ["1,200원", "3만원"], "city": [" 서울", "부산"]})
    >>> table.frame.rows()
    [(1200.0, '서울'), (30000.0, '부산')]
    >>> [repair.code for repair in table.repairs]
    ['currency', 'korean-units', 'thousands', 'whitespace']
    """
    frame, loaded, name = load(source, encoding=encoding, repair=repair, sheet=sheet)
    frame = _without(frame, list(drop), name)
    _check_rows(frame, name)
    coerced = coerce(frame, _kinds(kinds or {}, frame.columns), repair=repair)
    schema = Schema(tuple(infer(coerced)))
    stored = pl.DataFrame([column.values for column in coerced])
    repairs = [*loaded, *(made for column in coerced for made in column.repairs)]
    return Table(stored, schema, tuple(repairs), source=name)


def read_cells(
    source: Any, *, encoding: str | None = None, sheet: str | int | None = None
) -> tuple[pl.DataFrame, str]:
    """Read a table's layout and leave its cells as they were written, for a known notation.

    Args:
        source, encoding, sheet: as in `read`.

    Returns:
        The cells, and the name of the source.

    Raises:
        MulleError: as `read`.
    """
    frame, _, name = load(source, encoding=encoding, sheet=sheet)
    return frame, name


def _without(frame: pl.DataFrame, names: list[str], source: str) -> pl.DataFrame:
    for name in names:
        if name not in frame.columns:
            raise UnknownName("column-unknown", "column", name, frame.columns, source)
    return frame.drop(names)


def _check_rows(frame: pl.DataFrame, source: str) -> None:
    if frame.width == 0:
        raise DataError("table-empty", where=source)
    if frame.height == 0:
        raise DataError("table-header-only", where=source, columns=frame.columns)


def _kinds(kinds: Mapping[str, str | Kind], names: list[str]) -> dict[str, Kind]:
    out = {}
    for name, kind in kinds.items():
        if name not in names:
            raise UnknownName("column-unknown", "column", name, names)
        if kind not in {*Kind}:
            raise UnknownName("kind-unknown", "kind", str(kind), [k.value for k in Kind])
        out[name] = Kind(kind)
    return out
