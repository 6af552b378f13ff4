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

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import polars as pl

from mulle.table.types.choose import Choice, choose
from mulle.table.types.coerced import Coerced
from mulle.table.types.column import EXAMPLES, Column, Doubt, LeftOut
from mulle.table.types.date_evidence import are_digit_dates, may_be_digits
from mulle.table.types.dates import DATES
from mulle.table.types.exact import EXACT
from mulle.table.types.given import coerce_given
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.marks import settle_marks
from mulle.table.types.missing import settle_words
from mulle.table.types.notation import Notation
from mulle.table.types.number_headers import header_scale
from mulle.table.types.numbers import NUMBERS, number_text
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.store import store
from mulle.table.types.text import AS_WRITTEN, CLEAN, TEXT, repair_text
from mulle.table.types.text_stats import TextStats, text_stats

_BASE_KINDS = {
    Storage.number: Kind.continuous,
    Storage.date: Kind.datetime,
    Storage.string: Kind.nominal,
}
_FREE_KINDS = {*Kind} - {Kind.ordinal, Kind.image, Kind.datetime}
_MONTHS = r"^(?:19|20)\d\d\.(?:0[1-9]|1[0-2]?)$"  # 2024.1 is October without its last zero
_DECIDED = {"given", "dtype", "kept", "true-false"}  # reasons that no other cells can change


def coerce(frame: pl.DataFrame, options: ReadOptions, delimiter: str = "") -> list[Coerced]:
    """Put each column of a frame into its storage.

    Args:
        frame: n rows, columns of any type but nested ones.
        options: what a person has decided.
        delimiter: of the file that the cells stood in.

    Raises:
        DataError: a column cannot be of the kind given.
    """
    options = _with_headers(options, frame.columns)
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    stats = text_stats(frame, texts, CLEAN if options.repair else AS_WRITTEN)
    points = _have_points(stats) or _is_east_asian(frame.columns)
    choices = choose(_unsure(stats, options, delimiter), options, delimiter, points=points)
    options = options if points else _with_commas(options, stats, choices)
    coerced = [
        _coerce_one(frame[name], stats.get(name), choices.get(name), options)
        for name in frame.columns
    ]
    return settle_marks(frame, settle_words(frame, coerced, options))


def coerce_known(raw: pl.Series, column: Column) -> Coerced:
    """Put a column into its storage by the notation that it has in another table.

    Its kind is left to be inferred where it was in the other table; a cell that cannot be read
    counts as missing, and is named.

    Args:
        raw: n cells as they were written.
        column: as it is in the other table.
    """
    free = column.kind in _FREE_KINDS and column.reason not in _DECIDED
    kind = _BASE_KINDS[column.storage] if free else column.kind
    known = {} if not free else {"reason": "", "values": {}}
    kept = msgspec.structs.replace(column, name=raw.name, kind=kind, **known)
    values, unread, made = store(raw, kept)
    left_out = []
    if count := int(unread.sum()):
        cells = raw.cast(pl.String, strict=False).filter(unread).unique(maintain_order=True)
        examples = {"examples": cells.head(EXAMPLES).to_list()}
        left_out.append(LeftOut("cells-otherwise", raw.name, count, values=examples))
    return Coerced(values, kept, tuple(made), tuple(left_out))


def derive(frame: pl.DataFrame, coerced: Sequence[Coerced]) -> list[Coerced]:
    """Make the columns that are derived from others: of limits, on which side a value lies.

    Args:
        frame: n rows, as they were written.
        coerced: its columns in their storage.
    """
    taken, made = {*frame.columns}, []
    for one in coerced:
        if one.column.notation.form == "limit":
            name = _free_name(f"{one.column.name} (limit)", taken)
            notation = msgspec.structs.replace(one.column.notation, form="limit-side")
            column = Column(
                name, Kind.continuous, Storage.number, notation=notation, source=one.column.name
            )
            taken.add(name)
            made.append(Coerced(store(frame[one.column.name], column)[0], column))
    return made


def _free_name(name: str, taken: set[str]) -> str:
    numbers = itertools.count(2)
    wanted = name
    while wanted in taken:
        wanted = f"{name} {next(numbers)}"
    return wanted


def _unsure(
    stats: Mapping[str, TextStats], options: ReadOptions, delimiter: str
) -> dict[str, pl.Series]:
    """Return the columns whose notation is looked for.

    Plain numbers like 1.234 are among them where another column, or a person, may say that their
    points are marks of thousands, or where the file is one of a country with decimal commas.
    """
    unsure = {name: s.clean for name, s in stats.items() if s.digits and not (s.plain or s.truth)}
    for name, found in stats.items():
        grouped = found.grouped and (bool(unsure) or delimiter == ";")
        commas = found.dotted and options.asked_of(name).decimal == ","
        if not found.codes and (grouped or commas):
            unsure[name] = found.clean
    return unsure


def _with_headers(options: ReadOptions, names: Iterable[str]) -> ReadOptions:
    """Add the scales that headers name, such as "(천원)", where a person has decided nothing."""
    columns = dict(options.columns)
    for name in names:
        asked = options.asked_of(name)
        if asked.scale is None and asked.unit is None and asked.repairs is None:
            found = header_scale(name)
            if found:
                own = columns.get(name, ColumnOptions())
                columns[name] = msgspec.structs.replace(own, scale=found[0], unit=found[1])
    return msgspec.structs.replace(options, columns=columns)


