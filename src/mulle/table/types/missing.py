"""Words for missing that are values: NA among AP and EU, - beside +.

    asked     a person has decided
    beside    missing, where the same word stands for missing among numbers or dates of the table
    form      a value, where it has the form of all other cells of the column
    blanks    a value, where the column has empty cells for what is missing
    nothing   missing, and listed

Marks of programs (NaN, #DIV/0!) are never values. Words such as none and 없음 are values of a
category anyway (see `text`), except those that no one answers and that mean missing beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Doubt, LeftOut
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.options import ColumnOptions, ReadOptions
from mulle.table.types.store import store
from mulle.table.types.tally import of_column
from mulle.table.types.text import CASE, MISSING, cleaned, repair_text

_DASHES = frozenset({"-", "--", "?"})
#: words of people, which may be values; all others in MISSING are marks of programs
_PEOPLES = _DASHES | {"NA", "na", "N/A", "n/a", "N/a", "null", "NULL", "Null"}
NO_ANSWER = frozenset({".", "..", "...", "missing", "결측", "미입력"})
_FORMS = {
    **dict.fromkeys(_DASHES, r"^[^\p{L}\d\s]{1,3}$"),
    "NA": r"^(?:[A-Z]{2}|EMEA|APAC|LATAM)$",
    "na": r"^[a-z]{2}$",
}
_TRIM = Notation(repairs=("nfc", "whitespace"))


@dataclass(frozen=True)
class Words:
    """Words for missing in a column of text.

    Attributes:
        values: those that are values, each with why: `asked`, `form` or `blanks`.
        missing: those that mean missing, beyond the usual ones.
        swallowed: those that might be values and count as missing where no evidence decides.
        counts: how often each word stands in the column.
    """

    values: dict[str, str]
    missing: tuple[str, ...]
    swallowed: tuple[str, ...]
    counts: dict[str, int]


def settle_words(
    frame: pl.DataFrame, coerced: Sequence[Coerced], options: ReadOptions
) -> list[Coerced]:
    """Decide about the words for missing in all columns of text.

    Args:
        frame: the cells as they were written, by column.
        coerced: the columns in their storage, in the same order.
        options: what a person has decided.
    """
    settled, cells = list(coerced), _by_name(frame)
    texts = [i for i, one in enumerate(coerced) if _has_words(cells, one)]
    if not texts:
        return settled
    beside = words_beside(frame, coerced)
    for i in texts:
        one = coerced[i]
        raw, asked = cells[one.column.name], options.asked_of(one.column.name)
        missing = one.values.null_count() > raw.null_count()
        if one.column.storage is not Storage.string:
            settled[i] = _without(raw, one, asked.missing)
        elif missing or beside & NO_ANSWER or asked.missing or _folds(one, asked):
            settled[i] = settle_column(raw, one, beside, asked)
    return settled


def words_beside(frame: pl.DataFrame, coerced: Sequence[Coerced]) -> frozenset[str]:
    """Return the words that stand for missing among numbers and dates."""
    found: set[str] = set()
    cells = _by_name(frame)
    for one in coerced:
        if one.column.storage is Storage.string or not _has_words(cells, one):
            continue
        raw = cells[one.column.name]
        if one.values.null_count() > raw.null_count():
            gone = (
                raw.alias("x")
                .filter(one.values.alias("x").is_null())
                .drop_nulls()
                .unique()
                .to_frame()
            )
            found |= {*gone.select(cleaned(pl.col("x"), _TRIM, Storage.string))["x"].to_list()}
    return frozenset(found - {""})


def settle_column(
    raw: pl.Series, coerced: Coerced, beside: frozenset[str], asked: ColumnOptions
) -> Coerced:
    """Decide about the words for missing in one column of text.

    Args:
        raw: its cells as they were written.
        coerced: the same in their storage.
        beside: words that stand for missing among numbers and dates of the table.
        asked: what a person has decided about it.
    """
    column = coerced.column
    words = find_words(raw, beside, asked)
    told = [
        Doubt("word-kept", column.name, words.counts[word], {"word": word, "why": why})
        for word, why in words.values.items()
        if why != "asked"
    ]
    out = []
    if words.swallowed:
        count = sum(words.counts[word] for word in words.swallowed)
        out = [LeftOut("missing-word", column.name, count, values={"words": [*words.swallowed]})]
    if _folds(coerced, asked):
        coerced = _folding(coerced)
    if words.values or words.missing or _folds(coerced, asked):
        coerced = _restored(raw, coerced, words)
    return replace(coerced, left_out=(*coerced.left_out, *out), doubts=(*coerced.doubts, *told))


def find_words(raw: pl.Series, beside: frozenset[str], asked: ColumnOptions) -> Words:
    """Decide about the words for missing among the cells of a column of text."""
    written = raw.alias("cell").drop_nulls().value_counts(name="times")
    clean = cleaned(pl.col("cell"), _TRIM, Storage.string)
    counts = written.group_by(clean, maintain_order=True).agg(pl.col("times").sum())
    usual = pl.col("cell").is_in(sorted(MISSING))
    others = counts.filter(~usual)["cell"]
    words = pl.col("cell").is_in(sorted({*NO_ANSWER, *asked.missing}))
    found = counts.filter(usual | words).sort("cell")
    times = dict(zip(found["cell"].to_list(), found["times"].to_list(), strict=True))
    blanks = bool(times.pop("", 0)) or raw.null_count() > 0
    given = {*asked.not_missing, *asked.order}
    values, swallowed = {}, []
    for word in times:
        if word in MISSING and word in given:
            values[word] = "asked"
        elif word in _PEOPLES and word not in {*asked.missing, *beside}:
            if _fits(word, others):
                values[word] = "form"
            elif blanks and len(others) and word not in _DASHES:
                values[word] = "blanks"
            else:
                swallowed.append(word)
    more = tuple(w for w in times if w in (NO_ANSWER & beside) - given or w in asked.missing)
    return Words(values, more, tuple(swallowed), times)


def _folds(coerced: Coerced, asked: ColumnOptions) -> bool:
    return asked.fold_case or CASE in coerced.column.notation.repairs


def _folding(coerced: Coerced) -> Coerced:
    column = coerced.column
    repairs = tuple(dict.fromkeys((*column.notation.repairs, CASE)))
    notation = msgspec.structs.replace(column.notation, repairs=repairs)
    return replace(coerced, column=msgspec.structs.replace(column, notation=notation))


def _by_name(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {values.name: values for values in frame.get_columns()}


def _has_words(cells: Mapping[str, pl.Series], coerced: Coerced) -> bool:
    column = coerced.column
    if column.source or "missing-token" not in column.notation.repairs:
        return False
    return cells[column.name].dtype == pl.String


def _without(raw: pl.Series, coerced: Coerced, missing: tuple[str, ...]) -> Coerced:
    """Return a column of numbers or dates without those that a person takes for missing."""
    if not missing or not raw.alias("x").str.strip_chars().is_in([*missing]).any():
        return coerced
    return _restored(raw, coerced, Words({}, missing, (), {}))


def _fits(word: str, others: pl.Series) -> bool:
    """Tell whether a word has the form of all other cells."""
    form = _FORMS.get(word)
    return form is not None and len(others) > 0 and bool(others.str.contains(form).all())


def _restored(raw: pl.Series, coerced: Coerced, words: Words) -> Coerced:
    """Return the column with the words that are values, and the list of repairs made anew."""
    before = coerced.column
    notation = msgspec.structs.replace(
        before.notation,
        missing=tuple(dict.fromkeys((*before.notation.missing, *words.missing))),
        not_missing=tuple(dict.fromkeys((*before.notation.not_missing, *words.values))),
    )
    more = [word for word in words.values if word not in before.categories]
    order = (*before.categories, *more) if before.categories else ()
    column = msgspec.structs.replace(before, notation=notation, categories=order)
    values, _, made = store(raw, column)
    _, listed = repair_text(raw, notation, before.storage)
    repairs = [r for r in listed if r.code != "missing-token" or r.values["before"] != ""]
    return replace(
        coerced, values=values, column=column, repairs=(*repairs, *of_column(before.name, made))
    )
