"""Lengths of time as people write them (`90s`, `1.5 h`, `2 days`), and moments in ISO 8601.

A moment that is stored is a whole number of microseconds since 1970 in UTC: exact, sortable, the
same in every database.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from mulle.errors import UsageError

_UNITS = {"s": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
          "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800}  # fmt: skip
DAY = 86_400_000_000  # microseconds
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
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


def micros(moment: datetime | None = None) -> int:
    """Return a moment in microseconds since 1970; now if None. One without a zone is UTC's.

    >>> micros(datetime(1970, 1, 2)) == DAY
    True
    """
    if moment is None:
        return time.time_ns() // 1000
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _BEGIN) // timedelta(microseconds=1)


def iso(at: int) -> str:
    """Write a moment in microseconds as ISO 8601 in UTC, to the second.

    >>> iso(1_767_225_600_000_000)
    '2026-01-01T00:00:00Z'
    """
    moment = datetime.fromtimestamp(at // 1_000_000, UTC)
    return moment.isoformat().replace("+00:00", "Z")


def iso_of(seconds: float, *, milliseconds: bool = False) -> str:
    """Write seconds since 1970 as ISO 8601 in UTC, to the second or the millisecond.

    >>> iso_of(0.5, milliseconds=True)
    '1970-01-01T00:00:00.500+00:00'
    """
    timespec = "milliseconds" if milliseconds else "seconds"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec)


def now_iso(*, milliseconds: bool = False) -> str:
    """Write the present moment as ISO 8601 in UTC, to the second or the millisecond."""
    return iso_of(time.time(), milliseconds=milliseconds)
