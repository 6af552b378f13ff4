"""Write numbers: significant digits, separators, units, intervals, differences.

Missing numbers (None, nan) are an en dash, minus is the minus sign, and sizes are decimal
(1 KB = 1,000 bytes). Every function takes the language, so that all can stand in `FORMATS`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from numbers import Real
from typing import Any, Literal

Lang = Literal["en", "ko"]
MISSING = "–"
MINUS = "−"
_UNITS: dict[Lang, tuple[tuple[float, str], ...]] = {
    "en": ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")),
    "ko": ((1e12, "조"), (1e8, "억"), (1e4, "만")),
}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any, lang: Lang = "en", *, digits: int = 4) -> str:
    """Write a number with at most `digits` significant digits; whole numbers are never rounded.

    >>> number(1234567), number(0.861324), number(-12.3456), number(1e-7)
    ('1,234,567', '0.8613', '−12.35', '1 × 10⁻⁷')
    >>> number(None), number(float("nan")), number(float("inf"))
    ('–', '–', '∞')
    """
    if isinstance(value, bool) or not _finite(value):
        return _special(value)
    if value == int(value) and abs(value) < 1e15:
        return _minus(f"{int(value):,}")
    exponent = math.floor(math.log10(abs(value)))
    if not -5 <= exponent < 15:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        return f"{_minus(_bare(mantissa))} × 10{str(int(power)).translate(_SUPERSCRIPTS)}"
    return _minus(_bare(f"{value:,.{max(0, digits - 1 - exponent)}f}"))


def score(value: Any, lang: Lang = "en") -> str:
    """Write a score with four decimals below 100, so that a column of scores lines up.

    >>> score(0.9), score(0.86127), score(1234.5678)
    ('0.9000', '0.8613', '1,235')
    """
    if isinstance(value, bool) or not _finite(value):
        return _special(value)
    digits = 4 if abs(value) < 100 else 1 if abs(value) < 1000 else 0
    return _minus(f"{value:,.{digits}f}")


def signed(value: Any, lang: Lang = "en") -> str:
    """Write a difference, always with its sign.

    >>> signed(0.0123), signed(-0.5), signed(0)
    ('+0.0123', '−0.5000', '±0')
    """
    if not _finite(value):
        return _special(value)
    if value == 0:
        return "±0"
    return ("+" if value > 0 else "") + score(value)


def count(value: Any, lang: Lang = "en") -> str:
    """Write a count.

    >>> count(12345), count(3.0)
    ('12,345', '3')
    """
    return _minus(f"{round(value):,}") if _finite(value) else _special(value)


def percent(value: Any, lang: Lang = "en") -> str:
    """Write a share of 1 as a percentage; only 0 reads as 0% and only 1 as 100%.

    >>> percent(0.1234), percent(0.5), percent(1), percent(0.00004), percent(0.99999)
    ('12.3%', '50%', '100%', '<0.1%', '>99.9%')
    """
    if not _finite(value):
        return _special(value)
    if 0 < value < 0.001:
        return "<0.1%"
    if 0.999 < value < 1:
        return ">99.9%"
    return _minus(f"{100 * value:.1f}".removesuffix(".0")) + "%"


def duration(value: Any, lang: Lang = "en") -> str:
    """Write seconds in the unit that fits their size.

    >>> duration(0.0000421), duration(0.0123), duration(60), duration(135), duration(7260)
    ('42.1 µs', '12.3 ms', '60 s', '2 min 15 s', '2 h 1 min')
    >>> duration(135, "ko"), duration(8.25, "ko")
    ('2분 15초', '8.25초')
    """
    if not _finite(value):
        return _special(value)
    s, minutes, hours = ("초", "분", "시간") if lang == "ko" else (" s", " min", " h")
    if abs(value) >= 99.95:
        whole = round(value)
        big, small, names = (
            (*divmod(whole, 60), (minutes, s))
            if whole < 3600
            else (*divmod(round(value / 60), 60), (hours, minutes))
        )
        return f"{big}{names[0]}" + (f" {small}{names[1]}" if small else "")
    for factor, unit in ((1, s), (1e3, " ms")):
        if value == 0 or abs(value) * factor >= 0.9995:
            return _three(value * factor) + unit
    return _three(value * 1e6) + " µs"


def micros(value: Any, lang: Lang = "en") -> str:
    """Write microseconds in the unit that fits their size.

    >>> micros(38.4), micros(1500)
    ('38.4 µs', '1.50 ms')
    """
    return duration(value * 1e-6 if _finite(value) else value, lang)


def size(value: Any, lang: Lang = "en") -> str:
    """Write a number of bytes in decimal units.

    >>> size(812), size(48_300), size(1_234_567)
    ('812 B', '48.3 KB', '1.23 MB')
    """
    if not _finite(value):
        return _special(value)
    for unit in ("B", "KB", "MB"):
        if abs(value) < 999.5:
            return f"{_three(value)} {unit}"
        value = value / 1000
    return f"{_three(value)} GB"


def interval(value: Any, low: Any, high: Any) -> str:
    """Write a value with its interval, to the digit that the width of the interval supports.

    >>> interval(0.86132, 0.8412, 0.8791)
    '0.861 [0.841, 0.879]'
    """
    digits = _decimals((high - low) / 2 if _finite(low) and _finite(high) else math.nan)
    return f"{_fixed(value, digits)} [{_fixed(low, digits)}, {_fixed(high, digits)}]"


def plus_minus(value: Any, half: Any) -> str:
    """Write a value and its half-width, to the second significant digit of the latter.

    >>> plus_minus(0.86132, 0.0124), plus_minus(1234.5, 87)
    ('0.861 ± 0.012', '1,234 ± 87')
    """
    digits = _decimals(half)
    return f"{_fixed(value, digits)} ± {_fixed(half, digits)}"


def hundredths(value: Any, lang: Lang = "en") -> str:
    """Write a number to two decimals, such as a correlation.

    >>> hundredths(0.938), hundredths(-0.2)
    ('0.94', '−0.20')
    """
    return _fixed(value, 2)


def short(value: Any, lang: Lang = "en") -> str:
    """Write a number in few letters, for an axis: thousands and millions, or 만 and 억.

    >>> short(2500000), short(-0.25), short(12000), short(1800), short(3e15)
    ('2.5M', '−0.25', '12k', '1,800', '3 × 10¹⁵')
    >>> short(2500000, "ko"), short(3e8, "ko"), short(12000, "ko")
    ('250만', '3억', '1.2만')
    """
    if not _finite(value):
        return _special(value)
    for factor, unit in _UNITS[lang]:
        if max(factor, 1e4) <= abs(value) < 1e15:
            return number(value / factor, lang, digits=3) + unit
    return number(value, lang, digits=3)


FORMATS: dict[str, Callable[[Any, Lang], str]] = {
    "bytes": size,
    "count": count,
    "duration": duration,
    "hundredths": hundredths,
    "micros": micros,
    "number": number,
    "percent": percent,
    "score": score,
    "short": short,
    "signed": signed,
}


def _finite(value: Any) -> bool:
    return isinstance(value, Real) and _is_float(value) and math.isfinite(value)


def _is_float(value: Any) -> bool:
    """Return whether a number is within the reach of a float; whole numbers need not be."""
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _special(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, Real) and (not _is_float(value) or math.isinf(value)):
        return "∞" if value > 0 else f"{MINUS}∞"  # type: ignore[operator]
    return MISSING if value is None or isinstance(value, Real) else str(value)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _three(value: float) -> str:
    """Write three significant digits; whole numbers without decimals.

    >>> _three(1.5), _three(250.0), _three(0.0), _three(59.96)
    ('1.50', '250', '0', '60.0')
    """
    if value == int(value) or abs(value) >= 99.95:
        return _minus(f"{value:,.0f}")
    return _minus(f"{value:#.3g}")


def _bare(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(half: Any) -> int:
    if not _finite(half) or half <= 0:
        return 3
    return max(0, 1 - math.floor(math.log10(half)))


def _fixed(value: Any, digits: int) -> str:
    return _minus(f"{value:,.{digits}f}") if _finite(value) else _special(value)


def display_width(text: str) -> int:
    """Return the cells of a terminal that a text takes: Hangul and full-width letters take two.

    >>> display_width("나이 age"), display_width("e\u0301")
    (8, 1)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(bool(unicodedata.combining(letter)) for letter in text)
