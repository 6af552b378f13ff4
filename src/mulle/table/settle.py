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
from mulle.table.column import Column, Repair
from mulle.table.kinds import Kind, Storage
from mulle.table.repairs import (
    DATES,
    NONE_WORDS,
    NUMBERS,
    TEXT,
    cleaned,
    is_ascii,
    order_of,
    parse_dates,
    parse_numbers,
    repair_text,
    store,
    without_nfc,
)

_READABLE = 0.95  # share of values that must read as numbers or dates
_SAMPLE = 1000
_EXACT = 2.0**53  # beyond, float64 does not hold every integer
_UNDECIDED = ""  # the reason of a column whose kind is still to be inferred


@dataclass(frozen=True)
class Settled:
    """A column in its storage; `column.reason` is empty while its kind is undecided."""

    values: pl.Series
    column: Column
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class _Survey:
    """What one pass over a text column tells."""

    touched: bool  # the text repairs change something
    filled: bool  # there is a value at all
    plain: bool  # all values are plain numbers
    codes: bool  # digits with leading zeros, or keys too long for float64


def settle(frame: pl.DataFrame, given: Mapping[str, Kind], *, repair: bool) -> list[Settled]:
    """Each column of a frame in its storage.

    Args:
        frame: n rows, columns of any type but nested ones.
        given: kinds that the user has decided.
        repair: whether values may be changed to be understood.

    Raises:
        DataError: a column cannot be of the kind given.
    """
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    clean = _clean(frame.select(texts), TEXT if repair else ())
    numbers = clean.select(pl.all().cast(pl.Float64, strict=False))
    surveys = _survey(frame, clean, numbers, texts)
    out = []
    for name in frame.columns:
        if name in given:
            settled = _as_given(frame[name], given[name], surveys.get(name), repair=repair)
        elif name not in surveys:
            settled = _typed(frame[name], repair=repair)
        elif surveys[name].plain and not surveys[name].codes:
            settled = _numbers(numbers[name], repair=repair)
        else:
            settled = _text(clean[name], surveys[name], repair=repair)
        if name in surveys and surveys[name].touched:
            settled = _with_text_repairs(frame[name], settled)
        out.append(settled)
    return out


def _clean(texts: pl.DataFrame, codes: tuple[str, ...]) -> pl.DataFrame:
    """All text columns after the text repairs; numbered meanwhile, for "*" is a name as well."""
    numbered = texts.rename({name: str(i) for i, name in enumerate(texts.columns)})
    ascii_only = numbered.select(is_ascii(pl.all())).row(0) if texts.width else ()
    asked = [
        cleaned(pl.col(str(i)), without_nfc(codes) if plain else codes, Storage.string).alias(
            str(i)
        )
        for i, plain in enumerate(ascii_only)
    ]
    return numbered.select(asked).rename(dict(zip(numbered.columns, texts.columns, strict=True)))


def _survey(
    raw: pl.DataFrame, clean: pl.DataFrame, numbers: pl.DataFrame, names: list[str]
) -> dict[str, _Survey]:
    if not names:
        return {}
    parts = [raw.select(names), clean, numbers]
    tagged = [
        part.rename({name: f"{tag}{i}" for i, name in enumerate(names)})
        for tag, part in zip("rcn", parts, strict=True)
    ]
    both = pl.concat(tagged, how="horizontal").lazy()
    asked = []
    for i in range(len(names)):
        before, after, number = pl.col(f"r{i}"), pl.col(f"c{i}"), pl.col(f"n{i}")
        asked += [
            before.ne_missing(after).any().alias(f"touched{i}"),
            after.is_not_null().any().alias(f"filled{i}"),
            (number.null_count() == after.null_count()).alias(f"plain{i}"),
            after.str.contains(r"^[-+]?0\d").any().alias(f"zeros{i}"),
            (number.abs().max() >= _EXACT).alias(f"long{i}"),
        ]
    got = both.select(asked).collect().row(0, named=True)
    out = {}
    for i, name in enumerate(names):
        plain = bool(got[f"plain{i}"]) and bool(got[f"filled{i}"])
        long = plain and bool(got[f"long{i}"]) and _long_key(clean[name])
        zeros = plain and bool(got[f"zeros{i}"])
        out[name] = _Survey(bool(got[f"touched{i}"]), bool(got[f"filled{i}"]), plain, zeros or long)
    return out


def _long_key(text: pl.Series) -> bool:
    """Integers beyond float64, each one once: a key, to be kept digit by digit."""
    values = text.drop_nulls()
    return values.str.contains(r"^\d+$").all() and values.n_unique() == len(values)


def _codes(storage: Storage, *, repair: bool, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    if not repair:
        return tuple(
            c for c in more if c in {"month-first", "day-first", "compact-date", "number-text"}
        )
    own = {Storage.number: NUMBERS, Storage.date: DATES, Storage.string: ()}[storage]
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
) -> tuple[Settled, int]:
    """The column stored so, and how many values could not be read."""
    codes = _codes(storage, repair=repair, more=more)
    column = Column(values.name, kind, storage, reason, {}, codes, categories)
    stored, unread, made = store(values, column, clean=clean)
    count = int(unread.sum())
    if count:
        example = {"before": str(values.filter(unread)[0]), "after": None}
        made = [*made, Repair("mixed-types", values.name, count, example)]
        column = msgspec.structs.replace(column, repairs=(*codes, "mixed-types"))
    return Settled(stored, column, tuple(made)), count


