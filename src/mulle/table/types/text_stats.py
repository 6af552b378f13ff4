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
_OF_NUMBERS = ("finite", "long", "parts")
_WHOLE = ("zeros", "exponents", "dotted")
_PARTS = ("zeros", "exponents", "tails")
_OTHER = ("truth", "digits")
_GROUPED = r"^[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})?$"
_SAMPLE = 1000  # cells that are looked at first
_LOOK = 100  # cells that may show that a long column is text
_MANY = 10_000  # cells of a long column
_ODD = {"zeros", "exponents", "long", "tails"}  # what may make codes of plain numbers
_T = TypeVar("_T")
Known = dict[str, set[str]]  # by column the facts that hold


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
    parts = [
        texts.select(alike).select(cleaned(pl.all(), kept, Storage.string).name.keep())
        for kept, alike in (
            (without_nfc(notation), [name for name in names if name in settled]),
            (notation, [name for name in names if name not in settled]),
        )
        if alike
    ]
    clean = pl.concat(parts, how="horizontal")
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
    if not texts.width:
        return {}
    cells, words = pl.all(), sorted(missing_words(Storage.string))
    simple = _true(texts, cells.str.len_bytes().sum() == cells.str.len_chars().sum())
    others = texts.drop(simple)
    facts = {f"s{name}": True for name in simple}
    facts |= dict.fromkeys((f"s{name}" for name in others.columns), False)
    facts |= {f"s{name}": True for name in _true(others, is_settled(cells))}
    word = cells.is_in(words).any()
    bare = cells.str.strip_chars(WHITESPACE).str.len_bytes()
    blank = (bare != cells.str.len_bytes()).any()
    first = ((cells < "!") | (cells.str.slice(-1) < "!")).any()
    changed = {*_true(texts.select(simple), first | word), *_true(others, blank | word)}
    return facts | {f"c{name}": name in changed for name in texts.columns}


def _true(frame: pl.DataFrame, asked: pl.Expr) -> list[str]:
    """Return the columns of which an expression of all columns, one truth each, is true."""
    if not frame.width:
        return []
    found = frame.select(asked).row(0)
    return [name for name, one in zip(frame.columns, found, strict=True) if one]


def _survey(raw: pl.DataFrame, names: Sequence[str], notation: Notation) -> list[TextStats]:
    clean, numbers, taken = _clean(raw, notation)
    known: Known = {name: set() for name in raw.columns}
    for name in _touched(raw, clean, taken):
        known[name].add("touched")
    nulls = zip(clean.null_count().row(0), numbers.null_count().row(0), strict=True)
    for name, (empty, unread) in zip(raw.columns, nulls, strict=True):
        if empty < raw.height:
            known[name] |= {"filled", "plain"} if empty == unread else {"filled"}
    plain = [name for name, facts in known.items() if "plain" in facts]
    _ask(numbers, dict.fromkeys(plain, _OF_NUMBERS), known)
    parts: dict[str, tuple[str, ...]] = {
        name: _PARTS if "parts" in known[name] else _WHOLE for name in plain
    }
    others = {name: _of_text(clean[name]) for name in known if name not in parts}
    _ask(clean, parts | others, known)
    for name, asked in others.items():
        known[name] |= {"digits"} - {*asked}  # not asked where the first cells decide
    _ask_more(clean, numbers, plain, known)
    return [
        _stats(clean[i].alias(name), numbers[i].alias(name), known[i])
        for i, name in zip(raw.columns, names, strict=True)
    ]


def _touched(raw: pl.DataFrame, clean: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return which of the columns that were cleaned have changed."""
    both = raw.select(names).hstack(clean.select(pl.col(names).name.prefix("c")))
    changed = (pl.col(name).ne_missing(pl.col(f"c{name}")).any() for name in names)
    return _true(both.select(changed), pl.all().first())


def _of_text(cells: pl.Series) -> tuple[str, ...]:
    """Return the facts of text that its first cells do not decide."""
    if len(cells) < _MANY:
        return _OTHER
    truth = cells.head(_LOOK).str.contains(_TRUTH).all()
    digits = cells.head(len(cells) // 10).str.contains(_DIGITS).sum() > _SHARE * cells.count()
    return (*(("truth",) if truth else ()), *(() if digits else ("digits",)))


def _ask_more(
    clean: pl.DataFrame, numbers: pl.DataFrame, plain: Sequence[str], known: Known
) -> None:
    """Ask of plain numbers whether they are codes, and whether their points may group digits.

    Where a zero at the end is all that is odd, and some numbers have three places, it matters only
    to numbers that are written in two ways: there are as many numbers as texts otherwise.
    """
    for name in plain:
        known[name] |= {"dotted"} if "parts" in known[name] else set()
    zeros = [name for name in plain if known[name] & _ODD == {"tails"}]
    _ask(clean, dict.fromkeys(zeros, ("places",)), known)
    zeros = [name for name in zeros if "places" in known[name]]
    counts = (frame.select(zeros).select(pl.all().n_unique()) for frame in (clean, numbers))
    texts, values = (frame.row(0) if zeros else () for frame in counts)
    once = {name for name, *two in zip(zeros, texts, values, strict=True) if two[0] == two[1]}
    for name in plain:
        known[name] |= {"unsure"} if known[name] & _ODD and name not in once else set()
    dotted = [name for name in plain if "dotted" in known[name]]
    some = clean.select(dotted).head(_SAMPLE)
    dotted = _true(some, _FACTS["grouped"])
    _ask(clean, dict.fromkeys(dotted, ("grouped",)), known)


def _stats(text: pl.Series, numbers: pl.Series, known: set[str]) -> TextStats:
    return TextStats(
        clean=text,
        numbers=numbers,
        touched="touched" in known,
        filled="filled" in known,
        plain="plain" in known,
        finite="finite" in known,
        exact=look_closer(text, numbers) if "unsure" in known else Exact(),
        dotted="dotted" in known,
        grouped="grouped" in known,
        truth="truth" in known,
        digits="digits" in known,
    )


def _ask(frame: pl.DataFrame, asked: Mapping[str, Sequence[str]], known: Known) -> None:
    """Find facts of columns: one expression for all that are asked one, so that thousands are.

    Args:
        frame: texts, or what a cast reads of them.
        asked: names of facts by column.
        known: by column the facts that hold; it is added to.
    """
    for fact, expression in _FACTS.items():
        for name in _true(frame.select(n for n in asked if fact in asked[n]), expression):
            known[name].add(fact)


_ALL = pl.all()
_ZERO = _ALL.str.starts_with("0") | _ALL.str.starts_with("-0") | _ALL.str.starts_with("+0")
_FACTS = {
    "finite": _ALL.is_finite().all(),
    "long": _ALL.abs().max() >= EXACT,
    "parts": _ALL.ne(_ALL.floor()).any(),
    "zeros": _ALL.filter(_ZERO).str.contains("^[-+]?0[0-9]").any(),
    "exponents": _ALL.str.contains("[eE]").any(),
    "dotted": _ALL.str.contains(".", literal=True).any(),
    "tails": _ALL.filter(_ALL.str.ends_with("0")).str.contains(r"\.[0-9]*[1-9][0-9]*0$").any(),
    "places": _ALL.str.contains(r"\.(?:0[0-9]+|[0-9]{3,})$").any(),
    "grouped": _ALL.str.contains(_GROUPED).all(),
    "truth": _ALL.str.contains(_TRUTH).all(),
    "digits": _ALL.str.contains(_DIGITS).mean() > _SHARE,
}
