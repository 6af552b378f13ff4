"""Compute calendar fields of dates by whole-number arithmetic, in NumPy and in a graph.

catalogue  var-str-struct

source  H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and its inverse)
"""

from __future__ import annotations

import numpy as np

from mulle.graph.arrays import Matrix, is_symbolic, unwrap, wrap
from mulle.graph.opset import g

MICROSECONDS_A_DAY = 86_400_000_000
_DAYS_TO_ERA = 719_468  # from 0000-03-01, where the 400-year eras begin, to 1970-01-01


def date_parts(x: Matrix) -> dict[str, Matrix]:
    """Return year, month, day, weekday (Monday 0), day of the year and hour of dates.

    Args:
        x: int64 microseconds, any shape, from the year 1 on.

    Returns:
        int64 arrays of the same shape, by name; `hour` is a float64 with its fraction.

    >>> import numpy as np
    >>> x = np.array([["2024-02-29T12:30"]], dtype="datetime64[us]").astype(np.int64)
    >>> {name: part.item() for name, part in date_parts(x).items()}
    {'year': 2024, 'month': 2, 'day': 29, 'weekday': 3, 'day_of_year': 60, 'hour': 12.5}
    """
    xp = x.__array_namespace__()
    shifted = x + _DAYS_TO_ERA * MICROSECONDS_A_DAY
    days = _whole(shifted, MICROSECONDS_A_DAY)
    moment = shifted - days * MICROSECONDS_A_DAY
    era = _whole(days, 146_097)
    day_of_era = days - era * 146_097
    # Leap days that have passed: one in 4 years, but in 100, but in 400.
    leap_days = _whole(day_of_era, 1_460) - _whole(day_of_era, 36_524) + _whole(day_of_era, 146_096)
    year_of_era = _whole(day_of_era - leap_days, 365)
    from_march = day_of_era - (
        365 * year_of_era + _whole(year_of_era, 4) - _whole(year_of_era, 100)
    )
    month_from_march = _whole(5 * from_march + 2, 153)
    day = from_march - _whole(153 * month_from_march + 2, 5) + 1
    late = xp.astype(month_from_march >= 10, xp.int64)  # January and February
    month = month_from_march + 3 - 12 * late
    year = year_of_era + 400 * era + late
    leap = xp.astype(
        (_rest(year, 4) == 0) & ((_rest(year, 100) != 0) | (_rest(year, 400) == 0)),
        xp.int64,
    )
    # 1 March is day 60 of a common year; January and February come after it.
    day_of_year = from_march + 60 + leap - late * (365 + leap)
    week = days + 2  # 0000-03-01 was a Wednesday
    return {
        "year": year,
        "month": month,
        "day": day,
        "weekday": _rest(week, 7),
        "day_of_year": day_of_year,
        "hour": xp.astype(moment, xp.float64) / 3_600_000_000.0,
    }


def _whole(x: Matrix, divisor: int) -> Matrix:
    """Return x // divisor for x >= 0, where rounding toward zero is rounding down.

    Shifted to the beginning of an era every quantity above is non-negative.
    """
    if is_symbolic(x):
        return wrap(g.div(unwrap(x), g.constant_of(np.int64(divisor))))
    return x // divisor


def _rest(x: Matrix, divisor: int) -> Matrix:
    return x - _whole(x, divisor) * divisor
