"""Steps of dates: microseconds since 1970 in int64, the least one for missing."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from mulle.verbs.code.parts.features import Step

NO_DATE = np.iinfo(np.int64).min
DAY = 86_400_000_000  # microseconds


def calendar(x: Any) -> Any:
    """Return year, month, day, weekday (Monday 0), day of the year and hour of dates."""
    moments = x.astype("datetime64[us]")
    days, months, years = (moments.astype(f"datetime64[{unit}]") for unit in "DMY")
    return {
        "year": years.astype(int) + 1970,
        "month": months.astype(int) % 12 + 1,
        "day": (days - months).astype(int) + 1,
        "weekday": (days.astype(int) + 3) % 7,
        "day_of_year": (days - years).astype(int) + 1,
        "hour": (moments - days).astype(int) / 3_600_000_000.0,
    }


class DateParts(Step):
    """Give the calendar fields that vary, and the days since the first training date."""

    alone = True
    period = {"month": 12.0, "weekday": 7.0, "day_of_year": 365.25, "hour": 24.0}  # noqa: RUF012

    def __init__(self, cyclic: bool) -> None:  # noqa: FBT001
        self.cyclic = cyclic  # whether fields that go round are given as sine and cosine

    def fit(self, x: Any, y: Any) -> None:
        """Learn the first date, and which fields vary."""
        seen = x[x != NO_DATE]
        self.first = int(seen.min()) if len(seen) else 0
        found = calendar(seen if len(seen) else np.zeros(1, np.int64))
        self.fields = [name for name, part in found.items() if (part != part[0]).any()]

    def transform(self, x: Any) -> Any:
        """Return the fields, then the days."""
        known = np.where(x == NO_DATE, self.first, x)
        found, parts = calendar(known), []
        for name in self.fields:
            if self.cyclic and name in self.period:
                turns = found[name] / self.period[name]
                parts += [self.sine(turns), self.sine(turns + 0.25)]
            else:
                parts.append(found[name])
        parts.append((known - self.first) / float(DAY))
        return np.where(x == NO_DATE, np.nan, np.concatenate(parts, axis=1))

    def sine(self, turns: Any) -> Any:
        """Return the sine of an angle, brought to the first quarter."""
        turns = turns - np.floor(turns + 0.5)
        half = np.abs(turns)
        quarter = np.where(half > 0.25, 0.5 - half, half)
        return np.sign(turns) * np.sin(quarter * (2.0 * np.pi))


class Elapsed(Step):
    """Give the days between each two dates: the later column minus the earlier one."""

    def __init__(self, max_columns: int) -> None:
        self.max_columns = max_columns

    def transform(self, x: Any) -> Any:
        """Return the days; missing where one of the two dates is."""
        gone, parts = x == NO_DATE, []
        for i, j in combinations(range(min(x.shape[1], self.max_columns)), 2):
            days = (np.where(gone[:, j], 0, x[:, j]) - np.where(gone[:, i], 0, x[:, i])) / float(
                DAY
            )
            parts.append(np.where(gone[:, i] | gone[:, j], np.nan, days))
        return np.column_stack(parts)
