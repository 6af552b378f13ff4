"""Look at all text columns in one pass of Polars each hundred, so that thousands take seconds.

What a column is stored as is decided in `coerce`, from these facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.text import cleaned, is_ascii, without_nfc

EXACT = 2.0**53  # beyond, float64 does not hold every integer
_DIGITS = r"^[^\p{L}\d]{0,3}(?:\p{L}{1,10}[^\p{L}\d]{0,3}){0,2}\d"
_FACTS = ("touched", "filled", "plain", "zeros", "long", "finite", "truth", "digits")
_T = TypeVar("_T")


@dataclass(frozen=True)
class TextStats:
    """The facts that one pass over a text column finds."""

    clean: pl.Series  # after the text repairs
    numbers: pl.Series  # what a plain cast reads, null for all else

    touched: bool  # the text repairs change something
    filled: bool  # there is a value at all
    plain: bool  # all values are plain numbers
    codes: bool  # digits with leading zeros, or keys too long for float64
    finite: bool  # no number is infinite or NaN
    truth: bool  # nothing but "true" and "false"
    digits: bool  # some values begin like a number or a date


def text_stats(
    frame: pl.DataFrame, names: Sequence[str], notation: Notation
) -> dict[str, TextStats]:
    """Find the facts of text columns, after the text repairs of a notation."""
    out: dict[str, TextStats] = {}
    for part in batched(names):
        raw = pl.DataFrame([frame[name].alias(str(i)) for i, name in enumerate(part)])
        out |= dict(zip(part, _survey(raw, part, notation), strict=True))
    return out


def batched(columns: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield columns a hundred at a time: the planner's work grows with their number squared."""
    return (columns[i : i + 100] for i in range(0, len(columns), 100))


def _clean(texts: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """Clean text columns, named by number ("*" is a name as well), by the repairs of a notation."""
    plain = texts.select(is_ascii(pl.all())).row(0)
    return texts.select(
        cleaned(
            pl.col(name), without_nfc(notation) if ascii_only else notation, Storage.string
        ).alias(name)
        for name, ascii_only in zip(texts.columns, plain, strict=True)
    )


def _survey(raw: pl.DataFrame, names: Sequence[str], notation: Notation) -> list[TextStats]:
    clean = _clean(raw, notation)
    numbers = clean.select(pl.all().cast(pl.Float64, strict=False))
    parts = zip("rcn", (raw, clean, numbers), strict=True)
    both = pl.concat(
        [part.select(pl.all().name.prefix(tag)) for tag, part in parts], how="horizontal"
    )
    asked = [fact for i in range(raw.width) for fact in _facts(i)]
    got = both.select(asked).row(0, named=True)
    out = []
    for i, name in enumerate(names):
        text, number = clean[str(i)], numbers[str(i)]
        fact = {key: bool(got[f"{key}{i}"]) for key in _FACTS}
        plain = fact["plain"] and fact["filled"]
        keys = plain and (fact["zeros"] or (fact["long"] and _long_key(text)))
        out.append(
            TextStats(
                clean=text.alias(name),
                numbers=number.alias(name),
                touched=fact["touched"],
                filled=fact["filled"],
                plain=plain,
                codes=keys,
                finite=fact["finite"],
                truth=fact["truth"],
                digits=fact["digits"],
            )
        )
    return out


def _facts(i: int) -> list[pl.Expr]:
    """List the facts asked of column i: raw as r, clean as c, cast to numbers as n."""
    before, after, number = pl.col(f"r{i}"), pl.col(f"c{i}"), pl.col(f"n{i}")
    facts = (
        before.ne_missing(after).any(),
        after.is_not_null().any(),
        number.null_count() == after.null_count(),
        after.str.contains(r"^[-+]?0\d").any(),
        number.abs().max() >= EXACT,
        number.is_finite().all(),
        after.str.contains("(?i)^(?:true|false)$").all(),
        after.str.contains(_DIGITS).mean() > 0.05,
    )
    return [fact.alias(f"{key}{i}") for key, fact in zip(_FACTS, facts, strict=True)]


def _long_key(text: pl.Series) -> bool:
    """Tell integers beyond float64, each standing once: a key, to be kept digit by digit."""
    values = text.drop_nulls()
    return values.str.contains(r"^\d+$").all() and values.n_unique() == len(values)