def _numbers(values: pl.Series, *, repair: bool) -> Settled:
    if repair and (dates := _compact_dates(values)):
        return dates
    return _stored(values, Kind.continuous, Storage.number, repair=repair)[0]


def _compact_dates(values: pl.Series) -> Settled | None:
    """Integers like 20240301, if every one of them is a day between 1900 and 2100."""
    low, high = values.min(), values.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    if low < 19_000_101 or high > 21_001_231 or low == high:
        return None
    settled, unread = _stored(
        values, Kind.datetime, Storage.date, repair=True, more=("compact-date",)
    )
    return None if unread else settled


def _typed(values: pl.Series, *, repair: bool) -> Settled:
    """A column whose type was known before reading."""
    dtype = values.dtype
    if isinstance(dtype, pl.Enum):
        order = tuple(dtype.categories.to_list())
        return _stored(
            values, Kind.ordinal, Storage.string, repair=repair, reason="dtype", categories=order
        )[0]
    if dtype == pl.Boolean:
        return _stored(values, Kind.boolean, Storage.number, repair=repair, reason="dtype")[0]
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
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) >= _EXACT


def _text(values: pl.Series, survey: _Survey, *, repair: bool) -> Settled:
    """A text column that is not plain numbers: what most of a sample reads as, if anything."""
    if survey.codes:
        unique = values.n_unique() == len(values)
        kind, reason = (Kind.id, "all-unique") if unique else (Kind.nominal, "leading-zeros")
        return _stored(values, kind, Storage.string, repair=repair, reason=reason)[0]
    filled = values.drop_nulls()
    sample = filled.gather_every(max(1, len(filled) // _SAMPLE))
    if repair:
        sample = sample.filter(~sample.is_in(sorted(NONE_WORDS)))
    if len(sample):
        if set(sample.str.to_lowercase().unique()) <= {"true", "false"}:
            settled, unread = _stored(
                values, Kind.boolean, Storage.number, repair=repair, reason="true-false"
            )
            if not unread:
                return settled
        for option in (_as_numbers, _as_dates):
            found = option(values, sample, repair=repair)
            if found:
                return found
    return _stored(values, Kind.nominal, Storage.string, repair=repair)[0]


def _as_numbers(values: pl.Series, sample: pl.Series, *, repair: bool) -> Settled | None:
    read, _ = parse_numbers(sample, NUMBERS if repair else ())
    if read.null_count() > 0.1 * len(sample):
        return None
    found = _stored(values, Kind.continuous, Storage.number, repair=repair)
    return _readable(*found, repair=repair)


def _as_dates(values: pl.Series, sample: pl.Series, *, repair: bool) -> Settled | None:
    order = order_of(sample)
    more = (order,) if order else ()
    read, _ = parse_dates(sample, (*DATES, *more) if repair else more)
    if read.null_count() > 0.1 * len(sample):
        return None
    more = (order_of(values),) if order else ()
    found = _stored(values, Kind.datetime, Storage.date, repair=repair, more=more)
    return _readable(*found, repair=repair)


def _readable(settled: Settled, unread: int, *, repair: bool) -> Settled | None:
    valid = len(settled.values) - settled.values.null_count()
    allowed = (1 - _READABLE) * (valid + unread) if repair else 0
    return settled if valid and unread <= allowed else None


def _as_given(values: pl.Series, kind: Kind, survey: _Survey | None, *, repair: bool) -> Settled:
    """The column as the user wants it."""
    storage = kind.storage
    more: tuple[str, ...] = ()
    if kind in {Kind.id, Kind.constant, Kind.image}:
        storage = Storage.number if values.dtype.is_numeric() else Storage.string
    elif storage is Storage.date:
        first = order_of(values) if values.dtype == pl.String else ""
        more = ("compact-date", first) if first else ("compact-date",)
    elif storage is Storage.string and (survey is None or (survey.plain and not survey.codes)):
        more = ("number-text",)
    settled, unread = _stored(
        values, kind, storage, repair=repair, reason="given", more=more, clean=False
    )
    valid = len(values) - settled.values.null_count()
    if unread > valid:
        example = settled.repairs[-1].values["before"]
        raise DataError(
            "kind-impossible",
            f"The column {values.name!r} cannot be {kind}: {unread:,} values, such as {example!r}, "
            f"do not read as {storage}.",
            fix=f"Leave the kind to mulle, or try --kinds {values.name}=nominal.",
        )
    if kind is Kind.ordinal:
        order = _order(settled.values)
        ranked = msgspec.structs.replace(settled.column, categories=order)
        settled = replace(settled, column=ranked)
    return settled


def _order(values: pl.Series) -> tuple[str, ...]:
    """Categories by their number where all are numbers, else by the alphabet."""
    unique = values.drop_nulls().unique().sort()
    numbers = unique.cast(pl.Float64, strict=False)
    if not numbers.null_count():
        unique = unique.gather(numbers.arg_sort())
    return tuple(unique.to_list())


def _with_text_repairs(raw: pl.Series, settled: Settled) -> Settled:
    _, made = repair_text(raw, settled.column.repairs, settled.column.storage)
    listed = [
        # An empty cell of a CSV arrives as null; an empty string is no repair worth a line.
        r
        for r in made
        if not (r.code == "missing-token" and r.values["before"] == "")
    ]
    return replace(settled, repairs=(*listed, *settled.repairs))
