"""Names that programs take for names that people give: 나이 is `nai`, `sqft (m2)` is `sqft_m2`.

GraphQL and most languages know letters, digits and underscores of ASCII. Hangul is spelt letter by
letter with the revised romanization, accents are dropped, everything else is an underscore.

source  GraphQL specification, section 2.1.9 Names
source  National Institute of Korean Language, Revised Romanization of Korean, 2000
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LETTERS = (  # of a syllable: what it begins with, its vowel, what it ends with
    "g kk n d tt r m b pp s ss  j jj ch k t p h",
    "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    " k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
)
_FIRST, _MIDDLE, _LAST = (letters.split(" ") for letters in _LETTERS)
_SYLLABLES = range(0xAC00, 0xD7A4)
_OTHER = re.compile(r"[^0-9A-Za-z]+")


def safe_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return for each name one for programs; no two are the same, none is in `taken`.

    >>> safe_names(["나이", "sqft (m2)", "sqft_m2", "2층", "가격(만원)", "💰"])
    {'나이': 'nai', 'sqft (m2)': 'sqft_m2_2', 'sqft_m2': 'sqft_m2', '2층': '_2cheung', \
'가격(만원)': 'gagyeok_manwon', '💰': '_'}
    """
    names, used = list(names), set(taken)
    plain = {name: _to_ascii(name) for name in names}
    result = {name: name for name in names if name == plain[name] and name not in used}
    used |= set(result)
    for name in names:
        if name not in result:
            result[name] = _free(plain[name], used)
            used.add(result[name])
    return {name: result[name] for name in names}


def type_name(name: str) -> str:
    """Return a safe name in the form that types have.

    >>> type_name("house_prices")
    'HousePrices'
    """
    parts = [part for part in name.split("_") if part]
    joined = "".join(part[0].upper() + part[1:] for part in parts) or "_"
    return f"_{joined}" if joined[0].isdigit() else joined


def _to_ascii(name: str) -> str:
    if re.fullmatch(r"[_A-Za-z][_0-9A-Za-z]*", name) and not name.startswith("__"):
        return name
    spelt = "".join(_spelt(character) for character in unicodedata.normalize("NFC", name))
    ascii_ = unicodedata.normalize("NFKD", spelt)
    marks = "".join(c for c in ascii_ if not unicodedata.combining(c))
    safe = _OTHER.sub("_", marks).strip("_")
    return f"_{safe}" if not safe or safe[0].isdigit() else safe


def _spelt(character: str) -> str:
    if ord(character) not in _SYLLABLES:
        return character
    first, rest = divmod(ord(character) - _SYLLABLES.start, 588)
    middle, last = divmod(rest, 28)
    return _FIRST[first] + _MIDDLE[middle] + _LAST[last]


def _free(name: str, used: set[str]) -> str:
    number, free = 1, name
    while free in used:
        number += 1
        free = f"{name}_{number}"
    return free
