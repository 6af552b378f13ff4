"""Scales that stand in the name of a column: "가격(만원)", "price (k$)", "Sales in millions"."""

from __future__ import annotations

import re
import unicodedata

from mulle.table.types.number_words import LETTERS, MONEY, SCALES, any_of

_HANGUL = {
    "천": 1e3,
    "만": 1e4,
    "십만": 1e5,
    "백만": 1e6,
    "천만": 1e7,
    "억": 1e8,
    "십억": 1e9,
    "백억": 1e10,
    "천억": 1e11,
    "조": 1e12,
    **{"千": 1e3, "万": 1e4, "萬": 1e4, "百万": 1e6, "百萬": 1e6, "千万": 1e7},
    **{"亿": 1e8, "億": 1e8, "十亿": 1e9, "十億": 1e9},
}
_ALONE = {"万", "萬", "亿", "億", "百万", "千万"}  # 만 alone may stand for something else
_COUNTED = (
    "人|人次|户|戸|世帯|吨|台|件|辆|只|公顷|平方米|명|인|톤|대|건|개|가구|세대|호|주|마리|매|권|본|상자|배럴|리터"
    "|m2|m3|kwh|mwh|kw|toe|t|kg|tco2|tco2eq"
)
_MONEY = any_of(MONEY)
_BRACKETS = re.compile(r"[(\[]\s*(?:단위\s*[:：]?\s*|in\s+|unit\s*:\s*)?([^()\[\]]+?)\s*[)\]]")
_BEHIND = re.compile(rf"\bin\s+((?:{_MONEY})?\s*(?:thousands|millions|billions|lakhs?|crores?))$")
_KOREAN = re.compile(rf"({any_of(_HANGUL)})\s*({_MONEY}|{_COUNTED})")
_WORD = re.compile(rf"(?P<before>{_MONEY})?\s*(?P<word>{any_of(SCALES)})\.?\s*(?P<after>.*)")
_LETTER = re.compile(rf"(?:({_MONEY})\s*([kmb]|mm)|([kmb]|mm)\s*({_MONEY}))")
_ZEROS = re.compile(r"['’]?0?00s?")


def header_scale(name: str) -> tuple[float, str] | None:
    """Find what a written 1 is worth in a column of that name, and its unit.

    >>> header_scale("가격(만원)"), header_scale("price (k$)"), header_scale("width (mm)")
    ((10000.0, 'krw'), (1000.0, 'usd'), None)
    """
    plain = unicodedata.normalize("NFKC", name).lower()
    found = _BRACKETS.findall(plain) + _BEHIND.findall(plain)
    for text in reversed(found):
        if scale := _scale(text.strip()):
            return scale
    return None


def _scale(text: str) -> tuple[float, str] | None:
    if match := _KOREAN.fullmatch(text):
        return _HANGUL[match[1]], MONEY.get(match[2], match[2])
    if text in _ALONE:
        return _HANGUL[text], ""
    if match := _LETTER.fullmatch(text):
        return LETTERS[match[2] or match[3]], MONEY[match[1] or match[4]]
    if _ZEROS.fullmatch(text):
        return 1e3, ""
    if match := _WORD.fullmatch(text):
        after = match["after"].removeprefix("of ").rstrip(".")
        if after and match["after"][:1].isalpha() and text[match.start("after") - 1].isalpha():
            return None  # "mill" in "millimetre"
        if " " in after:
            return None
        unit = after or match["before"] or ""
        return SCALES[match["word"]], MONEY.get(unit, unit)
    return None
