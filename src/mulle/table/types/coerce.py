"""Put each column of a table into its storage, in the notation that its cells speak for.

    plain numbers    taken as they are, all columns in one pass (`text_stats`)
    other text       what its distinct cells allow (`numbers`, `dates`), then what the columns
                     beside it say (`choose`); text where neither decides
    typed columns    stored as their type says
    given kinds      stored as asked, or refused with the cells that cannot be (`given`)

No cell is lost: a column is read as numbers or dates only where every cell is one, or a word for
missing that is listed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from mulle.table.types.choose import Choice, choose
from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Column
from mulle.table.types.dates import DATES
from mulle.table.types.given import coerce_given
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.marks import settle_marks
from mulle.table.types.missing import settle_words
from mulle.table.types.notation import Notation
from mulle.table.types.numbers import NUMBERS
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.store import store
from mulle.table.types.text import AS_WRITTEN, CLEAN, TEXT, repair_text
from mulle.table.types.text_stats import EXACT, TextStats, text_stats


def coerce(frame: pl.DataFrame, options: ReadOptions, delimiter: str = "") -> list[Coerced]:
    """Put each column of a frame into its storage.

    Args:
        frame: n rows, columns of any type but nested ones.
        options: what a person has decided.
        delimiter: of the file that the cells stood in.

    Raises:
        DataError: a column cannot be of the kind given.
    """
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    stats = text_stats(frame, texts, CLEAN if options.repair else AS_WRITTEN)
    unsure = {name: found.clean for name, found in stats.items() if _is_unsure(found)}
    choices = choose(unsure, options, delimiter)
    coerced = [
        _coerce_one(frame[name], stats.get(name), choices.get(name), options)
        for name in frame.columns
    ]
    return settle_marks(frame, settle_words(frame, coerced, options))


def _is_unsure(stats: TextStats) -> bool:
    return stats.digits and not (stats.plain or stats.codes or stats.truth)


def _coerce_one(
    raw: pl.Series, stats: TextStats | None, choice: Choice | None, options: ReadOptions
) -> Coerced:
    asked = options.asked_of(raw.name)
    if asked.kind is not None:
        coerced = coerce_given(raw, asked, stats)
    elif stats is None:
        coerced = _typed(raw, asked)
    elif stats.plain and not stats.codes:
        coerced = _numbers(stats.numbers, asked, finite=stats.finite)
    else:
        coerced = _text(stats, asked, choice)
    if stats is None:
        return coerced
    words = coerced.column.storage is not Storage.string  # more of them mean missing there
    touched = stats.touched or (words and not stats.plain)
    return _with_text_repairs(raw, coerced) if touched else coerced


def _repairs(storage: Storage, asked: ColumnOptions) -> tuple[str, ...]:
    """Return the repairs of a column whose cells need none, for cells that come later."""
    if asked.repairs is not None:
        return asked.repairs
    return (*TEXT, *{Storage.date: DATES, Storage.number: NUMBERS}.get(storage, ()))


def _stored(values: pl.Series, column: Column) -> tuple[Coerced, pl.Series]:
    """Store a column of clean cells; the second value says where one could not be read."""
    kept, unread, made = store(values, column, clean=True)
    return Coerced(kept, column, tuple(made)), unread


def _column(name: str, kind: Kind, asked: ColumnOptions, **known: Any) -> Column:
    notation = Notation(repairs=_repairs(kind.storage, asked), form=known.pop("form", ""))
    return Column(name, kind, kind.storage, notation=notation, **known)


def _numbers(values: pl.Series, asked: ColumnOptions, *, finite: bool = False) -> Coerced:
    if asked.repairs is None and (dates := _digit_dates(values, asked)):
        return dates
    column = _column(values.name, Kind.continuous, asked)
    if finite:  # nothing left to do, and there may be thousands of such columns
        return Coerced(values, column)
    return _stored(values, column)[0]


def _digit_dates(values: pl.Series, asked: ColumnOptions) -> Coerced | None:
    """Read integers like 20240301, if every one of them is a day between 1900 and 2100."""
    low, high = values.min(), values.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    if low < 19_000_101 or high > 21_001_231 or low == high:
        return None
    column = _column(values.name, Kind.datetime, asked, form="digits")
    coerced, unread = _stored(values, column)
    return None if unread.any() else coerced


def _typed(values: pl.Series, asked: ColumnOptions) -> Coerced:
    """Store a column whose type was known before reading."""
    dtype, name = values.dtype, values.name
    if isinstance(dtype, pl.Enum):
        order = tuple(dtype.categories.to_list())
        column = _column(name, Kind.ordinal, asked, reason="dtype", categories=order)
    elif dtype == pl.Boolean:
        column = _column(name, Kind.boolean, asked, reason="dtype", form="truth")
    elif dtype in (pl.Date, pl.Datetime):
        column = _column(name, Kind.datetime, asked)
    elif dtype.is_integer() and _loses_digits(values):
        unique = values.n_unique() == len(values)
        column = _column(name, Kind.id if unique else Kind.nominal, asked, reason="long-digits")
    elif dtype.is_integer():
        return _numbers(values, asked)
    elif dtype.is_numeric() or dtype == pl.Duration:
        column = _column(name, Kind.continuous, asked)
    else:
        column = _column(name, Kind.nominal, asked)
    return _stored(values, column)[0]


def _loses_digits(values: pl.Series) -> bool:
    """Tell whether float64 would make one number of several."""
    low, high = values.min(), values.max()
    if not isinstance(low, int) or not isinstance(high, int) or max(-low, high) < EXACT:
        return False
    return values.cast(pl.Float64).n_unique() < values.n_unique()


def _text(stats: TextStats, asked: ColumnOptions, choice: Choice | None) -> Coerced:
    """Store a text column as what was chosen for it."""
    values = stats.clean
    if stats.codes:
        unique = values.n_unique() == len(values)
        kind, reason = (Kind.id, "all-unique") if unique else (Kind.nominal, "leading-zeros")
        return _stored(values, _column(values.name, kind, asked, reason=reason))[0]
    if stats.truth and stats.filled:
        column = _column(values.name, Kind.boolean, asked, reason="true-false", form="truth")
        return _stored(values, column)[0]
    if choice is None or choice.storage is Storage.string:
        doubts = choice.doubts if choice else ()
        return Coerced(values, _column(values.name, Kind.nominal, asked), doubts=doubts)
    kind = Kind.datetime if choice.storage is Storage.date else Kind.continuous
    column = Column(values.name, kind, choice.storage, notation=choice.notation)
    return replace(_stored(values, column)[0], left_out=choice.left_out)


def _with_text_repairs(raw: pl.Series, coerced: Coerced) -> Coerced:
    _, made = repair_text(raw, coerced.column.notation, coerced.column.storage)
    listed = [
        # An empty cell of a CSV arrives as null; an empty string is no repair worth a line.
        r
        for r in made
        if not (r.code == "missing-token" and r.values["before"] == "")
    ]
    return replace(coerced, repairs=(*listed, *coerced.repairs))
