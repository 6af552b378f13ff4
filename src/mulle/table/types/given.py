"""Store columns as the kinds that a person gives them; what cannot be is refused with its cells."""

from __future__ import annotations

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.types.choose import find_measures
from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Column
from mulle.table.types.date_evidence import find_dates
from mulle.table.types.dates import DATES
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.notation import Notation
from mulle.table.types.numbers import NUMBERS, number_text, parse_numbers
from mulle.table.types.options import ColumnOptions
from mulle.table.types.scales import order_categories
from mulle.table.types.store import store
from mulle.table.types.text import CLEAN, NONE_WORDS, TEXT, repair_text
from mulle.table.types.text_stats import TextStats

EXAMPLES = 5


def coerce_given(values: pl.Series, asked: ColumnOptions, stats: TextStats | None) -> Coerced:
    """Store a column as the kind that a person wants.

    Raises:
        DataError: some cells cannot be read as that kind, or the order of its categories is not
            known; they are shown.
    """
    kind = asked.kind or Kind.nominal
    storage = kind.storage
    if kind in {Kind.id, Kind.constant, Kind.image}:
        storage = Storage.number if values.dtype.is_numeric() else Storage.string
    notation = asked.notation
    if notation is None:
        notation = _notation(values, kind, storage, asked, stats)
    else:
        storage = asked.storage or storage
    column = Column(values.name, kind, storage, "given", notation=notation)
    kept, unread, made = store(values, column)
    if unread.any():
        raise DataError(
            "kind-impossible",
            column=values.name,
            kind=kind.value,
            count=int(unread.sum()),
            received=[str(cell) for cell in values.filter(unread).unique().head(EXAMPLES)],
            expected=storage.value,
        )
    if kind is Kind.ordinal:
        column = msgspec.structs.replace(column, categories=_order(kept, asked, column.name))
    return Coerced(kept, column, tuple(made))


def _notation(
    values: pl.Series,
    kind: Kind,
    storage: Storage,
    asked: ColumnOptions,
    stats: TextStats | None,
) -> Notation:
    """Return the notation that the cells have if they are of that kind."""
    more = {Storage.date: DATES, Storage.number: NUMBERS}.get(storage, ())
    usual = Notation(
        repairs=(*TEXT, *more) if asked.repairs is None else asked.repairs,
        missing=asked.missing,
        not_missing=asked.not_missing,
    )
    change = msgspec.structs.replace
    if kind is Kind.boolean:
        return change(usual, form="truth")
    if storage is Storage.string and _all_numbers(values, usual, stats):
        return change(usual, repairs=(*usual.repairs, *NUMBERS), form="number")
    if storage is Storage.string:
        return usual
    if values.dtype.is_numeric() and storage is Storage.date:
        values = number_text(values)
    if values.dtype != pl.String:
        return usual
    cells = repair_text(values.drop_nulls().unique(maintain_order=True), CLEAN, storage)[0]
    words = {*NONE_WORDS, *asked.missing} - {*asked.not_missing}
    cells = cells.drop_nulls().filter(~cells.drop_nulls().is_in(sorted(words)))
    evidence = (find_dates if storage is Storage.date else find_measures)(cells, asked)
    if storage is Storage.date and len(evidence.readings) > 1 and evidence.doubt:
        raise DataError("date-order-open", column=values.name, **evidence.doubt.values)
    found = evidence.readings[0] if evidence.readings else usual
    return change(found, missing=usual.missing, not_missing=usual.not_missing)


def _all_numbers(values: pl.Series, notation: Notation, stats: TextStats | None) -> bool:
    """Tell whether categories are written as numbers, so that "1" and "1.0" are the same one."""
    if stats is None:
        return values.dtype.is_numeric()
    if stats.codes or not stats.filled:
        return False
    text, _ = repair_text(values, notation, Storage.string)
    if text.str.contains(r"\.[0-9]*[1-9]0+$").any():
        return False  # 1.10 is not 1.1 to a person who wants categories
    numbers = msgspec.structs.replace(notation, repairs=(*notation.repairs, *NUMBERS))
    read, _ = parse_numbers(text.alias("x"), numbers)
    return read.null_count() == text.null_count()


def _order(values: pl.Series, asked: ColumnOptions, name: str) -> tuple[str, ...]:
    """Return the order that a person gave, or the one that the categories are known to have."""
    known = values.drop_nulls().unique(maintain_order=True).to_list()
    if not asked.order:
        order = order_categories(values)
        if order is None:
            raise DataError("order-unknown", column=name, categories=sorted(known))
        return order
    beyond = [category for category in known if category not in asked.order]
    if beyond:
        raise DataError(
            "order-incomplete", column=name, categories=beyond, order="<".join(asked.order)
        )
    return asked.order
