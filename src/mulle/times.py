"""Lengths of time as people write them: `90s`, `10 minutes`, `1.5 h`, `2 days`."""

from __future__ import annotations

import re

from mulle.errors import UsageError

_UNITS = {"s": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
          "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800}  # fmt: skip
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.ASCII)


def seconds(text: str) -> float | None:
    """How many seconds a length of time has; None for what is not one.

    >>> seconds("10 minutes"), seconds("1.5h"), seconds("soon")
    (600.0, 5400.0, None)
    """
    match = _WRITTEN.fullmatch(text.lower())
    if match is None:
        return None
    unit = match[2].removesuffix("s") if len(match[2]) > 2 else match[2]  # minutes, but no "ss"
    return float(match[1]) * _UNITS[unit] if unit in _UNITS else None


def length(text: str, option: str) -> float:
    """The same for an option of a command.

    Raises:
        UsageError: it is not a length of time, or none that passes.

    >>> length("24h", "--since")
    86400.0
    """
    if found := seconds(text):
        return found
    raise UsageError("time-length", option=option, text=text)
