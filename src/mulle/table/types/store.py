"""Put a column of any type into the storage its schema asks for: one definition, read and predict.

`store` never fails: it returns which values it could not read, and the caller says what that means.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import polars as pl

from mulle.table.types.clocks import parse_clocks
from mulle.table.types.column import Column, Repair
from mulle.table.types.dates import parse_dates, parse_moments, without_zeros
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.numbers import (
    limit_sides,
    missing_numbers,
    number_text,
    parse_numbers,
    scale_numbers,
)
from mulle.table.types.pixels import read_images
from mulle.table.types.tally import changed, of_column
from mulle.table.types.text import TEXT, cleaned, is_settled, without_nfc

_NO_END = 9999  # a year
_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "t", "예", "네", "o"), 1.0),
    **dict.fromkeys(("false", "no", "n", "f", "아니오", "아니요", "x"), 0.0),
}


def store(
    values: pl.Series, column: Column, *, clean: bool = False
) -> tuple[pl.Series, pl.Series, list[Repair]]:
    """Put a column into its storage.

    Args:
        values: n values of any Polars type.
        column: what they have to become.
        clean: whether the text repairs were made already.

    Returns:
        n values of the storage's type; n booleans, true where a value could not be read (such a
        value is null); and the repairs it took, text repairs excepted.
    """
    if values.dtype in (pl.Categorical, pl.Enum) or values.dtype == pl.Null:
        values = values.cast(pl.String)
    values = values.alias("x")  # a name like "*" or "^a$" would mean other columns
    if values.dtype == pl.String:
        values = _cleaned(values, column, clean=clean)
    zeros: list[Repair] = []
    if column.storage is Storage.date:
        values, zeros = without_zeros(values, column.notation)
    elif column.notation.missing and values.dtype.is_numeric():
        values = _without_codes(values, column)
    stored, made = _STORES[column.storage](values, column)
    unread = values.is_not_null() & stored.is_null()
    if unread.any() and (column.storage is Storage.number or values.dtype.is_float()):
        # Not a number is how Polars, pandas and JSON write a missing value, in any column.
        unread &= ~_is_nan(values)
    stored, unread, infinite = _finite(stored, unread)
    return stored.alias(column.name), unread, of_column(column.name, [*zeros, *made, *infinite])


def _cleaned(values: pl.Series, column: Column, *, clean: bool) -> pl.Series:
    notation = column.notation
    if clean:  # a storage and a notation may know more words for missing than clean text does
        kept = tuple({*notation.repairs} & {"missing-token"})
        notation = msgspec.structs.replace(notation, repairs=kept)
    elif values.to_frame("x").select(is_settled(pl.col("x"))).item():
        notation = without_nfc(notation)
    if not {*TEXT} & {*notation.repairs}:
        return values
    text = cleaned(pl.col("x"), notation, column.storage).alias("x")
    return values.to_frame("x").select(text).to_series()


def _without_codes(values: pl.Series, column: Column) -> pl.Series:
    """Take typed numbers for missing where the same figures as text are: -999 beside "-999"."""
    if column.storage is Storage.string:
        words = pl.Series(column.notation.missing, dtype=pl.String)
        coded = number_text(values).is_in(words.implode())
    else:
        coded = values.cast(pl.Float64).is_in(missing_numbers(column.notation).implode())
    frame = values.to_frame("x").with_columns(coded.fill_null(value=False).alias("coded"))
    return frame.select(pl.when(~pl.col("coded")).then("x")).to_series()


def truth(text: pl.Series) -> pl.Series:
    """Read words for true and false as 1 and 0, any other word as null."""
    lower = text.str.to_lowercase()
    return lower.replace_strict(_TRUTH, default=None, return_dtype=pl.Float64)


def _is_nan(values: pl.Series) -> pl.Series:
    if values.dtype.is_float():
        return values.is_nan().fill_null(value=False)
    if values.dtype == pl.String:
        return values.cast(pl.Float64, strict=False).is_nan().fill_null(value=False)
    return pl.Series([False]).new_from_index(0, len(values))


def _finite(stored: pl.Series, unread: pl.Series) -> tuple[pl.Series, pl.Series, list[Repair]]:
    if stored.dtype != pl.Float64:
        return stored, unread, []
    infinite = stored.is_infinite().fill_null(value=False)
    if not infinite.any():
        return stored, unread, []
    kept = stored.to_frame("x").select(pl.when(~infinite).then("x")).to_series()
    made = changed("infinite", stored.name, stored.cast(pl.String), kept.cast(pl.String))
    return kept, unread, [made] if made else []


def _number(values: pl.Series, column: Column) -> tuple[pl.Series, list[Repair]]:
    if column.notation.form == "limit-side":
        return _limit_side(values, column), []
    if values.dtype == pl.Time:
        return values.cast(pl.Int64) / 3.6e12, []
    if values.dtype == pl.String and column.notation.form == "clock":
        return parse_clocks(values, column.notation)
    if values.dtype == pl.String:
        numbers, made = parse_numbers(values, column.notation)
        if column.notation.form == "truth":
            numbers = numbers.zip_with(numbers.is_not_null(), truth(values))
        return numbers.fill_nan(None), made
    if values.dtype == pl.Duration:
        return values.dt.total_microseconds() / 1e6, []
    if values.dtype.is_numeric() or values.dtype == pl.Boolean:
        return _typed_numbers(values.cast(pl.Float64).fill_nan(None), column.notation)
    return _nothing(values, pl.Float64()), []


def _typed_numbers(numbers: pl.Series, notation: Notation) -> tuple[pl.Series, list[Repair]]:
    """Read typed numbers in the unit in which the same figures would be read as text."""
    if notation.scale == 1:
        return numbers, []
    scaled = scale_numbers(numbers, notation)
    made = changed("header-unit", numbers.name, number_text(numbers), number_text(scaled))
    return scaled, [made] if made else []


def _limit_side(values: pl.Series, column: Column) -> pl.Series:
    """Tell of which limit a cell is: -1 below ("<0.5"), 1 above (">100"), 0 measured."""
    if values.dtype == pl.String:
        return limit_sides(values, column.notation)
    return _typed_numbers(values.cast(pl.Float64).fill_nan(None), column.notation)[0] * 0.0


def _date(values: pl.Series, column: Column) -> tuple[pl.Series, list[Repair]]:
    moments, made = _moments(values, column)
    last = moments.max()
    if not isinstance(last, datetime) or last.year != _NO_END:
        return moments, made
    far = moments.filter(moments.dt.year() == _NO_END)
    shown = far.head(1).dt.strftime("%Y-%m-%d")[0]
    named = Repair("no-end", values.name, len(far), {"before": shown, "after": shown})
    return moments, [*made, named]


def _moments(values: pl.Series, column: Column) -> tuple[pl.Series, list[Repair]]:
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us")), []
    if isinstance(values.dtype, pl.Datetime):
        return _utc(values, values.dtype)
    if column.notation.form in {"epoch", "serial"}:
        return parse_moments(values, column.notation), []
    if values.dtype.is_numeric() and column.notation.form == "digits":
        values = number_text(values)
    if values.dtype == pl.String and column.notation.form == "digits":
        values = values.str.replace(r"^(\d{6,14})\.0+$", "${1}")  # as pandas writes them
    if values.dtype == pl.String:
        return parse_dates(values, column.notation)
    return _nothing(values, pl.Datetime("us")), []


def _utc(values: pl.Series, dtype: pl.Datetime) -> tuple[pl.Series, list[Repair]]:
    if not dtype.time_zone:
        return values.cast(pl.Datetime("us")), []
    moved = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    local = values.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    made = changed("timezone", values.name, local.dt.to_string("iso"), moved.dt.to_string("iso"))
    return moved, [made] if made else []


def _string(values: pl.Series, column: Column) -> tuple[pl.Series, list[Repair]]:
    if column.notation.form == "pixels":
        texts = values if values.dtype == pl.String else values.cast(pl.String, strict=False)
        return read_images(texts, column.notation), []
    if values.dtype == pl.String:
        if column.notation.form != "number":
            return values, []
        numbers, _ = parse_numbers(values, column.notation)
        texts = number_text(numbers)
        return texts.zip_with(texts.is_not_null(), values), []
    if values.dtype.is_integer():
        return values.cast(pl.String), []
    if values.dtype.is_numeric():
        return number_text(values), []
    if values.dtype.is_temporal():
        return values.dt.to_string("iso"), []
    if values.dtype == pl.Boolean:
        return values.cast(pl.String), []
    return _nothing(values, pl.String()), []


def _nothing(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series(values.name, [None], dtype=dtype).new_from_index(0, len(values))


_STORES = {Storage.number: _number, Storage.date: _date, Storage.string: _string}
