"""A column of dates: its range, its step, its gaps, and how rows lie over day, week and year.

step    of the distances between neighbours in time (equal times are one), the most frequent one;
        months are counted as months where all dates share a day of the month or all end one
gap     a distance above 1.5 steps where 90 % are the step, else above ten times the 95th
        percentile of the distances: what even a lucky draw does not reach
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.verbs.explore.columns.bins import bins_of
from mulle.verbs.explore.columns.number import TOP, directions
from mulle.verbs.explore.summaries import DateSummary, Gap, Season
from mulle.verbs.explore.to_json import iso, levels

SECOND = 1_000_000
DAY = 86_400 * SECOND
_UNITS = (("week", 7 * DAY), ("day", DAY), ("hour", 3600 * SECOND), ("minute", 60 * SECOND),
          ("second", SECOND))  # fmt: skip
GAPS, MOST_YEARS = 5, 60


def date_summary(
    common: dict[str, Any], values: pl.Series, edges: list[float] | None = None
) -> DateSummary:
    """Return the summary of a column of dates.

    Args:
        common: the fields of `ColumnSummary`.
        values: n dates, in the order of the rows.
        edges: of the histogram, in microseconds since 1970, where it is to be laid over another.
    """
    given = values.cast(pl.Datetime("us")).drop_nulls().to_physical()
    x = given.sort().to_numpy()
    if not len(x):
        return DateSummary(**common)
    starts = np.flatnonzero(np.concatenate(([True], x[1:] != x[:-1])))
    times = np.diff(starts, append=len(x))
    unit, every, regular = frequency_of(x[starts])
    gaps = _gaps(x[starts], regular)
    some = np.argsort(-times, kind="stable")[:TOP] if times.max() > 1 else starts[:0]
    rising, falling = directions(given.to_numpy())
    today = datetime.now(UTC).timestamp() * SECOND
    return DateSummary(
        **common,
        first=iso(x[0]),
        last=iso(x[-1]),
        span_seconds=(float(x[-1]) - float(x[0])) / SECOND,
        frequency=unit,
        every=every,
        regular=regular,
        gaps=gaps[:GAPS],
        gap_count=len(gaps),
        seasons=_seasons(x),
        histogram=bins_of(x.astype(np.float64), edges=edges),
        top=levels([iso(v) for v in x[starts[some]]], times[some], len(x)),
        rising=rising,
        falling=falling,
        dates_only=bool((x % DAY == 0).all()),
        future=len(x) - int(np.searchsorted(x, today + DAY)),
    )


def frequency_of(x: Array) -> tuple[str, int, float]:
    """Return the usual step of ascending times (n,): its unit, its count, its share of the steps.

    >>> frequency_of(np.array(["2024-01-31", "2024-02-29", "2024-03-31"], "M8[us]").astype(int))
    ('month', 1, 1.0)
    """
    if len(x) < 3:
        return "", 1, 0.0
    months = _months(x)
    if months is not None:
        step, share = _mode(np.diff(months))
        unit, size = ("year", 12) if step % 12 == 0 else ("quarter", 3) if step == 3 else ("", 1)
        return (unit or "month", step // size, share) if share > 0.5 else ("", 1, share)
    step, share = _mode(np.diff(x))
    if share > 0.5:
        for unit, size in _UNITS:
            if step % size == 0:
                return unit, step // size, share
    return "", 1, share


def _mode(steps: Array) -> tuple[int, float]:
    values, counts = np.unique(steps, return_counts=True)
    best = int(counts.argmax())
    return int(values[best]), float(counts[best] / len(steps))


def _months(x: Array) -> Array | None:
    """Return months since 1970 where all dates are the same, or the last, day of a month."""
    if (x % DAY).any():
        return None
    day = x.astype("M8[us]").astype("M8[D]")
    month = day.astype("M8[M]")
    place = (day - month.astype("M8[D]")).astype(np.int64)
    last = (day + 1).astype("M8[M]") != month
    found: Array = month.astype(np.int64)
    alike = (place == place[0]).all() or last.all()
    return found if alike and len(np.unique(found)) == len(found) else None


def _gaps(x: Array, regular: float) -> list[Gap]:
    """Return the stretches without rows, the longest first."""
    if len(x) < 4:
        return []
    steps = np.diff(x).astype(np.float64)
    bound = 1.5 * _mode(np.diff(x))[0] if regular >= 0.9 else 10 * np.quantile(steps, 0.95)
    if _months(x) is not None:
        bound = max(bound, 32 * DAY * round(float(np.median(steps)) / (30.4 * DAY)))
    wide = np.flatnonzero(steps > bound)
    wide = wide[np.argsort(-steps[wide], kind="stable")]
    return [Gap(iso(x[k]), iso(x[k + 1]), float(steps[k]) / SECOND) for k in wide]


def _seasons(x: Array) -> list[Season]:
    """Return how rows are distributed over each cycle that the dates go through."""
    span = float(x[-1]) - float(x[0])
    out = []
    if (x % DAY).any():
        hours = np.bincount((x // (3600 * SECOND)) % 24, minlength=24)
        out.append(Season("hour", [str(h) for h in range(24)], hours.tolist()))
    if span >= 14 * DAY:  # 1970 began on a Thursday
        weekdays = np.bincount((x // DAY + 3) % 7, minlength=7)
        out.append(Season("weekday", [str(d) for d in range(1, 8)], weekdays.tolist()))
    month = x.astype("M8[us]").astype("M8[M]").astype(np.int64)
    if span >= 360 * DAY:
        months = np.bincount(month % 12, minlength=12)
        out.append(Season("month", [str(m) for m in range(1, 13)], months.tolist()))
    years, counts = np.unique(month // 12, return_counts=True)
    if 1 < len(years) <= MOST_YEARS:
        out.append(Season("year", [str(1970 + int(y)) for y in years], counts.tolist()))
    return out
