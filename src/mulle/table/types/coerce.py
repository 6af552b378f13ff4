"""Settle how each column is stored: text becomes numbers or dates where nearly all of it reads so.

All columns are surveyed in one pass of Polars; only columns that are not plain numbers are then
looked at one by one, first on a sample. A column counts as numbers (or dates) when at least 95 % of
its values read so; the rest is then missing, and that is a listed repair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.types import (
    DATES,
    NONE_WORDS,
    NUMBERS,
    TEXT,
    order_of,
    parse_dates,
    parse_numbers,
    repair_text,
    store,
)
from mulle.table.types.column import Column, Repair
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.text_stats import EXACT, TextStats, text_stats

_READABLE = 0.95  # share of values that must read as numbers or dates
_SAMPLE = 1000
_NOTATION = {"compact-date", "day-first", "month-first", "number-text", "truth"}  # no repairs
_UNDECIDED = ""  # the reason of a column whose kind is still to be inferred


@dataclass(frozen=True)
class Coerced:
    """A column in its storage; `column.reason` is empty while its kind is undecided."""

    values: pl.Series
    column: Column
    repairs: tuple[Repair, ...] = ()


def coerce(frame: pl.DataFrame, given: Mapping[str, Kind], *, repair: bool) -> list[Coerced]:
    """Put each column of a frame into its storage.

    Args:
        frame: n rows, columns of any type but nested ones.
        given: kinds that the user has decided.
        repair: whether values may be changed to be understood.

    Raises:
        DataError: a column cannot be of the kind given.
    """
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    stats_of = text_stats(frame, texts, TEXT if repair else ())
    out = []
    for name in frame.columns:
        if name in given:
            coerced = _as_given(frame[name], given[name], stats_of.get(name), repair=repair)
        elif name not in stats_of:
            coerced = _typed(frame[name], repair=repair)
        elif stats_of[name].plain and not stats_of[name].codes:
            coerced = _numbers(stats_of[name].numbers, repair=repair, finite=stats_of[name].finite)
        else:
            coerced = _text(stats_of[name].clean, stats_of[name], repair=repair)
        words = coerced.column.storage is not Storage.string  # more of them mean missing there
        if name in stats_of and (stats_of[name].touched or (words and not stats_of[name].plain)):
            coerced = _with_text_repairs(frame[name], coerced)
        out.append(coerced)
    return out


def _codes(storage: Storage, *, repair: bool, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    if not repair:
        return tuple(code for code in more if code in _NOTATION)
    numbers = storage is Storage.number or "number-text" in more
    own = DATES if storage is Storage.date else NUMBERS if numbers else ()
    return (*TEXT, *own, *more)


def _stored(
    values: pl.Series,
    kind: Kind,
    storage: Storage,
    *,
    repair: bool,
    reason: str = _UNDECIDED,
    more: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    clean: bool = True,
) -> tuple[Coerced, int]:
    """Store the column, and count the values that could not be read."""
    codes = _codes(storage, repair=repair, more=more)
    column = Column(values.name, kind, storage, reason, {}, codes, categories)
    if clean and not more and storage is Storage.string and values.dtype == pl.String:
        return Coerced(values, column), 0
    stored, unread, made = store(values, column, clean=clean)
    count = int(unread.sum())
    if count:
        example = {"before": str(values.filter(unread)[0]), "after": None}
        made = [*made, Repair("mixed-types", values.name, count, example)]
        column = msgspec.structs.replace(column, repairs=(*codes, "mixed-types"))
    return Coerced(stored, column, tuple(made)), count


def _numbers(values: pl.Series, *, repair: bool, finite: bool = False) -> Coerced:
    if repair and (dates := _compact_dates(values)):
        return dates
    if finite:  # nothing left to do, and there may be thousands of such columns
        codes = _codes(Storage.number, repair=repair)
        return Coerced(values, Column(values.name, Kind.continuous, Storage.number, repairs=codes))
    return _stored(values, Kind.continuous, Storage.number, repair=repair)[0]


def _compact_dates(values: pl.Series) -> Coerced | None:
    """Read integers like 20240301, if every one of them is a day between 1900 and 2100."""
    low, high = values.min(), values.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    if low < 19_000_101 or high > 21_001_231 or low == high:
        return None
    coerced, unread = _stored(
        values, Kind.datetime, Storage.date, repair=True, more=("compact-date",)
    )
    return None if unread else coerced


def _typed(values: pl.Series, *, repair: bool) -> Coerced:
    """Store a column whose type was known before reading."""
    dtype = values.dtype
    if isinstance(dtype, pl.Enum):
        order = tuple(dtype.categories.to_list())
        return _stored(
            values, Kind.ordinal, Storage.string, repair=repair, reason="dtype", categories=order
        )[0]
    if dtype == pl.Boolean:
        return _stored(
            values, Kind.boolean, Storage.number, repair=repair, reason="dtype", more=("truth",)
        )[0]
    if dtype in (pl.Date, pl.Datetime):
        return _stored(values, Kind.datetime, Storage.date, repair=repair)[0]
    if dtype.is_integer() and _beyond(values) and values.n_unique() == len(values):
        return _stored(values, Kind.id, Storage.string, repair=repair, reason="long-digits")[0]
    if dtype.is_integer():
        return _numbers(values, repair=repair)
    if dtype.is_numeric() or dtype == pl.Duration:
        return _stored(values, Kind.continuous, Storage.number, repair=repair)[0]
    return _stored(values, Kind.nominal, Storage.string, repair=repair)[0]


def _beyond(values: pl.Series) -> bool:
    low, high = values.min(), values.max()
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) >= EXACT


def _text(values: pl.Series, survey: TextStats, *, repair: bool) -> Coerced:
    """Store a text column as what most of a sample reads as; as text if that is nothing."""
    if survey.codes:
        unique = values.n_unique() == len(values)
        kind, reason = (Kind.id, "all-unique") if unique else (Kind.nominal, "leading-zeros")
        return _stored(values, kind, Storage.string, repair=repair, reason=reason)[0]
    if survey.truth and survey.filled:
        return _stored(
            values,
            Kind.boolean,
            Storage.number,
            repair=repair,
            reason="true-false",
            more=("truth",),
        )[0]
    if survey.digits:
        found = _as_written(values, repair=repair)
        if found:
            return found
    return _stored(values, Kind.nominal, Storage.string, repair=repair)[0]


def _as_written(values: pl.Series, *, repair: bool) -> Coerced | None:
    """Read numbers or dates, if a sample reads as such."""
    filled = values.alias("").drop_nulls()  # see Table.column
    if repair:
        filled = filled.filter(~filled.is_in(sorted(NONE_WORDS)))
    sample = filled.gather_every(max(1, len(filled) // _SAMPLE))
    if not len(sample):
        return None
    numbers = _as_numbers(values, sample, repair=repair)
    return numbers or _as_dates(values, sample, repair=repair)


def _as_numbers(values: pl.Series, sample: pl.Series, *, repair: bool) -> Coerced | None:
    read, _ = parse_numbers(sample, NUMBERS if repair else ())
    if read.null_count() > 0.1 * len(sample):
        return None
    found = _stored(values, Kind.continuous, Storage.number, repair=repair)
    return _readable(*found, repair=repair)


def _as_dates(values: pl.Series, sample: pl.Series, *, repair: bool) -> Coerced | None:
    order = order_of(sample)
    more = (order,) if order else ()
    read, _ = parse_dates(sample, (*DATES, *more) if repair else more)
    if read.null_count() > 0.1 * len(sample):
        return None
    more = (order_of(values),) if order else ()
    found = _stored(values, Kind.datetime, Storage.date, repair=repair, more=more)
    return _readable(*found, repair=repair)


def _readable(coerced: Coerced, unread: int, *, repair: bool) -> Coerced | None:
    valid = len(coerced.values) - coerced.values.null_count()
    allowed = (1 - _READABLE) * (valid + unread) if repair else 0
    return coerced if valid and unread <= allowed else None


def _as_given(values: pl.Series, kind: Kind, survey: TextStats | None, *, repair: bool) -> Coerced:
    """Store the column as the kind that the user wants."""
    storage = kind.storage
    more: tuple[str, ...] = ()
    if kind in {Kind.id, Kind.constant, Kind.image}:
        storage = Storage.number if values.dtype.is_numeric() else Storage.string
    elif kind is Kind.boolean:
        more = ("truth",)
    elif storage is Storage.date:
        first = order_of(values) if values.dtype == pl.String else ""
        more = ("compact-date", first) if first else ("compact-date",)
    elif storage is Storage.string and _all_numbers(values, survey, repair=repair):
        more = ("number-text",)
    coerced, unread = _stored(
        values, kind, storage, repair=repair, reason="given", more=more, clean=False
    )
    valid = len(values) - coerced.values.null_count()
    if unread > valid:
        example = coerced.repairs[-1].values["before"]
        raise DataError(
            "kind-impossible",
            column=values.name,
            kind=kind.value,
            count=unread,
            received=example,
            expected=storage.value,
        )
    if kind is Kind.ordinal:
        order = _order(coerced.values)
        ranked = msgspec.structs.replace(coerced.column, categories=order)
        coerced = replace(coerced, column=ranked)
    return coerced


def _all_numbers(values: pl.Series, survey: TextStats | None, *, repair: bool) -> bool:
    """Tell whether categories are written as numbers, so that "1" and "1.0" are the same one."""
    if survey is None:
        return values.dtype.is_numeric()
    if survey.codes or not survey.filled:
        return False
    text, _ = repair_text(values, TEXT if repair else (), Storage.string)
    read, _ = parse_numbers(text.alias("x"), NUMBERS if repair else ())
    return read.null_count() == text.null_count()


def _order(values: pl.Series) -> tuple[str, ...]:
    """Order categories by their number where all are numbers, else by the alphabet."""
    unique = values.drop_nulls().unique().sort()
    numbers = unique.cast(pl.Float64, strict=False)
    if not numbers.null_count():
        unique = unique.gather(numbers.arg_sort())
    return tuple(unique.to_list())


def _with_text_repairs(raw: pl.Series, coerced: Coerced) -> Coerced:
    _, made = repair_text(raw, coerced.column.repairs, coerced.column.storage)
    listed = [
        # An empty cell of a CSV arrives as null; an empty string is no repair worth a line.
        r
        for r in made
        if not (r.code == "missing-token" and r.values["before"] == "")
    ]
    return replace(coerced, repairs=(*listed, *coerced.repairs))
