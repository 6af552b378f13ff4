"""Numbers as people write them: "1,234원", "３억 2,000만원", "(1.234,50)", "$5.2M", "13 %", "<0.5".

`number_forms` takes cells apart, `number_evidence` finds the notation of a column, and here cells
are read by one notation and nothing else. What a plain cast reads is left to it. A percent sign is
dropped, not divided by: "13 %" is 13, the figure that was written, so that a new row may leave the
sign out; `percent="fraction"` makes it 0.13.
"""

from __future__ import annotations

import re

import msgspec
import polars as pl

from mulle.table.types.column import Repair
from mulle.table.types.notation import Notation
from mulle.table.types.number_forms import CORE, DIGITS, MARKS_ONLY, split, split_each
from mulle.table.types.number_words import INDIAN, LETTERS, MONEY
from mulle.table.types.tally import tally

#: repairs that every number may need, whatever was seen in its column
NUMBERS = (
    "full-width",
    "minus",
    "accounting",
    "approximate",
    "footnote",
    "currency",
    "percent",
    "unit",
    "magnitude",
    "korean-units",
    "thousands",
    "decimal-comma",
    "header-unit",
)
#: repairs that a column needs cells of its own for
BY_EVIDENCE = ("limit", "letters", "credit-debit", "arrows", "fraction")
USUAL_NUMBERS = Notation(repairs=NUMBERS)
ANY_NUMBERS = Notation(repairs=(*NUMBERS, *BY_EVIDENCE))
SHARES = {"%": 100.0, "‰": 1000.0}
_MANY = 10_000  # cells that are read together where they are alike
_HEAD = 20_000  # cells that show whether a column has many distinct ones
_SURROUNDED = r"^[^0-9.,+-]|[^0-9.,a-zA-Z]$|[0-9],"  # no plain number
_MARKS = {"grouped": "thousands", "comma": "decimal-comma"}
SIGNIFICANT_DIGITS = 15  # of a number that was multiplied: 1.1 * 1e8 is 110000000
WHOLE = 1e15  # whole numbers below are written without a point


def parse_numbers(
    text: pl.Series, notation: Notation = USUAL_NUMBERS
) -> tuple[pl.Series, list[Repair]]:
    """Read the numbers of a clean text column, null where there is none, and list the repairs.

    Infinities come through: whether a column may hold them is not decided here.

    >>> parse_numbers(pl.Series("x", ["3억 2,000만원", "1,234", "7", "seven"]))[0].to_list()
    [320000000.0, 1234.0, 7.0, None]
    """
    many = len(text) >= _MANY and text.head(_HEAD).n_unique() > _HEAD / 2
    if many and not text.null_count() and text.head(_HEAD).str.contains(_SURROUNDED).all():
        alike = _parse_alike(text, notation)
        if alike is not None:
            return alike[0].alias(text.name), alike[1]
    numbers = text.cast(pl.Float64, strict=False).alias(text.name)
    if notation.decimal == ",":
        dotted = text.str.contains(".", literal=True).fill_null(value=False)
        numbers = numbers.set(dotted, None)
    scaled = notation.scale != 1 and "header-unit" in notation.repairs
    unread = text.is_not_null() if scaled else text.is_not_null() & numbers.is_null()
    if not ({*NUMBERS} & {*notation.repairs} or notation.decimal == ",") or not unread.any():
        return numbers, []
    left = text.filter(unread).alias("cell")
    if many and len(left) >= _MANY and (alike := _parse_alike(left.alias(text.name), notation)):
        return numbers.scatter(unread.arg_true(), alike[0]), alike[1]
    written = left.unique(maintain_order=True)
    times = left.unique_counts()
    bare = not written.str.contains(MARKS_ONLY).any()
    read = _by_marks(written, notation) if bare else meaning(split(written), notation)
    value = read["value"]
    if len(written) < len(text):
        known, cells = pl.DataFrame([written, value]), text.alias("cell").to_frame()
        value = cells.join(known, on="cell", how="left", maintain_order="left")["value"]
    repairs = _listed(text.name, written, times, read)
    return numbers.zip_with(~unread, value).alias(text.name), repairs


