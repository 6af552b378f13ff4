"""Round times for an axis: years, months, days or hours, whichever the span asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800e6, 253_402_300_799e6  # the years 1 to 9999, in microseconds
_DAY = 86_400_000_000  # microseconds
_STEPS = (  # microseconds of a step, unit, how many, how it is written
    *((k * 1_000_000, "second", k, "%H:%M:%S") for k in (1, 5, 15, 30)),
    *((k * 60_000_000, "minute", k, "%H:%M") for k in (1, 5, 15, 30)),
    *((k * 3_600_000_000, "hour", k, "%m-%d %H:%M") for k in (1, 3, 6, 12)),
    *((k * _DAY, "day", k, "%m-%d") for k in (1, 2, 7)),
    *((k * 30 * _DAY, "month", k, "%Y-%m") for k in (1, 3, 6)),
    *((k * 365 * _DAY, "year", k, "%Y") for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2500)),
)


def ticks(low: float, high: float, wanted: int = 4) -> list[tuple[float, str]]:
    """Return round times from `low` to `high` (microseconds since 1970) with their labels.

    There are none outside of the years 1 to 9999.

    >>> [label for _, label in ticks(0, 3 * 365 * 86_400e6)]
    ['1970', '1971', '1972']
    """
    if not _FIRST <= low <= high <= _LAST:
        return []
    raw = (high - low) / wanted
    _, unit, many, form = next((s for s in _STEPS if s[0] >= raw * 0.75), _STEPS[-1])
    found: list[tuple[float, str]] = []
    for moment in _moments(_EPOCH + timedelta(microseconds=low), unit, many):
        at = (moment - _EPOCH) / timedelta(microseconds=1)
        if at > high or len(found) > 4 * wanted:
            break
        if at >= low:
            written = moment.strftime(form) if moment.year >= 1000 else str(moment.year)
            found.append((at, written))
    return found


def _moments(start: datetime, unit: str, many: int) -> Iterator[datetime]:
    """Yield times at whole units, from the one at or before `start` on."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if unit == "year":
            for year in range(max(1, start.year // many * many), 10_000, many):
                yield datetime(year, 1, 1, tzinfo=UTC)
        elif unit == "month":
            first = (start.year * 12 + start.month - 1) // many * many
            for month in range(max(12, first), 10_000 * 12, many):
                yield datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        else:
            step = timedelta(**{f"{unit}s": many})
            moment = midnight + (start - midnight) // step * step
            while True:
                yield moment
                moment += step
    except OverflowError:
        return
