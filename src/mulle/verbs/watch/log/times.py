"""Moments as whole microseconds since 1970 in UTC: exact, sortable, the same in every database."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000


def micros(moment: datetime | None = None) -> int:
    """A moment in microseconds; now if None. One without a zone is UTC's.

    >>> micros(datetime(1970, 1, 2)) == DAY
    True
    """
    if moment is None:
        return time.time_ns() // 1000
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _BEGIN) // timedelta(microseconds=1)


def iso(at: int) -> str:
    """A moment in microseconds as it is written: ISO 8601 in UTC, to the second.

    >>> iso(1_767_225_600_000_000)
    '2026-01-01T00:00:00Z'
    """
    moment = datetime.fromtimestamp(at // 1_000_000, UTC)
    return moment.isoformat().replace("+00:00", "Z")