def _with_commas(
    options: ReadOptions, stats: Mapping[str, TextStats], choices: Mapping[str, Choice]
) -> ReadOptions:
    """Let whole numbers follow the decimal commas beside them: a new 1.234 is 1234 there too."""
    numbers = [c.notation for c in choices.values() if c.storage is Storage.number]
    if not any(found.decimal == "," for found in numbers):
        return options
    columns = dict(options.columns)
    for name, found in stats.items():
        whole = found.plain and not found.dotted and not found.codes
        if whole and options.asked_of(name).decimal is None:
            own = columns.get(name, ColumnOptions())
            columns[name] = msgspec.structs.replace(own, decimal=",")
    return msgspec.structs.replace(options, columns=columns)


def _have_points(stats: Mapping[str, TextStats]) -> bool:
    return any(found.dotted and not found.grouped and not found.codes for found in stats.values())


def _is_east_asian(names: Sequence[str]) -> bool:
    """Tell whether columns have Korean, Chinese or Japanese names: such tables have no 1,5."""
    return any(re.search("[가-힣ぁ-ヿ一-鿿]", name) for name in names)


def _coerce_one(
    raw: pl.Series, stats: TextStats | None, choice: Choice | None, options: ReadOptions
) -> Coerced:
    asked = options.asked_of(raw.name)
    if asked.kind is not None:
        coerced = coerce_given(raw, asked, stats)
    elif stats is None:
        coerced = _typed(raw, asked)
    elif stats.plain and (dates := _digit_dates(stats.numbers, asked, stats.clean)):
        coerced = dates
    elif stats.plain and not stats.codes and (choice is None or choice.reads_as_written):
        coerced = _numbers(stats.numbers, asked, finite=stats.finite)
        coerced = replace(coerced, repairs=(*coerced.repairs, *stats.exact.repairs))
    else:
        coerced = _text(stats, asked, choice)
    if stats is None:
        return coerced
    words = coerced.column.storage is not Storage.string  # more of them mean missing there
    if stats.touched:
        return _with_text_repairs(raw, coerced, TEXT)
    if words and not stats.plain:
        return _with_text_repairs(raw, coerced, ("missing-token",))
    return coerced


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
    if kind.storage is Storage.number:
        notation = msgspec.structs.replace(
            notation,
            decimal=asked.decimal or ".",
            thousands=asked.thousands or ("." if asked.decimal == "," else ","),
            unit=asked.unit or "",
            scale=asked.scale or 1.0,
        )
    return Column(name, kind, kind.storage, notation=notation, **known)


def _numbers(values: pl.Series, asked: ColumnOptions, *, finite: bool = False) -> Coerced:
    column = _column(values.name, Kind.continuous, asked)
    done = finite and column.notation.scale == 1
    if done:  # there may be thousands of such columns
        return Coerced(values, column)
    return _stored(values, column)[0]


def _digit_dates(values: pl.Series, asked: ColumnOptions, text: pl.Series) -> Coerced | None:
    """Read numbers like 20240301, 202403 or 2024.03, if every one of them is a day or a month.

    A few with a point stay text: they may be decimal numbers. Spreadsheets write October as 2024.1.

    Args:
        values: n numbers.
        text: the same as they were written, for 2024.10, which is not 2024.1.
    """
    name = values.name
    values, text = values.alias("x"), text.alias("x")  # "^a$" would mean other columns
    if asked.repairs is not None or not may_be_digits(values):
        return None
    whole = bool((values == values.floor()).all()) if values.dtype.is_float() else True
    cells = number_text(values) if whole else text
    distinct = cells.drop_nulls().unique()
    if not are_digit_dates(distinct.filter(distinct != "0")):
        months = (
            len(distinct) > 1
            and distinct.dtype == pl.String
            and distinct.str.contains(_MONTHS).all()
        )
        if not months:
            return None
        shown = {"examples": distinct.sort().head(EXAMPLES).to_list()}
        column = _column(name, Kind.nominal, asked)
        doubt = Doubt("month-or-number", name, len(cells) - cells.null_count(), shown)
        return Coerced(cells.alias(name), column, doubts=(doubt,))
    column = _column(name, Kind.datetime, asked, form="digits")
    return _stored(cells.alias(name), column)[0]


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
        return _digit_dates(values, asked, values) or _numbers(values, asked)
    elif dtype == pl.Time:
        column = _column(name, Kind.continuous, asked, form="clock")
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
        exact, unique = stats.exact, values.n_unique() == len(values)
        kind, reason = (Kind.id, "all-unique") if unique else (Kind.nominal, exact.reason)
        coerced = _stored(values, _column(values.name, kind, asked, reason=reason))[0]
        return replace(coerced, doubts=exact.doubts)
    if stats.truth and stats.filled:
        column = _column(values.name, Kind.boolean, asked, reason="true-false", form="truth")
        return _stored(values, column)[0]
    if choice is None or choice.storage is Storage.string:
        doubts = choice.doubts if choice else ()
        return Coerced(values, _column(values.name, Kind.nominal, asked), doubts=doubts)
    kind = Kind.datetime if choice.storage is Storage.date else Kind.continuous
    column = Column(values.name, kind, choice.storage, notation=choice.notation)
    coerced = _stored(values, column)[0]
    repairs = (*choice.repairs, *coerced.repairs)
    return replace(coerced, repairs=repairs, left_out=choice.left_out, doubts=choice.doubts)


def _with_text_repairs(raw: pl.Series, coerced: Coerced, codes: Sequence[str]) -> Coerced:
    """List the text repairs of a column, of which only some codes can have changed a cell."""
    notation = coerced.column.notation
    kept = tuple(code for code in notation.repairs if code in codes)
    notation = msgspec.structs.replace(notation, repairs=kept)
    _, made = repair_text(raw, notation, coerced.column.storage)
    listed = [
        # An empty cell of a CSV arrives as null; an empty string is no repair worth a line.
        r
        for r in made
        if not (r.code == "missing-token" and r.values["before"] == "")
    ]
    return replace(coerced, repairs=(*listed, *coerced.repairs))
