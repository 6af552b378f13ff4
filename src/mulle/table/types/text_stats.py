"""Look at all text columns in one pass of Polars each hundred, so that thousands take seconds.

What a column is stored as is decided in `coerce`, from these facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from mulle.table.types.exact import EXACT, Exact, look_closer
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.text import (
    WHITESPACE,
    cleaned,
    is_settled,
    missing_words,
    without_nfc,
)

_TRUTH = "(?i)^(?:true|false)$"
_SHARE = 0.05  # of the cells that begin with digits, from which it is worth looking closer
_DIGITS = r"^\D{0,24}\d"
_FIRST = ("filled", "plain", "finite", "long", "parts")
_WHOLE = ("zeros", "exponents", "dotted")
_PARTS = ("zeros", "exponents", "tails")
_OTHER = ("truth", "digits")
_FACTS = (*_FIRST, "touched", *_WHOLE, "tails", *_OTHER)
_GROUPED = r"^[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})?$"
_SAMPLE = 1000  # cells that are looked at first
_LOOK = 100  # cells that may show that a long column is text
_MANY = 10_000  # cells of a long column
_T = TypeVar("_T")


@dataclass(frozen=True)
class TextStats:
    """The facts that one pass over a text column finds."""

    clean: pl.Series  # after the text repairs
    numbers: pl.Series  # what a plain cast reads, null for all else

    touched: bool  # the text repairs change something
    filled: bool  # there is a value at all
    plain: bool  # all values are plain numbers
    finite: bool  # no number is infinite or NaN
    exact: Exact  # whether plain numbers are codes
    dotted: bool  # plain numbers have a point
    grouped: bool  # each point of plain numbers may be a mark of thousands
    truth: bool  # nothing but "true" and "false"
    digits: bool  # some values begin like a number or a date

    @property
    def codes(self) -> bool:
        """Whether digits are codes, which stay text."""
        return bool(self.exact.reason)


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


def _clean(texts: pl.DataFrame, notation: Notation) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Clean text columns, and cast them to numbers; the names are those of columns cleaned.

    What a cast reads is no word for missing and has no blanks around it, so that only columns that
    it does not read take cleaning.

    Args:
        texts: columns named by number ("*" is a name as well).
        notation: its text repairs are made.
    """
    numbers = _cast(texts)
    unread = texts.null_count().row(0), numbers.null_count().row(0)
    nans = numbers.select(pl.all().is_nan().any()).row(0)
    names = [
        name
        for name, before, after, nan in zip(texts.columns, *unread, nans, strict=True)
        if before != after or nan
    ]
    names, settled = _unclean(texts, names)
    if not names:
        return texts, numbers, []
    clean = texts.select(
        cleaned(
            pl.col(name), without_nfc(notation) if name in settled else notation, Storage.string
        ).alias(name)
        for name in names
    )
    return texts.with_columns(clean), numbers.with_columns(_cast(clean)), names


def _cast(texts: pl.DataFrame) -> pl.DataFrame:
    """Cast columns to numbers; long ones whose first cells are text are null throughout."""
    if texts.height < _MANY:
        return texts.select(pl.all().cast(pl.Float64, strict=False))
    first = texts.head(_LOOK).select(pl.all().str.strip_chars(WHITESPACE))
    word = pl.all().is_null() | pl.all().is_in(sorted(missing_words(Storage.string)))
    may_be = first.select(pl.all().cast(pl.Float64, strict=False).is_not_null() | word)
    nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, texts.height)
    return pl.DataFrame([
        cells.cast(pl.Float64, strict=False)
        if may_be[cells.name].all()
        else nothing.alias(cells.name)
        for cells in texts.iter_columns()
    ])  # fmt: skip


def _unclean(texts: pl.DataFrame, names: list[str]) -> tuple[list[str], set[str]]:
    """Return which columns a text repair may change, and those among them that are in NFC."""
    few = {name: _distinct(texts[name]) for name in names} if texts.height >= _MANY else {}
    shown = {name: cells for name, cells in few.items() if cells is not None}
    rest = [name for name in names if name not in shown]
    facts = _repairs_needed(texts.select(rest))
    for cells in shown.values():
        facts |= _repairs_needed(cells.to_frame())
    settled = {name for name in names if facts[f"s{name}"]}
    return [n for n in names if facts[f"c{n}"] or n not in settled], settled


def _distinct(cells: pl.Series) -> pl.Series | None:
    """Return the distinct cells of a long column, None where the first show that it has many."""
    return cells.unique() if cells.head(_MANY).n_unique() < _MANY / 2 else None