def _listed(column: str, written: pl.Series, times: pl.Series, read: pl.DataFrame) -> list[Repair]:
    """List the repairs of distinct cells that were read."""
    fine = read["value"].is_not_null()
    codes = [code for code in (*NUMBERS, *BY_EVIDENCE) if code in read.columns]
    seen = read.filter(fine).select(pl.col(codes).any()).row(0, named=True)
    repairs = []
    for code in (code for code in codes if seen[code]):
        made = read[code] & fine
        shown = number_text(read["value"].filter(made))
        repairs.append(tally(code, column, times.filter(made), written.filter(made), shown))
    return [repair for repair in repairs if repair]


def _parse_alike(cells: pl.Series, notation: Notation) -> tuple[pl.Series, list[Repair]] | None:
    """Read cells that differ in nothing but their digits; None where they differ in more."""
    first = cells.head(1).str.extract_groups(CORE).struct.unnest()
    before, behind = first["before"][0], first["behind"][0]
    if before is None:
        return None
    around = split_each(pl.Series([f"{before}1{behind}"]))
    read = meaning(around, notation)
    factor = read["value"][0]
    if around["body"][0] != "1" or factor not in {1.0, -1.0}:
        return None
    if before and not cells.str.starts_with(before).all():
        return None
    if behind and not cells.str.ends_with(behind).all():
        return None
    body = cells.str.slice(len(before)) if before else cells
    body = (body.str.head(-len(behind)) if behind else body).alias("body")
    found = _with_digits(body.to_frame(), notation)
    every = found["number"].is_not_null()
    if not every.all() and not body.str.contains(f"^{DIGITS}$").all():
        return None
    used = {code: every & read[code][0] for code in (*NUMBERS, *BY_EVIDENCE)}
    used |= {"thousands": every & found["grouped"], "decimal-comma": every & found["comma"]}
    if any(found[mark].any() for mark, code in _MARKS.items() if code not in notation.repairs):
        return None
    value = found["number"] if factor > 0 else -found["number"]
    repairs = [_first(code, cells, value, made) for code, made in used.items()]
    return value, [repair for repair in repairs if repair]


def _first(code: str, cells: pl.Series, value: pl.Series, made: pl.Series) -> Repair | None:
    """Count a repair of many cells, and show the first of them."""
    count = int(made.sum())
    if not count:
        return None
    at = made.arg_max() or 0
    values = {"before": cells[at], "after": number_text(value[at : at + 1])[0]}
    return Repair(code, cells.name, count, values)


