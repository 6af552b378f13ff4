"""Repairs of text: one Unicode form, no surrounding blanks, one way to say "missing".

Two spellings of 한 (one syllable, or three conjoining letters as macOS writes file names) are equal
to a reader and different to a program; NFC makes them equal. Messages for "missing" come in two
sorts: marks like `NA` and `?`, which are never a value, and words like `None` and `없음`, which
are missing among numbers and dates but a proper answer among categories (a house without an alley,
a flat without a lift).

catalogue  uni-normalize uni-nfc enc-unicode enc-hangul
"""

from __future__ import annotations

import msgspec
import polars as pl

from mulle.table.types.column import Repair
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation
from mulle.table.types.tally import changed, of_column

TEXT = ("nfc", "whitespace", "missing-token")
CASE = "case"  # asked for only: two spellings may be two things
CLEAN = Notation(repairs=TEXT)
AS_WRITTEN = Notation()

# One list for Polars and Python: their own ideas of white space differ in a few characters.
WHITESPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)

MISSING = frozenset(
    {
        *("", "NA", "N/A", "n/a", "N/a", "na", "<NA>", "#N/A", "#N/A N/A", "#NA", "NaN", "nan"),
        *("NAN", "-nan", "-NaN", "NaT", "null", "NULL", "Null", "(null)", "<null>", r"\N"),
        *("-", "--", "?", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
    }
)
NONE_WORDS = frozenset(
    {
        *("None", "none", "NONE", "nil", ".", "..", "...", "missing", "unknown", "Unknown"),
        *("없음", "해당없음", "해당 없음", "모름", "미상", "무응답", "결측", "미입력"),
    }
)


#: all but ASCII and Latin up to U+02FF, Hangul syllables, Han, kana, and the usual punctuation of
#: all of them: what no normalization changes and what joins with none of its own sort
_UNSETTLED = (
    r"[^\x{0}-\x{2FF}\x{AC00}-\x{D7A3}\x{4E00}-\x{9FFF}\x{3041}-\x{3096}\x{30A1}-\x{30FA}"
    r"\x{3130}-\x{318F}\x{2010}-\x{2027}\x{2030}-\x{205E}\x{3001}-\x{3029}\x{FF01}-\x{FFEE}]"
)


def missing_words(storage: Storage, notation: Notation = AS_WRITTEN) -> frozenset[str]:
    """Return the words that mean "missing" in a column of a storage and notation."""
    usual = MISSING if storage is Storage.string else MISSING | NONE_WORDS
    return (usual - {*notation.not_missing}) | {*notation.missing}


def cleaned(text: pl.Expr, notation: Notation, storage: Storage) -> pl.Expr:
    """Return text after the text repairs of a notation, as one expression."""
    for code in (*TEXT, CASE):
        if code in notation.repairs:
            text = _one(code, text, notation, storage)
    return text


def is_settled(text: pl.Expr) -> pl.Expr:
    """Tell whether a column holds no character that NFC changes or joins with its neighbour."""
    return text.str.contains(_UNSETTLED).any().not_() | text.is_null().all()


def without_nfc(notation: Notation) -> Notation:
    """Return a notation without the repair that ASCII text never needs."""
    kept = tuple(code for code in notation.repairs if code != "nfc")
    return msgspec.structs.replace(notation, repairs=kept)


def repair_text(
    text: pl.Series, notation: Notation, storage: Storage
) -> tuple[pl.Series, list[Repair]]:
    """Repair a text column, and list each repair that changed something.

    >>> repair_text(pl.Series([" a", "?", "b"]), CLEAN, Storage.string)[0].to_list()
    ['a', None, 'b']
    """
    made = []
    now = text.alias("x")  # a name like "*" or "^a$" would mean other columns
    for code in (*TEXT, CASE):
        if code in notation.repairs and _is_needed(code, now, notation, storage):
            after = (
                now.to_frame()
                .select(_one(code, pl.col("x"), notation, storage).alias("x"))
                .to_series()
            )
            made.append(changed(code, text.name, now, after))
            now = after
    return now.alias(text.name), of_column(text.name, made)


def _is_needed(code: str, text: pl.Series, notation: Notation, storage: Storage) -> bool:
    """Tell, sooner than by making it, whether a repair may change a column named x."""
    x = pl.col("x")
    if code == "nfc":
        asked = ~is_settled(x)
    elif code == "whitespace":
        asked = (x.str.strip_chars(WHITESPACE).str.len_bytes() != x.str.len_bytes()).any()
    elif code == CASE:
        asked = (x.str.to_lowercase() != x).any()
    else:
        asked = x.is_in(sorted(missing_words(storage, notation))).any()
    return bool(text.to_frame().select(asked).item())


def _one(code: str, text: pl.Expr, notation: Notation, storage: Storage) -> pl.Expr:
    if code == "nfc":
        return text.str.normalize("NFC")
    if code == "whitespace":
        return text.str.strip_chars(WHITESPACE)
    if code == CASE:
        return text.str.to_lowercase()
    return pl.when(text.is_in(sorted(missing_words(storage, notation)))).then(None).otherwise(text)
