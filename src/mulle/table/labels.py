"""Read a table to learn from: its target stays as it is written where it is classes.

The classes of a target answer in the words that a person gave them: `10%`, `20%` and `none` are
three classes, not two numbers and a blank. A measurement is read as numbers by its notation, in
the unit of its cells: a header's 만원 multiplies a feature, never the answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.table import read_cells, read_meaning
from mulle.table.reading import Cells
from mulle.table.schema import Schema, Table
from mulle.table.target import MAX_INTEGER_CLASSES, task_of
from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Column, Doubt
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.missing import NO_ANSWER, settle_column, words_beside
from mulle.table.types.notation import Notation
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.store import store
from mulle.table.types.text import NONE_WORDS, TEXT, repair_text

MIN_CLASS_SHARE = 0.1  # of the rows, on average, in classes that are written as decimals
#: formats whose cells have no type: `1` may be a number there
_UNTYPED = {"csv", "blanks", "html", "excel"}
_WHOLE, _DECIMAL = r"^-?(?:0|[1-9]\d*)$", r"^-?(?:0|[1-9]\d*)\.(?:0|\d*[1-9])$"
_TRUTH = r"^(?i:true|false)$"


def read_for(source: Any, target: str, options: ReadOptions, task: str | None = None) -> Table:
    """Read a table whose target is to be learned.

    Args:
        source: as in `mulle.read`.
        target: the name of its column.
        options: what a person has decided.
        task: the one that is wanted, or None.

    Raises:
        UnknownName: there is no such column.
        DataError: several columns have the target's name.
        MulleError: as `mulle.read`.
    """
    return meaning_for(read_cells(source, options), target, options, task)


def meaning_for(cells: Cells, target: str, options: ReadOptions, task: str | None = None) -> Table:
    """Find what the cells of a table mean of which one column is to be learned.

    Args:
        cells: as they were written.
        target, options, task: as in `read_for`.

    Raises:
        MulleError: as `read_for`.
    """
    _check_once(cells, target)
    table = read_meaning(cells, options)
    column = table.schema[target]
    asked = options.asked_of(target)
    if asked.kind is not None or column.storage is Storage.date:
        return table
    raw = cells.frame[target]
    if asked.scale is None and column.notation.scale != 1.0:
        table = _in_its_unit(table, raw, column)
    text = column.storage is Storage.string and column.notation.form != "number"
    if text and table.column(target).n_unique() <= MAX_INTEGER_CLASSES:
        return _without_question(table, target)
    if raw.dtype != pl.String or text or task == "regression":
        return table
    typed = cells.layout.format not in _UNTYPED
    if task is None and not _are_classes(table, column, raw):
        return table
    return _as_written(table, cells, raw, asked, typed=typed)


def _check_once(cells: Cells, target: str) -> None:
    """Refuse a table in which several columns had the target's name."""
    for repair in cells.repairs:
        if repair.code != "header-duplicate":
            continue
        known = repair.values.get("before") == target
        if known or (repair.count > 1 and f"{target}_2" in cells.frame.columns):
            raise DataError("target-twice", where=cells.source, column=target)


def _without_question(table: Table, target: str) -> Table:
    """Return the table without the doubt whether a few classes, some in digits, are numbers."""
    doubts = tuple(
        doubt
        for doubt in table.reading.doubts
        if (doubt.column, doubt.code) != (target, "cells-unread")
    )
    reading = msgspec.structs.replace(table.reading, doubts=doubts)
    return Table(table.frame, table.schema, reading, table.source, table.notes)


def _in_its_unit(table: Table, raw: pl.Series, column: Column) -> Table:
    notation = msgspec.structs.replace(column.notation, scale=1.0)
    column = msgspec.structs.replace(column, notation=notation)
    return _with(table, Coerced(store(raw, column)[0], column), keep=True)


def _are_classes(table: Table, column: Column, raw: pl.Series) -> bool:
    """Tell whether the cells of a column of numbers are classes rather than measurements."""
    counts = table.column(column.name).drop_nulls().value_counts()["count"]
    if not len(counts):
        return False
    if task_of(column, len(counts), least=counts.min()) != "regression":
        return True
    cells = raw.alias("cell")  # a name like "^a$" would mean other columns
    plain = cells.str.strip_chars().str.contains(r"^[-+]?[\d.]+(?:[eE][-+]?\d+)?$").all()
    few = len(counts) <= min(MAX_INTEGER_CLASSES, MIN_CLASS_SHARE * int(counts.sum()))
    return few and not plain and column.kind is Kind.continuous


def _as_written(
    table: Table, cells: Cells, raw: pl.Series, asked: ColumnOptions, *, typed: bool
) -> Table:
    """Return the table with the target as text, or as it is where its labels say the same."""
    name = raw.name
    repairs = TEXT if asked.repairs is None else tuple(r for r in TEXT if r in asked.repairs)
    column = Column(name, Kind.nominal, Storage.string, "as-written",
                    notation=Notation(repairs=repairs))  # fmt: skip
    text, made = repair_text(raw, column.notation, Storage.string)
    filled = text.alias("cell").drop_nulls()
    others = [one for one in table.schema.columns if one.name != name]
    known = [Coerced(table.frame[c.name], c) for c in others if c.name in cells.frame.columns]
    beside = words_beside(cells.frame, known)
    if filled.filter(~filled.is_in(sorted(NONE_WORDS))).str.contains(r"\d").all():
        beside |= NO_ANSWER
    coerced = settle_column(raw, Coerced(text, column, tuple(made)), beside, asked)
    kept = coerced.values.alias("cell").drop_nulls()
    reason = "" if typed else _says_the_same(kept, table.schema[name].reason)
    if reason:
        given = msgspec.structs.replace(table.schema[name], reason=reason)
        return _with(table, Coerced(table.frame[name], given), keep=True)
    words = kept.filter(kept.is_in(sorted(NONE_WORDS - NO_ANSWER))).value_counts(name="times")
    doubts = [
        Doubt("word-kept", name, times, {"word": word, "why": "written"})
        for word, times in words.sort("cell").iter_rows()
    ]
    return _with(table, replace(coerced, doubts=(*coerced.doubts, *doubts)))


def _says_the_same(cells: pl.Series, reason: str) -> str:
    """Return the reason of numbers whose labels are written as the cells are; "" for others."""
    if cells.str.contains(_WHOLE).all() or cells.str.contains(_TRUTH).all():
        return reason
    return "decimal-labels" if cells.str.contains(_DECIMAL).all() else ""


def _with(table: Table, coerced: Coerced, *, keep: bool = False) -> Table:
    """Return the table with one column read anew, and what is known of its reading.

    Args:
        keep: whether what was changed in the column before holds still.
    """
    name, before = coerced.column.name, table.reading
    columns = tuple(coerced.column if c.name == name else c for c in table.schema.columns)
    reading = msgspec.structs.replace(before, columns=columns)
    if not keep:
        reading = msgspec.structs.replace(
            reading,
            repairs=(*(r for r in before.repairs if r.column != name), *coerced.repairs),
            left_out=(*(o for o in before.left_out if o.column != name), *coerced.left_out),
            doubts=(*(d for d in before.doubts if d.column != name), *coerced.doubts),
        )
    frame = table.frame.with_columns(coerced.values.alias(name))
    return Table(frame, Schema(columns), reading, table.source, table.notes)
