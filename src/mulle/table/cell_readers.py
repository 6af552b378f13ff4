"""Readers of single cells, by the Python type of the value: what may skip `store`, and how.

`store` is the one definition of what a cell means. A reader here answers at once what `store` would
for values of one type, and `UNSURE` for every value it does not know: those go through `store`.
The tests draw columns in every notation and values of every type and compare the two.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from mulle.table.read.characters import HALF_PAIR
from mulle.table.types.column import Column
from mulle.table.types.dates import DAY_MILLIS, LEAP_YEAR_1900, SERIAL_EPOCH
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import PLAIN_FORMS, Notation
from mulle.table.types.numbers import SIGNIFICANT_DIGITS, WHOLE, missing_numbers
from mulle.table.types.pixels import is_read
from mulle.table.types.text import CASE, WHITESPACE, missing_words

Cell = float | int | str | None
Reader = Callable[[Any], Any]  # returns a Cell or UNSURE


class _Unsure:
    """The answer of a reader that does not know what a value means."""


UNSURE: Final = _Unsure()

_EXACT = 2**53  # whole numbers up to here are float64
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_COMPACT_DAYS = range(1900_00_00, 2100_00_00)  # outside other rules hold for digits alone
_MICROS_A_MILLI = 1000.0
_MOST_POWER = 22  # powers of ten up to here are float64

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_INTEGER = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)
_CLOCK, _PART = r"\d\d:\d\d:\d\d", r"(?:\.\d{3}(?:\d{3})?)?"
_ISO = re.compile(
    rf"[1-9]\d{{3}}-\d\d-\d\d(?:[T ]\d\d:\d\d|[T ]{_CLOCK}{_PART}|T{_CLOCK}{_PART}Z"
    rf"|[T ]{_CLOCK}[+-](?:0\d|1[0-3]):[0-5]\d)?",
    re.ASCII,
)
_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2([1-9]\d{3})", re.ASCII)


def cell_readers(column: Column) -> dict[type, Reader]:
    """Return the readers of a column's cells by the type of the value.

    >>> read = cell_readers(Column("x", "nominal", Storage.string))
    >>> read[str]("서울"), read[bool](True), read[float](3.0), read[int](7)
    ('서울', 'true', '3', '7')
    """
    return {type(None): _nothing} | _READERS[column.storage](column)


def _nothing(_: Any) -> None:
    """Return missing for None."""


def _number_readers(column: Column) -> dict[type, Reader]:
    notation = column.notation
    number = _number_reader(notation)
    readers: dict[type, Reader] = {float: number, int: _of_whole(number)}
    if notation.form == "limit-side":
        return {sort: _limit_side(read) for sort, read in readers.items()}
    if notation.scale == 1.0:
        readers[bool] = float
    clean = _cleaner(notation, column.storage)
    matches = _PLAIN.fullmatch if _reads_plain_numbers(notation) else _no_match

    def text(value: str) -> Any:
        word = clean(value)
        return float(word) if type(word) is str and matches(word) else _not_text(word)

    return {**readers, str: text}


def _number_reader(notation: Notation) -> Reader:
    codes = frozenset(missing_numbers(notation).to_list())
    scale = notation.scale if "header-unit" in notation.repairs else 1.0

    def number(value: float) -> Any:
        return value if value - value == 0.0 else None  # what is not finite is missing

    def coded(value: float) -> Any:
        return None if value in codes else number(value)

    def scaled(value: float) -> Any:
        found = coded(value)
        return None if found is None else _rounded(found * scale)

    return scaled if scale != 1.0 else coded if codes else number


def _of_whole(read: Reader) -> Reader:
    return lambda value: read(float(value)) if -_EXACT <= value <= _EXACT else UNSURE


def _limit_side(read: Reader) -> Reader:
    def side(value: Any) -> Any:
        found = read(value)
        return found * 0.0 if type(found) is float else found

    return side


def _rounded(value: float) -> Any:
    """Round to the digits that `scale_numbers` keeps, as Polars does."""
    if value == 0.0:
        return value
    if not math.isfinite(value):
        return UNSURE
    power = SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value)))
    if not 0 <= power <= _MOST_POWER:
        return UNSURE
    unit = 10.0**power
    whole = math.floor(abs(value) * unit + 0.5)  # halves away from zero
    return math.copysign(whole / unit, value)


def _string_readers(column: Column) -> dict[type, Reader]:
    notation = column.notation
    words = frozenset(notation.missing)
    clean = _cleaner(notation, column.storage)
    text = clean
    if notation.form == "number":
        text = _whole_text(clean, plain=notation.scale == 1.0)

    def whole(value: int) -> Any:
        if not -WHOLE < value < WHOLE:
            return UNSURE
        word = str(value)
        return None if word in words else word

    def number(value: float) -> Any:
        if value != value:
            return None
        return whole(int(value)) if value.is_integer() and abs(value) < WHOLE else UNSURE

    if notation.form == "pixels":
        length = notation.side**2 * notation.channels
        return {str: lambda value: value if is_read(value, length) else UNSURE}
    truths = {False: "false", True: "true"}
    return {str: text, bool: truths.__getitem__, int: whole, float: number}


def _whole_text(clean: Reader, *, plain: bool) -> Reader:
    """Return the reader of categories that are whole numbers; `plain`: in no unit."""

    def text(value: str) -> Any:
        word = clean(value)
        return word if plain and type(word) is str and _INTEGER.fullmatch(word) else _not_text(word)

    return text


def _date_readers(column: Column) -> dict[type, Reader]:
    notation = column.notation
    clean = _cleaner(notation, column.storage)
    readers: dict[type, Reader] = {datetime: _moment, date: _midnight, float: _nan_only}
    numbers = _moment_reader(notation)
    if numbers is not None:
        readers |= {float: numbers, int: _of_whole(numbers)}
    elif notation.form == "digits" and notation.dates in {None, "ymd"}:
        readers[int] = _digits

    def text(value: str) -> Any:
        word = clean(value)
        if type(word) is not str:
            return word
        if numbers is None:
            return _day(word, notation)
        return numbers(float(word)) if _PLAIN.fullmatch(word) else UNSURE

    return {**readers, str: text}


def _moment_reader(notation: Notation) -> Reader | None:
    """Return the reader of numbers that are moments; see `parse_moments`."""
    if notation.form not in {"epoch", "serial"}:
        return None
    unit, serial = notation.scale * 1e6, notation.form == "serial"

    def moment(value: float) -> Any:
        if value != value:
            return None
        if not abs(value) < WHOLE:
            return UNSURE
        if serial:
            days = value - SERIAL_EPOCH + (value < LEAP_YEAR_1900)
            return _known(int(float(round(days * DAY_MILLIS)) * _MICROS_A_MILLI))
        micros = value * unit
        return _known(round(micros)) if math.isfinite(micros) else UNSURE

    return moment


def _known(micros: int) -> Any:
    """Return microseconds of years that Python has; `store` decides about all others."""
    return micros if _MIN_MICROS <= micros <= _MAX_MICROS else UNSURE


def _day(word: str, notation: Notation) -> Any:
    """Read a date that a machine wrote, or days, months and years in the order of a notation."""
    try:
        if _ISO.fullmatch(word):
            return _moment(datetime.fromisoformat(word))
        if notation.dates in {"dmy", "mdy"} and (found := _DAY.fullmatch(word)):
            first, _, second, year = found.groups()
            day, month = (first, second) if notation.dates == "dmy" else (second, first)
            return _microseconds(datetime(int(year), int(month), int(day)))
    except ValueError:
        pass  # no such day: `store` says it better
    return UNSURE


def _digits(value: int) -> Any:
    """Read 20240301 as the day it is."""
    if value not in _COMPACT_DAYS:
        return UNSURE
    try:
        return _microseconds(datetime(value // 10_000, value // 100 % 100, value % 100))
    except ValueError:
        return UNSURE


def _moment(value: datetime) -> Any:
    zone = value.tzinfo
    if zone is None:
        return _microseconds(value)
    if type(zone) is not timezone:  # the rules of a place are those of Polars
        return UNSURE
    try:
        return _microseconds(value.astimezone(UTC).replace(tzinfo=None))
    except OverflowError:
        return UNSURE


def _midnight(value: date) -> int:
    return _microseconds(datetime.combine(value, time()))


def _nan_only(value: float) -> Any:
    return None if value != value else UNSURE


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


_MIN_MICROS, _MAX_MICROS = _microseconds(datetime(1, 1, 2)), _microseconds(datetime(9998, 12, 31))


def _cleaner(notation: Notation, storage: Storage) -> Reader:
    """Return the text repairs of a column: clean text, None for missing, or UNSURE."""
    repairs = frozenset(notation.repairs)
    strips, composes = "whitespace" in repairs, "nfc" in repairs
    lowers = CASE in repairs
    missing = missing_words(storage, notation)
    absent = None if "missing-token" in repairs else UNSURE

    def clean(value: str) -> Any:
        if not value.isascii() and (
            lowers
            or (composes and not unicodedata.is_normalized("NFC", value))
            or HALF_PAIR.search(value)
        ):
            return UNSURE  # Polars knows other versions of Unicode's tables
        if strips:
            value = value.strip(WHITESPACE)
        if value in missing:
            return absent
        return value.lower() if lowers else value

    return clean


def _not_text(word: Any) -> Any:
    """Return missing for missing; text that a reader does not know is unsure."""
    return None if word is None else UNSURE


def _no_match(_: str) -> None:
    """Match no text."""


def _reads_plain_numbers(notation: Notation) -> bool:
    """Tell whether digits with a dot mean here what they mean to a computer."""
    marks = notation.decimal == "." and notation.thousands != "."
    return marks and notation.scale == 1.0 and notation.form in PLAIN_FORMS


_READERS = {
    Storage.number: _number_readers,
    Storage.date: _date_readers,
    Storage.string: _string_readers,
}
