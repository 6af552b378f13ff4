"""Find the notation in which the cells of a column are numbers.

Marks. Both marks in one cell decide: the last is the decimal one. "1,5" and "0,512" decide for the
decimal comma, "1,234,567" and "1,23,456" for thousands. "1,234" decides nothing: plain integers
from 1000 on beside it speak for the decimal comma, cells that all end in 0 for thousands; else both
readings are returned, and the columns beside it or a person choose. What two cells contradict each
other in is asked.

Units. One unit in a column is read, and numbers without it; of several units the person is asked,
as of "49.7%" beside "0.628". Letters (K, M, B) multiply beside money, or where two of them stand in
a column. Codes (12A, 12B), ordinals and lists (1,2,3) are no numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import polars as pl

from mulle.table.types.column import EXAMPLES, Doubt
from mulle.table.types.evidence import Evidence
from mulle.table.types.exact import zeros_lead
from mulle.table.types.notation import DECIMALS, Decimal, Notation
from mulle.table.types.number_forms import split
from mulle.table.types.number_words import (
    LETTERS,
    MONEY,
    ORDINALS,
    PAIRS,
    RAND,
    UNITS,
    one_spelling,
)
from mulle.table.types.numbers import NUMBERS, SHARES, meaning, with_units
from mulle.table.types.options import ANYTHING, ColumnOptions
from mulle.table.types.text import TEXT

MAX_UNREAD = 0.1  # share of distinct cells that may be no numbers, or no dates
FEW = 4  # distinct cells of which one may be a word
MOST_WHOLE = 3  # numbers for each with a comma where commas do not speak for other columns
_FLAGGED = r"^[-+]?\d+[.,]\d+\s[a-z]{1,3}$"  # Eurostat writes 3.4 b, 2.1 ep
_HALF_NUMBER = r"^[-+~<>≤≥(]?\s?[0-9]"
MANY = 5  # cells like 1,234 among which one of three digits is missed
#: lists of chosen answers (1,2,3), and labels with a number in front (2. Middle Atlantic)
_LIST = r"^[0-9]{1,2}(?:, ?[0-9]{1,2}){2,}$|^[0-9]{1,2}\.\s\p{L}"
_OF_MONEY = r"[.,][0-9]{2}$|[ .,][0-9]{3}"
MONEY_NAMES = frozenset(MONEY.values())


def find_numbers(text: pl.Series, asked: ColumnOptions = ANYTHING) -> Evidence:
    """Find the notations in which distinct, clean cells are numbers.

    Args:
        text: the distinct cells of a column in the order of its rows, none missing.
        asked: what a person has decided about the column.
    """
    parts = split(text)
    nothing = parts["body"].is_null()
    if nothing.sum() > _most_unread(text):
        return _others(text, parts)
    if text.str.contains(_LIST).any():
        return Evidence()
    found = _around(parts.filter(~nothing), asked)
    if found is None or isinstance(found, Doubt):
        return Evidence(doubt=found)
    return _with_marks(text, parts, found, asked)


def _most_unread(text: pl.Series) -> float:
    """Return how many distinct cells may be no numbers: one word is asked about among few."""
    return max(MAX_UNREAD * len(text), int(len(text) >= FEW))


def _around(parts: pl.DataFrame, asked: ColumnOptions) -> Notation | Doubt | None:
    """Find what stands around the digits: the notation but its marks, a doubt, or no numbers."""
    alone = parts.filter(~pl.col("unit").is_in([*MONEY_NAMES]))
    letters = {*alone["letter"].unique()} - {""}
    extra = {
        "letters": any(pair <= letters for pair in PAIRS),
        "credit-debit": "dr" in alone["unit"],
        "arrows": parts["arrow"].is_in(["▽", "▼", "↑", "↓"]).any(),
        "fraction": (parts["fraction"] & ~parts["ratio"]).any(),
        "limit": (parts["side"] != 0).any(),
    }
    if _are_noted(parts) or parts["accounting"].all():
        return None  # (1), (2) are labels
    if extra["limit"] and not _few_limits(parts, asked):
        measured = parts.filter(side=0)["body"].is_not_null().any()
        return _limits(parts) if measured else None  # <20, 20+ are classes
    codes = (*TEXT, *NUMBERS, *(code for code, seen in extra.items() if seen))
    notation = Notation(
        repairs=codes if asked.repairs is None else asked.repairs,
        form="limit" if extra["limit"] else "",
        scale=asked.scale or 1.0,
        percent="fraction" if asked.percent == "fraction" else "points",
    )
    unit = _unit(with_units(parts, notation), asked)
    return msgspec.structs.replace(notation, unit=unit) if isinstance(unit, str) else unit


def _are_noted(parts: pl.DataFrame) -> bool:
    """Tell whether each cell has something in brackets behind, and so more than a footnote."""
    return bool((parts["footnote"] & parts["cell"].str.contains(r"[\])]$")).all())


def _few_limits(parts: pl.DataFrame, asked: ColumnOptions) -> bool:
    limits = int((parts["side"] != 0).sum())
    measured = len(parts) - limits
    given = asked.form == "limit" or asked.kind is not None
    return given or (measured >= 3 and limits <= measured)


def _limits(parts: pl.DataFrame) -> Doubt:
    cells = pl.concat([parts.filter(pl.col("side") != 0).head(2), parts.filter(side=0).head(1)])
    return Doubt("limit-or-class", values={"examples": cells["cell"].to_list()})


def _others(text: pl.Series, parts: pl.DataFrame) -> Evidence:
    """Ask about the rest of a column of numbers; many codes such as A12 are not asked about."""
    others = text.filter(parts["body"].is_null())
    measured = int((parts["body"].is_not_null() & (parts["side"] == 0)).sum())
    few = len(others) <= FEW and len(others) < measured
    half = others.str.contains(_HALF_NUMBER).all() and len(others) <= measured
    if not (few or half) or zeros_lead(parts["body"].drop_nulls()):
        return Evidence()
    values = {"examples": others.head(EXAMPLES).to_list(), "distinct": len(others)}
    return Evidence((), others, Doubt("cells-unread", values=values), doubted=others)


def _unit(parts: pl.DataFrame, asked: ColumnOptions) -> str | Doubt | None:
    """Find the one unit of a column; a doubt where there are several, None where they are codes."""
    if asked.unit is not None:
        return str(pl.select(one_spelling(pl.lit(asked.unit))).item())
    counts = dict(parts.filter(pl.col("unit") != "")["unit"].value_counts(sort=True).rows())
    units: list[str] = [*counts]
    bare = parts.filter((pl.col("unit") == "") & (pl.col("times") == 1))
    if parts.filter(pl.col("unit") != "")["body"].str.ends_with(".").any():
        return None  # 1.png is a file
    if ORDINALS & {*units}:  # 2e is second, 2.1 e is not
        flagged = parts.filter(pl.col("unit") != "")["cell"].str.contains(_FLAGGED).all()
        return _marked_cells(parts, bare) if flagged else None
    if len(units) > 1:
        known = {*units} <= UNITS | MONEY_NAMES
        often = all(len(unit) > 1 and count > 1 for unit, count in counts.items())
        words = len(units) <= 3 and often
        return _doubt("unit-mixed", parts) if known or words else _marked_cells(parts, bare)
    if not units:
        return ""
    unit = units[0]
    if unit == RAND and not parts.filter(unit=unit)["body"].str.contains(_OF_MONEY).any():
        return None
    if unit in SHARES and asked.percent is None and _all_below_one(bare["body"]):
        return _doubt("percent-mixed", parts)
    capital = parts.filter(unit=unit)["cell"].str.contains(r"[KMBTkb]\s*$|(?i:cr)\s*$").any()
    if unit in LETTERS and capital and bare["body"].str.contains("[1-9]").any():
        return _doubt("unit-mixed", parts)
    if counts[unit] < len(bare) and _is_code(unit, parts):
        few = counts[unit] <= _most_unread(parts["cell"])
        return "" if few else _marked_cells(parts, bare)  # 136A among 1, 2, 3 is not read
    return unit


def _marked_cells(parts: pl.DataFrame, bare: pl.DataFrame) -> Doubt | None:
    """Ask about letters behind some of many numbers: flags, footnotes, or parts of codes."""
    marked = parts.filter(pl.col("unit") != "")["cell"]
    if len(marked) > len(bare) and not marked.str.contains(_FLAGGED).all():
        return None
    values = {"examples": marked.head(EXAMPLES).to_list(), "distinct": len(marked)}
    return Doubt("cells-marked", count=len(marked), values=values)


def _is_code(unit: str, parts: pl.DataFrame) -> bool:
    """Tell whether letters right behind a few numbers make codes of them, and are no unit."""
    if unit in MONEY_NAMES or unit in SHARES or not unit.isalpha():
        return False
    if len(unit) > 1 or not unit.isascii():
        return unit not in UNITS
    return bool(parts.filter(unit=unit)["cell"].str.contains(r"[0-9]\p{L}$").all())


def _all_below_one(body: pl.Series) -> bool:
    """Tell whether numbers beside percentages are shares of one."""
    numbers = body.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    numbers = numbers.drop_nulls().filter(numbers.drop_nulls() != 0)
    return bool(len(numbers) and (numbers <= 1).all())


def _with_marks(
    text: pl.Series, parts: pl.DataFrame, notation: Notation, asked: ColumnOptions
) -> Evidence:
    """Find the marks of the digits."""
    marked = {mark: _marked(parts["body"], notation, mark, asked) for mark in DECIMALS}
    known = with_units(parts, notation)
    values = {mark: meaning(known, marked[mark])["value"] for mark in DECIMALS}
    if asked.decimal:
        found = _reading(text, parts, values[asked.decimal], marked[asked.decimal])
        other = values["." if asked.decimal == "," else ","]
        if found.readings or other.null_count() > _most_unread(text):
            return found
        return Evidence(doubt=_either_mark(text, values[asked.decimal].is_null(), []))
    dot, comma = values["."], values[","]
    only_dot = dot.is_not_null() & comma.is_null()
    only_comma = comma.is_not_null() & dot.is_null()
    if only_dot.any() and only_comma.any():
        first = [text.filter(only)[0] for only in (only_dot, only_comma)]
        return Evidence(doubt=Doubt("marks-mixed", values={"examples": first}))
    if only_comma.any():
        decisive = parts["body"].filter(only_comma)
        few = MOST_WHOLE * len(decisive) <= len(text)
        if (decisive == text.filter(only_comma)).all() and _are_choices(decisive, few=few):
            return Evidence(doubt=_either_mark(text, only_comma, []))
        found = _reading(text, parts, comma, marked[","], speaks=len(decisive) > 1 and not few)
        doubtful = few and len(found.readings) > 0
        return replace(found, doubt=_either_mark(text, only_comma, []) if doubtful else None)
    differ = (dot != comma).fill_null(value=False)
    if only_dot.any() or not differ.any():
        return _reading(text, parts, dot, marked["."], speaks=int(only_dot.sum()) > 1)
    return _either(text, parts, differ, values, marked)


def _marked(body: pl.Series, found: Notation, decimal: Decimal, asked: ColumnOptions) -> Notation:
    """Return a notation with a decimal mark and the mark between groups that stands beside it."""
    groups = asked.thousands
    if groups is None:
        marks = [mark for mark in (",", ".", "'", " ", "_") if mark != decimal]
        seen = {mark: int(body.str.contains(_groups(mark)).sum()) for mark in marks}
        groups = max(marks, key=lambda mark: seen[mark])
        if not seen[groups]:
            groups = "," if decimal == "." else ""
    return msgspec.structs.replace(found, decimal=decimal, thousands=groups)


def _groups(mark: str) -> str:
    mark = re.escape(mark)
    return rf"^[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}(?:[.,]|$)"


def _reading(
    text: pl.Series,
    parts: pl.DataFrame,
    values: pl.Series,
    notation: Notation,
    *,
    speaks: bool = False,
) -> Evidence:
    unread = text.filter(values.is_null())
    if len(unread) > _most_unread(text):
        return Evidence()
    if zeros_lead(parts["body"].drop_nulls()):
        return Evidence()
    return Evidence((notation,), unread, speaks=speaks)


def _either(
    text: pl.Series,
    parts: pl.DataFrame,
    differ: pl.Series,
    values: dict[Decimal, pl.Series],
    marked: dict[Decimal, Notation],
) -> Evidence:
    """Weigh cells such as 1,234 that can be read in two ways."""
    body = parts["body"].filter(differ)
    commas, plain = body.str.contains(",", literal=True), parts["body"].filter(~differ)
    doubt = _either_mark(text, differ, [float(values[m].filter(differ)[0]) for m in DECIMALS])
    if commas.any() and not commas.all():
        return Evidence((marked["."], marked[","]), doubt=doubt)
    thousands: Decimal = "." if commas.all() else ","  # the decimal mark if these are thousands
    if (
        (parts["currency"] | parts["accounting"]).filter(differ).any()
    ):  # no money has three decimals
        return _reading(text, parts, values[thousands], marked[thousands], speaks=True)
    large = plain.str.contains("^[1-9][0-9]{3,}$").any()
    round_ones = len(body) > 1 and body.str.ends_with("0").all()
    if not commas.all():
        readings = (marked["."], marked[","])
        unread = text.filter(values["."].is_null())
        open_ = round_ones or (len(body) > 1 and not len(plain))
        return Evidence(readings, unread, doubt if open_ else None, usual=True)
    if round_ones and not large:
        return _reading(text, parts, values["."], marked["."])
    small = plain.str.contains("^[0-9]{1,2}$").any() and not plain.str.contains("^[0-9]{3}$").any()
    small &= len(body) >= MANY
    readings = (marked[","], marked["."]) if large else (marked["."], marked[","])
    unread = text.filter(values["."].is_null())
    return Evidence(readings, unread, doubt, usual=not (large or small))


def _either_mark(text: pl.Series, where: pl.Series, readings: list[float]) -> Doubt:
    examples = text.filter(where).head(EXAMPLES).to_list()
    return Doubt("decimal-mark", values={"examples": examples, "readings": readings})


def _are_choices(body: pl.Series, *, few: bool) -> bool:
    """Tell lists of chosen answers ("1,3", "14,15") from numbers: they rise.

    Args:
        body: the cells that have a comma.
        few: whether they are few among whole numbers, and so may have two digits.
    """
    digits = "[1-9][0-9]?" if few else "[1-9]"
    pair = body.str.extract_groups(rf"^({digits}),({digits})$").struct
    low, high = (pair.field(i).cast(pl.Int32) for i in ("1", "2"))
    rises = (low < high).fill_null(value=False)
    return bool(rises.all())


def _doubt(code: str, parts: pl.DataFrame) -> Doubt:
    """Return a doubt that shows a cell of each unit."""
    cells = parts.filter(pl.col("unit").is_first_distinct())["cell"]
    return Doubt(code, values={"examples": cells.head(EXAMPLES).to_list()})
