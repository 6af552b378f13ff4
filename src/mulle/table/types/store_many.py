"""Put many columns into their storage by a few queries, where their cells need nothing special.

A query costs Polars about as much for one column as for a thousand, so what most columns are (typed
numbers, numbers that Polars reads as they stand, text that is only trimmed) is stored together.
All other columns go through `store`, which is the one definition of what a cell means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from mulle.table.types.column import Column
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import PLAIN_FORMS, Notation
from mulle.table.types.text import cleaned, is_settled, without_nfc

_AT_ONCE = 200  # columns of a query: its plan takes time that grows with the square of their number
_MANY, _FEW = 1_000, 0.1  # cells of which it pays to find the distinct ones, and their share


def store_many(values: Sequence[pl.Series], columns: Sequence[Column]) -> dict[int, pl.Series]:
    """Store the columns of which no cell needs a repair that is listed, and none is unread.

    Args:
        values: n cells of any type, one series a column.
        columns: what they have to become, in the same order.

    Returns:
        By position the series that `store` would give; the other columns are left to it.
    """
    stored: dict[int, pl.Series] = {}
    for begin in range(0, len(values), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        found = _store_some(values[some], columns[some])
        stored |= {begin + at: series for at, series in found.items()}
    return stored


def _store_some(values: Sequence[pl.Series], columns: Sequence[Column]) -> dict[int, pl.Series]:
    names = [str(i) for i in range(len(values))]  # a name like "*" would mean other columns
    frame = pl.DataFrame([v.alias(name) for v, name in zip(values, names, strict=True)])
    numbers, texts, written = [], [], []
    for name, given, column in zip(names, values, columns, strict=True):
        if column.storage is Storage.string:
            if given.dtype == pl.String and column.notation.form not in {"number", "pixels"}:
                texts.append(name)
        elif column.storage is Storage.number and _keeps_typed_numbers(column.notation):
            if given.dtype.is_numeric() or given.dtype == pl.Boolean:
                numbers.append(name)
            elif given.dtype == pl.String and _reads_as_it_stands(column.notation):
                written.append(name)
    notations = {name: columns[int(name)].notation for name in (*texts, *written)}
    stored = _numbers(frame, [*numbers, *_readable(frame, written, notations)])
    stored |= _texts(frame, texts, notations)
    return {int(name): found.alias(columns[int(name)].name) for name, found in stored.items()}


def _keeps_typed_numbers(notation: Notation) -> bool:
    """Tell whether typed numbers are stored as they are: in no unit, none of them missing."""
    return notation.scale == 1.0 and not notation.missing and notation.form != "limit-side"


def _reads_as_it_stands(notation: Notation) -> bool:
    """Tell whether a cell that Polars reads as a number is that number."""
    return notation.decimal == "." and notation.form in PLAIN_FORMS


def _readable(
    frame: pl.DataFrame, names: Sequence[str], notations: Mapping[str, Notation]
) -> list[str]:
    """Return the text columns of which Polars reads every cell that is not empty."""
    found = []
    for notation, alike in _by_notation(names, notations):
        blank = "missing-token" in notation.repairs and "" not in notation.not_missing
        read = pl.all().cast(pl.Float64, strict=False).is_not_null() | pl.all().is_null()
        found += _true(frame.select(alike), ((pl.all() == "") | read if blank else read).all())
    return found


def _numbers(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.Series]:
    """Return columns as finite numbers; those that hold an infinity are left out."""
    read = frame.select(names).select(pl.all().cast(pl.Float64, strict=False).fill_nan(None))
    return {name: read[name] for name in _true(read, pl.all().is_infinite().any().not_())}


def _texts(
    frame: pl.DataFrame, names: Sequence[str], notations: Mapping[str, Notation]
) -> dict[str, pl.Series]:
    """Return columns of text after the repairs of their notation."""
    stored = {name: frame[name] for name in names if _needs_none(frame[name], notations[name])}
    left = [name for name in names if name not in stored]
    for notation, alike in _by_notation(left, notations):
        given = frame.select(alike)
        settled = _true(given, is_settled(pl.all()))
        others = [name for name in alike if name not in {*settled}]
        for some, kept in ((settled, without_nfc(notation)), (others, notation)):
            read = given.select(some).select(cleaned(pl.all(), kept, Storage.string).name.keep())
            stored |= {name: read[name] for name in some}
    return stored


def _needs_none(cells: pl.Series, notation: Notation) -> bool:
    """Tell of many cells of few distinct texts, by those, whether none needs a repair."""
    if len(cells) < _MANY or cells.head(_MANY).n_unique() > _MANY * _FEW:
        return False
    distinct = cells.alias("x").unique().to_frame()
    if distinct.height > len(cells) * _FEW:
        return False
    return distinct.select(cleaned(pl.col("x"), notation, Storage.string).alias("x")).equals(
        distinct
    )


def _by_notation(
    names: Sequence[str], notations: Mapping[str, Notation]
) -> list[tuple[Notation, list[str]]]:
    """Return the columns of each notation, so that one expression does for all of them."""
    groups: dict[Notation, list[str]] = {}
    for name in names:
        groups.setdefault(notations[name], []).append(name)
    return [*groups.items()]


def _true(frame: pl.DataFrame, asked: pl.Expr) -> list[str]:
    """Return the columns of which an expression of one truth each is true."""
    if not frame.width:
        return []
    found = frame.select(asked).row(0)
    return [name for name, one in zip(frame.columns, found, strict=True) if one]