def meaning(parts: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Read cells that were taken apart by a notation.

    Args:
        parts: n cells, by `split` or by `with_units`.
        notation: of their column.

    Returns:
        n rows: `value`, null where the notation does not allow the cell, and a boolean for each
        repair that it takes.
    """
    frame = parts if "times" in parts.columns else with_units(parts, notation)
    frame = _with_digits(frame, notation)
    flags = _flags(notation)
    fine = (pl.col("side") == 0) | pl.lit(notation.form == "limit")
    fine &= pl.col("unit").is_in(["", notation.unit]) | (
        pl.col("money") & pl.lit(not notation.unit)
    )
    for code, used in flags.items():
        if code not in notation.repairs:
            fine &= ~used
    down = ["△", "▽", "▼", "↓", *(() if "arrows" in notation.repairs else ("▲",))]
    minus = pl.col("negative") ^ pl.col("arrow").is_in(down) ^ (pl.col("entry") == "dr")
    factor = pl.col("scale") * pl.col("times")
    factor = factor * pl.when(flags["header-unit"]).then(notation.scale).otherwise(1.0)
    value = pl.coalesce("value", "number")
    if not frame.select((factor == 1).all()).item():
        product = (value * factor).round_sig_figs(SIGNIFICANT_DIGITS)
        value = pl.when(factor == 1).then(value).otherwise(product)
    if notation.percent == "fraction":
        share = pl.col("unit").replace_strict(SHARES, default=1.0, return_dtype=pl.Float64)
        value = (
            pl.when(share == 1)
            .then(value)
            .otherwise((value / share).round_sig_figs(SIGNIFICANT_DIGITS))
        )
    value = pl.when(minus).then(-value).otherwise(value)
    taken = [flag.alias(code) for code, flag in flags.items()]
    return frame.select(*taken, value=pl.when(fine).then(value))


def _by_marks(cells: pl.Series, notation: Notation) -> pl.DataFrame:
    """Read cells of nothing but digits, marks and a sign: as `meaning`, in one pass."""
    cell = pl.col("cell")
    frame = cells.to_frame("cell").select(
        cell.str.starts_with("-").alias("negative"),
        cell.str.strip_prefix("-").str.strip_prefix("+").alias("body"),
    )
    scaled = notation.scale != 1 and "header-unit" in notation.repairs
    used = {
        "thousands": pl.col("grouped"),
        "decimal-comma": pl.col("comma"),
        "header-unit": pl.lit(value=scaled),
    }
    refused = [flag for code, flag in used.items() if code not in notation.repairs]
    number = pl.col("number")
    if scaled:
        number = (number * notation.scale).round_sig_figs(SIGNIFICANT_DIGITS)
    number = pl.when("negative").then(-number).otherwise(number)
    return _with_digits(frame, notation).select(
        pl.when(~pl.any_horizontal(pl.lit(value=False), *refused)).then(number).alias("value"),
        *(flag.alias(code) for code, flag in used.items()),
    )


def with_units(parts: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Decide which letters multiply (`times`), book an entry (`entry`), or are a unit."""
    unit, letter = pl.col("unit"), pl.col("letter")
    money = unit.is_in([*{*MONEY.values()}])
    booked = ((letter == "cr") & (unit == "")) | ((letter == "") & (unit == "dr"))
    booked &= pl.lit("credit-debit" in notation.repairs)
    counts = (money & ~letter.is_in(INDIAN)) | (unit == "inr")
    counts |= (unit == "") & pl.lit("letters" in notation.repairs)
    counts &= (letter != "") & ~booked
    times = letter.replace_strict(LETTERS, default=1.0, return_dtype=pl.Float64)
    return parts.with_columns(
        unit=pl.when(booked).then(pl.lit("")).when(counts).then(unit).otherwise(letter + unit),
        entry=pl.when(booked).then(letter + unit).otherwise(pl.lit("")),
        times=pl.when(counts).then(times).otherwise(1.0),
        money=money & ((letter == "") | counts),
    )


def _flags(notation: Notation) -> dict[str, pl.Expr]:
    """Return for each repair whether a cell takes it."""
    unit, arrow, times = pl.col("unit"), pl.col("arrow"), pl.col("times")
    own = (pl.col("scale") != 1) | (times != 1) | pl.col("value").is_not_null()
    flat = (unit == "") & ~own & pl.lit(notation.scale != 1)
    return {
        **{
            code: pl.col(code)
            for code in ("full-width", "minus", "accounting", "approximate", "footnote")
        },
        "currency": pl.col("currency"),
        "percent": unit.is_in([*SHARES]),
        "unit": (unit != "") & ~unit.is_in([*SHARES]) & ~pl.col("money"),
        "magnitude": (pl.col("scale") != 1) | (times != 1),
        "korean-units": pl.col("korean-units"),
        "thousands": pl.col("grouped"),
        "decimal-comma": pl.col("comma"),
        "header-unit": flat & pl.lit("header-unit" in notation.repairs),
        "limit": pl.col("side") != 0,
        "letters": (times != 1) & (unit == ""),
        "credit-debit": pl.col("entry") != "",
        "arrows": arrow.is_in(["▽", "▼", "↑", "↓"]),
        "fraction": pl.col("fraction"),
    }


def _with_digits(frame: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Read the digits of a body by the marks of a notation: number, and whether marks are used."""
    body = pl.col("body")
    decimal = notation.decimal
    # 1.234,5 is clear; 1.234 is not
    group = notation.thousands or ("." if decimal == "," else "")
    plain = body.str.replace_all(group, "", literal=True) if group else body
    comma = pl.lit(value=False)
    if decimal == ",":
        comma = body.str.contains(",", literal=True)
        plain = plain.str.replace(",", ".", literal=True)
    bare = frame.with_columns(plain=plain)  # not in one step with the rest, which would do it twice
    grouped = pl.col("plain").str.len_bytes() < body.str.len_bytes()
    fits = body.str.contains(_pattern(decimal, notation.thousands))
    return bare.with_columns(
        number=pl.when(fits).then(pl.col("plain").cast(pl.Float64, strict=False)),
        grouped=grouped if group else pl.lit(value=False),
        comma=comma,
    ).drop("plain")


def _pattern(decimal: str, thousands: str) -> str:
    """Return the pattern of digits with such marks; a group never begins with 0.

    >>> [bool(re.match(_pattern(".", ","), digits)) for digits in ("1,23,456.7", "0,512")]
    [True, False]
    """
    point, mark = re.escape(decimal), re.escape(thousands or ".")
    grouped = rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"
    if thousands == ",":
        grouped = rf"(?:{grouped}|[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}})"  # 1,23,456
    tail = rf"(?:{point}[0-9]*)?" if thousands else rf"{point}[0-9]+"
    grouped = "" if not thousands and decimal == "." else f"{grouped}{tail}|"
    return rf"^(?:{grouped}[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][-+]?[0-9]+)?$"


def limit_sides(text: pl.Series, notation: Notation) -> pl.Series:
    """Tell on which side of the written limit a value lies: -1 below, 1 above, 0 measured.

    Args:
        text: n clean cells.
        notation: of their column, of the form "limit".

    >>> limit_sides(pl.Series(["<0.5", "3", "100 이상", None]), ANY_NUMBERS).to_list()
    [-1.0, 0.0, 1.0, None]
    """
    notation = msgspec.structs.replace(notation, form="limit")
    seen = text.alias("cell").drop_nulls().unique()
    parts = split(seen)
    read, _ = parse_numbers(seen, notation)
    side = parts["side"].cast(pl.Float64).set(read.is_null(), None)
    return text.replace_strict(seen, side, default=None, return_dtype=pl.Float64)


def scale_numbers(numbers: pl.Series, notation: Notation) -> pl.Series:
    """Multiply plain numbers by the scale of a header such as "(천원)"."""
    if notation.scale == 1 or "header-unit" not in notation.repairs:
        return numbers
    return (numbers * notation.scale).round_sig_figs(SIGNIFICANT_DIGITS)


def missing_numbers(notation: Notation) -> pl.Series:
    """Return the numbers among the words that mean missing in a column.

    >>> missing_numbers(Notation(missing=("-999", "none"))).to_list()
    [-999.0]
    """
    words = pl.Series(notation.missing, dtype=pl.String)
    return words.cast(pl.Float64, strict=False).drop_nulls()


def number_text(numbers: pl.Series) -> pl.Series:
    """Write numbers as categories: integers without ".0", null for what is not finite.

    >>> number_text(pl.Series([1.0, 2.5, None])).to_list()
    ['1', '2.5', None]
    """
    numbers = numbers.cast(pl.Float64)
    finite = numbers.is_finite().fill_null(value=False)
    whole = finite & (numbers == numbers.floor()).fill_null(value=False) & (numbers.abs() < WHOLE)
    short = numbers.cast(pl.Int64, strict=False).cast(pl.String)
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(numbers))
    return short.zip_with(whole, numbers.cast(pl.String)).zip_with(finite, empty)
