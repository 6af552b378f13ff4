"""Numbers as people write them: "1,234원", "３억 2,000만원", "$5.20", "13 %", "△12".

What a plain cast reads is left to it; only the distinct values it cannot read go through the
repairs below, in this order. A percent sign is dropped, not divided by: "13 %" is 13, the figure
that was written, so that a new row may leave the sign out.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from mulle.table.types.column import Repair
from mulle.table.types.evidence import Evidence
from mulle.table.types.notation import Notation
from mulle.table.types.options import ANYTHING, ColumnOptions
from mulle.table.types.tally import tally
from mulle.table.types.text import TEXT

MAX_UNREAD = 0.1  # share of distinct cells that may be no numbers, or no dates
NUMBERS = ("full-width", "currency", "percent", "korean-units", "thousands")
USUAL_NUMBERS = Notation(repairs=NUMBERS)

_WIDE = {chr(0xFF10 + i): str(i) for i in range(10)} | {
    **{
        "．": ".",
        "，": ",",
        "－": "-",
        "＋": "+",
        "−": "-",
        "％": "%",
        "￦": "₩",
        "￥": "¥",
        "＄": "$",
    },
    **{"，": ",", "△": "-"},  # △ is the minus of Korean account books
}
_PART = r"(?:(\d[\d,.]*)\s*천\s*(\d[\d,.]*)?|(\d[\d,.]*))\s*"  # "5천", "5천 200" or "5,200"
_UNITS = {"조": 1e12, "억": 1e8, "만": 1e4, "": 1.0}
_KOREAN = r"^([-+]?)\s*" + "".join(rf"(?:{_PART}{unit}\s*)?" for unit in _UNITS) + "$"


def parse_numbers(
    text: pl.Series, notation: Notation = USUAL_NUMBERS
) -> tuple[pl.Series, list[Repair]]:
    """Read the numbers of a clean text column, null where there is none, and list the repairs.

    Infinities come through: whether a column may hold them is not decided here.

    >>> parse_numbers(pl.Series("x", ["3억 2,000만원", "1,234", "7", "seven"]))[0].to_list()
    [320000000.0, 1234.0, 7.0, None]
    """
    numbers = text.cast(pl.Float64, strict=False).alias(text.name)
    unread = text.is_not_null() & numbers.is_null()
    if not {*NUMBERS} & {*notation.repairs} or not unread.any():
        return numbers, []
    seen = text.filter(unread).value_counts(name="times").sort("times", descending=True)
    written, times = seen[text.name], seen["times"]
    now, made = written, []
    for code in NUMBERS:
        if code in notation.repairs:
            after = _REPAIRS[code](now)
            made.append((code, now, after))
            now = after
    read = now.cast(pl.Float64, strict=False)
    fine = read.is_not_null()
    repairs = [
        tally(code, text.name, times.filter(fine), before.filter(fine), after.filter(fine))
        for code, before, after in made
    ]
    found = text.replace_strict(written, read, default=None, return_dtype=pl.Float64)
    return numbers.zip_with(~unread, found).alias(text.name), [r for r in repairs if r]


def find_numbers(text: pl.Series, asked: ColumnOptions = ANYTHING) -> Evidence:
    """Find the notations in which distinct, clean cells are numbers.

    Args:
        text: the distinct cells of a column, the most frequent first, none missing.
        asked: what a person has decided about the column.
    """
    repairs = (*TEXT, *NUMBERS) if asked.repairs is None else asked.repairs
    notation = Notation(repairs=repairs)
    read, _ = parse_numbers(text, notation)
    if read.null_count() > MAX_UNREAD * len(text):
        return Evidence()
    return Evidence((notation,), text.filter(read.is_null()))


def number_text(numbers: pl.Series) -> pl.Series:
    """Write numbers as categories: integers without ".0", null for what is not finite.

    >>> number_text(pl.Series([1.0, 2.5, None])).to_list()
    ['1', '2.5', None]
    """
    numbers = numbers.cast(pl.Float64)
    finite = numbers.is_finite().fill_null(value=False)
    whole = finite & (numbers == numbers.floor()).fill_null(value=False) & (numbers.abs() < 1e15)
    short = numbers.cast(pl.Int64, strict=False).cast(pl.String)
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(numbers))
    return short.zip_with(whole, numbers.cast(pl.String)).zip_with(finite, empty)


def _full_width(text: pl.Series) -> pl.Series:
    return text.str.replace_many(list(_WIDE), list(_WIDE.values()))


def _currency(text: pl.Series) -> pl.Series:
    front = text.str.replace(r"^([-+]?)\s*(?:[$€₩£¥]|KRW|USD|EUR)\s*([-+]?)(\d)", "${1}${2}${3}")
    return front.str.replace(r"([\d조억만천])\s*(?:[$€₩£¥원]|KRW|USD|EUR)$", "${1}")


def _percent(text: pl.Series) -> pl.Series:
    return text.str.replace(r"(\d)\s*%$", "${1}")


def _thousands(text: pl.Series) -> pl.Series:
    grouped = text.str.contains(r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
    return text.str.replace_all(",", "", literal=True).zip_with(grouped, text)


def _korean_units(text: pl.Series) -> pl.Series:
    united = text.str.contains(r"\d\s*[조억만천]") & text.str.contains(_KOREAN)
    if not united.any():
        return text
    groups = text.str.replace_all(",", "", literal=True).str.extract_groups(_KOREAN).struct
    total = pl.Series([0.0]).new_from_index(0, len(text))
    for i, scale in enumerate(_UNITS.values()):
        thousands, rest, plain = (
            groups.field(str(2 + 3 * i + j)).cast(pl.Float64, strict=False).fill_null(0)
            for j in range(3)
        )
        total = total + (thousands * 1000 + rest + plain) * scale
    signed = total * (1 - 2 * (groups.field("1") == "-").fill_null(value=False).cast(pl.Float64))
    return signed.cast(pl.String).zip_with(united, text)


_REPAIRS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "full-width": _full_width,
    "currency": _currency,
    "percent": _percent,
    "korean-units": _korean_units,
    "thousands": _thousands,
}
