"""What all charts share: widths, colours, and labels that fit.

Colours are CSS variables of the page, so that one picture serves light and dark. Room for text is
computed from widths of characters and not from fonts, so that a picture is the same on any machine.
"""

from __future__ import annotations

import math
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mulle.i18n.format import display_width

Numbers = Sequence[float]

WIDE, HALF, PHONE = 704, 344, 344  # outer widths in CSS pixels
FONT_SIZE = 12
LIGHT = {  # the colours of the light page, for a picture that stands alone
    "ink": "#21201c",
    "quiet": "#65635c",
    "rule": "#dddad2",
    "paper": "#fdfcf9",
    "accent": "#0b63a5",
    "second": "#ae4e08",
}


def labels(texts: Iterable[Any], limit: int = 24) -> list[str]:
    """Shorten names in the middle to `limit` columns of text, and keep them different.

    >>> labels(["나이", "a very long name of some column", "a very long name, this column"], 16)
    ['나이', 'a very l…column', 'a very l…column ²']
    """
    taken: dict[str, int] = {}
    result = []
    for text in texts:
        short = shorten(clean(str(text)), limit)
        taken[short] = taken.get(short, 0) + 1
        result.append(short + ("" if taken[short] == 1 else f" {_superscript(taken[short])}"))
    return result


def clean(text: str) -> str:
    """Return text as one line without control characters and lone surrogates."""
    text = " ".join(text.split()) or "“”"
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


def shorten(text: str, limit: int) -> str:
    """Shorten a text to `limit` columns (Hangul takes two) by leaving out its middle.

    >>> shorten("아파트 전용면적(제곱미터)", 12)
    '아파트…미터)'
    """
    if display_width(text) <= limit:
        return text
    head, tail = "", ""
    for character in text:
        if display_width(head + character) > limit * 0.55:
            break
        head += character
    for character in reversed(text):
        if display_width(head + tail + character) > limit - 1:
            break
        tail = character + tail
    return f"{head.rstrip()}…{tail.lstrip()}"


def margin(texts: Iterable[str]) -> float:
    """Return the pixels that the widest of some labels needs beside an axis."""
    return 18 + 7.5 * max((display_width(t) for t in texts), default=0)


def flow(texts: Sequence[str], width: float, *, swatch: float) -> list[list[tuple[float, int]]]:
    """Lay the entries of a legend out in lines: where each begins, and its number.

    Args:
        texts: labels of the entries.
        width: of the picture, in pixels.
        swatch: room before each label, in pixels.

    >>> flow(["a", "b"], 60, swatch=22)
    [[(0.0, 0)], [(0.0, 1)]]
    """
    lines: list[list[tuple[float, int]]] = []
    at = 0.0
    for k, text in enumerate(texts):
        wide = swatch + 7.2 * display_width(text)
        if not lines or at + wide > width:
            lines.append([])
            at = 0.0
        lines[-1].append((at, k))
        at += wide + 18
    return lines


def bounds(*groups: Iterable[float]) -> tuple[float, float]:
    """Return the least and the largest finite value; 0 and 1 where there is none."""
    values = [float(v) for group in groups for v in group if math.isfinite(v)]
    return min(values, default=0.0), max(values, default=1.0)


def extent(*groups: Iterable[float]) -> tuple[float, float]:
    """Return a range that holds all finite values and is a little wider than they are."""
    low, high = bounds(*groups)
    half = high / 2 - low / 2  # halved first, so that the widest range of floats does not overflow
    room = (half or abs(high) / 2 or 0.5) * 0.08
    return max(low - room, -sys.float_info.max), min(high + room, sys.float_info.max)


def focus(values: Sequence[float], keep: int = 3) -> list[float]:
    """Leave out values so far from the first that the others would fall on one spot.

    >>> focus([0.88, 0.87, 0.86, 0.5])
    [0.88, 0.87, 0.86]
    """
    near = sorted((v for v in values if math.isfinite(v)), key=lambda v: abs(v - values[0]))
    while len(near) > keep and abs(near[-1] - near[0]) > 3 * abs(near[-2] - near[0]) > 0:
        near.pop()
    return near


def values_of(record: Mapping[str, Any], key: str) -> float:
    """Return a number of a record, nan where it has none."""
    value = record.get(key)
    return math.nan if value is None else float(value)


def _superscript(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def thin(length: int, limit: int = 2000) -> range:
    """Return evenly spaced positions, about `limit` at most, so that a picture stays small.

    >>> list(thin(7, 3))
    [0, 3, 6]
    """
    return range(0, length, max(1, math.ceil(length / limit)))