def _repairs_needed(texts: pl.DataFrame) -> dict[str, bool]:
    """Tell of each column whether it is settled in NFC (s), and whether another repair changes it.

    ASCII is settled, and begins or ends with a blank only where a cell is less than "!".
    """
    words = sorted(missing_words(Storage.string))
    ascii_ = pl.all().str.len_bytes().sum() == pl.all().str.len_chars().sum()
    simple = texts.select(ascii_).row(0, named=True) if texts.width else {}
    asked = []
    for name, is_simple in simple.items():
        column = pl.col(name)
        if is_simple:
            last = column.str.slice(-1)
            blank = ((column < "!") | (last < "!")).any()
            settled = pl.lit(value=True)
        else:
            bare = column.str.strip_chars(WHITESPACE).str.len_bytes()
            blank, settled = (bare != column.str.len_bytes()).any(), is_settled(column)
        changed = blank | column.is_in(words).any()
        asked += [settled.alias(f"s{name}"), changed.alias(f"c{name}")]
    return texts.select(asked).row(0, named=True) if asked else {}


def _survey(raw: pl.DataFrame, names: Sequence[str], notation: Notation) -> list[TextStats]:
    clean, numbers, taken = _clean(raw, notation)
    parts = zip("rcn", (raw, clean, numbers), strict=True)
    all_parts = pl.concat(
        [part.select(pl.all().name.prefix(tag)) for tag, part in parts], how="horizontal"
    )
    touched = {int(name) for name in taken}
    nulls = zip(clean.null_count().row(0), numbers.null_count().row(0), strict=True)
    text = {i for i, (empty, unread) in enumerate(nulls) if empty < unread == raw.height}
    wanted = [("filled",) if i in text else _FIRST for i in range(raw.width)]
    first = _ask(
        all_parts,
        {i: (*one, "touched") if i in touched else one for i, one in enumerate(wanted)},
    )
    plain = [bool(first.get(f"plain{i}") and first[f"filled{i}"]) for i in range(raw.width)]
    more = [_PARTS if first.get(f"parts{i}") else _WHOLE for i in range(raw.width)]
    facts = first | _ask(
        all_parts,
        {i: more[i] if is_plain else _of_text(clean[str(i)]) for i, is_plain in enumerate(plain)},
    )
    for i, is_plain in enumerate(plain):
        if not is_plain:
            facts.setdefault(f"digits{i}", True)  # not asked where the first cells decide
    return [
        _stats(clean[str(i)].alias(name), numbers[str(i)].alias(name), facts, i, is_plain=plain[i])
        for i, name in enumerate(names)
    ]


def _of_text(cells: pl.Series) -> tuple[str, ...]:
    """Return the facts of text that its first cells do not decide."""
    if len(cells) < _MANY:
        return _OTHER
    truth = cells.head(_LOOK).str.contains(_TRUTH).all()
    digits = cells.head(len(cells) // 10).str.contains(_DIGITS).sum() > _SHARE * cells.count()
    return (*(("truth",) if truth else ()), *(() if digits else ("digits",)))


def _stats(
    text: pl.Series, numbers: pl.Series, facts: dict[str, object], i: int, *, is_plain: bool
) -> TextStats:
    fact = {key: bool(facts.get(f"{key}{i}")) for key in _FACTS}
    dotted = fact["parts"] or fact["dotted"]
    unsure = fact["zeros"] or fact["exponents"] or fact["long"] or fact["tails"]
    return TextStats(
        clean=text,
        numbers=numbers,
        touched=fact["touched"],
        filled=fact["filled"],
        plain=is_plain,
        finite=fact["finite"],
        exact=look_closer(text, numbers) if is_plain and unsure else Exact(),
        dotted=is_plain and dotted,
        grouped=is_plain and dotted and _all_grouped(text),
        truth=fact["truth"],
        digits=fact["digits"],
    )


def _all_grouped(text: pl.Series) -> bool:
    few = text.drop_nulls().head(_SAMPLE)
    return bool(few.str.contains(_GROUPED).all() and text.str.contains(_GROUPED).all())


def _ask(parts: pl.DataFrame, asked: Mapping[int, Sequence[str]]) -> dict[str, object]:
    """Find facts of columns in one pass.

    Args:
        parts: column i raw as r, clean as c, cast to numbers as n.
        asked: names of facts by column.
    """
    wanted = [_fact(name, i).alias(f"{name}{i}") for i, names in asked.items() for name in names]
    return parts.select(wanted).row(0, named=True) if wanted else {}


def _fact(name: str, i: int) -> pl.Expr:
    before, text, number = pl.col(f"r{i}"), pl.col(f"c{i}"), pl.col(f"n{i}")
    zero = [text.str.starts_with(begin) for begin in ("0", "-0", "+0")]
    facts = {
        "touched": before.ne_missing(text).any(),
        "filled": text.is_not_null().any(),
        "plain": number.null_count() == text.null_count(),
        "finite": number.is_finite().all(),
        "long": number.abs().max() >= EXACT,
        "parts": (number != number.floor()).any(),
        "zeros": text.filter(zero[0] | zero[1] | zero[2]).str.contains("^[-+]?0[0-9]").any(),
        "exponents": text.str.contains("[eE]").any(),
        "dotted": text.str.contains(".", literal=True).any(),
        "tails": (text.str.ends_with("0") & (number != number.floor())).any(),
        "truth": text.str.contains(_TRUTH).all(),
        "digits": text.str.contains(_DIGITS).mean() > _SHARE,
    }
    return facts[name]
