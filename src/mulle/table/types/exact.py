"""Texts that a number would make equal: long digits, leading zeros, exponents, 1.1 beside 1.10.

A cast that makes two different texts equal is no reading where the difference may mean something:
"1,234" and "1234" are one number, as are "5" and "5.0"; "007" and "7", "1E5" and "100000", or two
cards of 18 digits are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mulle.table.types.column import Doubt, Repair
from mulle.table.types.numbers import number_text

EXACT = 2.0**53  # beyond, float64 does not hold every integer
EXAMPLES = 4
FEW_ZEROS = 0.05  # share of distinct cells with leading zeros that may be slips of the hand
_ZEROS = r"^[-+]?0[0-9]"
_CODE = "^(?:[0-9]+E|[0-9]{2,}e)[0-9]+$"  # 12E4; programs write 1e-05 and 1.20E+04
_EXPONENT = r"^[-+]?([0-9.]+)[eE]([-+]?)[0-9]+$"


@dataclass(frozen=True)
class Exact:
    """What the digits of a column of plain numbers say.

    Attributes:
        reason: why the cells are codes, "" where they are numbers.
        doubts: what a person has to decide.
        repairs: what was read although it might mean something else.
    """

    reason: str = ""
    doubts: tuple[Doubt, ...] = ()
    repairs: tuple[Repair, ...] = ()


def look_closer(text: pl.Series, numbers: pl.Series) -> Exact:
    """Tell whether plain numbers are codes, which lose something if they are read as numbers.

    Args:
        text: n cells, each a plain number or null.
        numbers: what a plain cast reads.
    """
    frame = pl.DataFrame({"cell": text, "number": numbers}).drop_nulls()
    seen = frame.group_by("cell").agg(pl.col("number").first(), times=pl.len())
    seen = seen.sort("times", "cell", descending=[True, False])
    for check in (_exponents, _long_digits, _leading_zeros, _trailing_zeros):
        if found := check(seen, text.name):
            return found
    return Exact()


def merged(seen: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct cells that are the same number as another one, in the order of numbers.

    How a sign, ".0" and an exponent with a sign are written does not count: "+5.0" is "5",
    "1E+05" is "1e5"; "1e05" is not.

    Args:
        seen: cell, number and times of distinct cells.
    """
    plain = pl.col("cell").str.to_lowercase().str.strip_prefix("+").str.replace(r"e\+0*", "e")
    plain = plain.str.replace(r"\.0*(e|$)", "${1}").str.replace(r"^(-?)\.", "${1}0.")
    one = seen.group_by(plain.alias("plain")).agg(pl.col("cell", "number", "times").first())
    return one.filter(pl.col("number").is_duplicated()).sort("number", "cell")


def zeros_lead(digits: pl.Series) -> bool:
    """Tell whether digits are codes by their leading zeros, which a number would lose."""
    integers = digits.filter(digits.str.contains("^[0-9]+$"))
    zeros = integers.str.contains("^0[0-9]")
    if not zeros.any():
        return False
    fixed = integers.str.len_chars().n_unique() == 1
    short = integers.str.strip_chars_start("0")
    return bool(fixed or zeros.sum() > FEW_ZEROS * len(digits) or short.is_duplicated().any())


def _exponents(seen: pl.DataFrame, name: str) -> Exact | None:
    where = seen["cell"].str.contains(_EXPONENT)
    if not where.any():
        return None
    codes = seen.filter(seen["cell"].str.contains(_CODE))
    same = merged(seen)
    same = same.filter(
        pl.col("number").is_in(same.filter(same["cell"].str.contains("[eE]"))["number"].implode())
    )
    return _codes("exponents", name, codes if len(codes) else same)


def _long_digits(seen: pl.DataFrame, name: str) -> Exact | None:
    long = seen.filter(
        (pl.col("number").abs() >= EXACT) & pl.col("cell").str.contains("^[-+]?[0-9]+$")
    )
    if not len(long):
        return None
    width = long["cell"].str.len_chars()
    key = seen["times"].max() == 1 and len(long) == len(seen) and width.n_unique() == 1
    lost = long["number"].is_duplicated().any()
    return Exact("long-digits") if lost or key else None


def _leading_zeros(seen: pl.DataFrame, name: str) -> Exact | None:
    zeros = seen.filter(pl.col("cell").str.contains(_ZEROS))
    if not len(zeros):
        return None
    if seen["cell"].str.len_chars().n_unique() == 1 or len(zeros) == len(seen):
        return Exact("leading-zeros")
    if len(zeros) > FEW_ZEROS * len(seen):  # 007 beside 12: padded by hand, or a slip
        return _codes("leading-zeros", name, zeros)
    same = merged(seen)
    same = same.filter(pl.col("number").is_in(zeros["number"].implode()))
    return _codes("leading-zeros", name, same) or _listed("leading-zeros", name, zeros)


def _trailing_zeros(seen: pl.DataFrame, name: str) -> Exact | None:
    fraction = seen["cell"].str.extract(r"\.([0-9]+)$").drop_nulls()
    fraction = fraction.filter(fraction != "0")
    counters = not fraction.str.contains("^0|^...").any()
    same = merged(seen)
    if not len(same):
        return _codes("counters", name, _counted(seen)) if counters else None
    if counters:
        return _codes("trailing-zeros", name, same)
    return _listed("trailing-zeros", name, same.filter(pl.col("cell").str.ends_with("0")))


def _counted(seen: pl.DataFrame) -> pl.DataFrame:
    """Return cells such as 3.9 and 3.10, of which the second is the next of the first.

    Numbers of which some are written to one place and others to two rarely end in 0.
    """
    parts = seen["cell"].str.extract_groups(r"^([0-9]+)\.([0-9]{1,2})$").struct.unnest()
    parts = pl.concat(
        [seen, parts.cast(pl.Int64).rename({"1": "whole", "2": "part"})], how="horizontal"
    )
    places = parts["cell"].str.extract(r"\.([0-9]+)$").str.len_chars()
    if places.min() == places.max():
        return seen.clear()
    tens = parts.filter(pl.col("cell").str.contains(r"\.[1-9]0$")).select("whole", "part")
    before = tens.with_columns(pl.col("part") - 1)
    pairs = before.join(parts, on=["whole", "part"], how="semi").with_columns(pl.col("part") + 1)
    steps = pl.concat([pairs, pairs.with_columns(pl.col("part") - 1)])
    return parts.join(steps, on=["whole", "part"], how="semi").sort("whole", "part")


def _codes(code: str, name: str, cells: pl.DataFrame) -> Exact | None:
    if not len(cells):
        return None
    values = {"examples": cells["cell"].head(EXAMPLES).to_list()}
    return Exact(code, (Doubt(code, name, int(cells["times"].sum()), values),))


def _listed(code: str, name: str, cells: pl.DataFrame) -> Exact | None:
    if not len(cells):
        return None
    values = {"before": cells["cell"][0], "after": number_text(cells["number"])[0]}
    return Exact(repairs=(Repair(code, name, int(cells["times"].sum()), values),))
