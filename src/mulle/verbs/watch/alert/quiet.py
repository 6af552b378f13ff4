"""Quiet hours: a part of each day, in a time zone, in which messages are held back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from mulle.errors import UsageError

_WRITTEN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})\s*")


class QuietHours(msgspec.Struct, frozen=True):
    """The hours from `begin` to before `end`, over midnight where the end is earlier.

    >>> night = parse_quiet("22:00-07:00", "Asia/Seoul")
    >>> night.holds(datetime(2026, 1, 5, 14, 30, tzinfo=UTC))  # 23:30 in Seoul
    True
    >>> night.holds(datetime(2026, 1, 5, 22, 0, tzinfo=UTC))  # 07:00
    False
    """

    begin: time
    end: time
    time_zone: str = "UTC"

    def holds(self, at: datetime) -> bool:
        """Return whether a moment, which must have a zone, is within the hours."""
        clock = at.astimezone(_zone(self.time_zone)).time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def parse_quiet(hours: str, time_zone: str, where: str = "") -> QuietHours:
    """Parse the quiet hours of a rule.

    Raises:
        UsageError: they are not written as `22:00-07:00`, or there is no such time zone.
    """
    match = _WRITTEN.fullmatch(hours)
    numbers = [int(n) for n in match.groups()] if match else [99] * 4
    valid = all(h < 24 for h in numbers[::2]) and all(m < 60 for m in numbers[1::2])
    if not valid or numbers[:2] == numbers[2:]:
        raise UsageError("alert-quiet-hours", where=where, received=hours)
    _zone(time_zone, where)
    begin, end = (time(hour, minute) for hour, minute in (numbers[:2], numbers[2:]))
    return QuietHours(begin, end, time_zone)


def _zone(name: str, where: str = "") -> tzinfo:
    if name == "UTC":
        return UTC  # known without a data base of zones, which Windows lacks
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError("alert-time-zone", where=where, received=name) from error
