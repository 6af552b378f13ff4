"""Dates: their step, their gaps, their seasons."""

import datetime as dt
from collections import Counter

import polars as pl
import pytest

from mulle.verbs.explore.columns.date import date_summary

START = dt.datetime(2020, 1, 31)


def summary(values):
    series = values if isinstance(values, pl.Series) else pl.Series(values, dtype=pl.Datetime("us"))
    return date_summary({"name": "d", "kind": "datetime", "storage": "date"}, series)


def every(step, rows=100):
    end = dt.datetime(2060, 1, 1)
    return pl.datetime_range(START, end, step, eager=True).head(rows).cast(pl.Datetime("us"))


def counted(parts):
    return [count for _, count in sorted(Counter(parts.to_list()).items())]


@pytest.mark.parametrize(
    ("step", "unit", "count"),
    [
        ("30m", "minute", 30), ("1h", "hour", 1), ("1d", "day", 1), ("2w", "week", 2),
        ("10s", "second", 10), ("1y", "year", 1),
    ],
)  # fmt: skip
def test_frequency(step, unit, count):
    found = summary(every(step, 30).shuffle(0))
    assert (found.frequency, found.every, found.regular) == (unit, count, 1.0)


def test_months_end_on_different_days():
    ends = pl.date_range(dt.date(2020, 1, 1), dt.date(2023, 1, 1), "1mo", eager=True)
    found = summary(ends.dt.month_end().cast(pl.Datetime("us")))
    assert (found.frequency, found.every, found.gap_count) == ("month", 1, 0)
    quarters = ends.gather_every(3).cast(pl.Datetime("us"))
    assert summary(quarters).frequency == "quarter"


def test_a_gap():
    days = every("1d", 200)
    found = summary(pl.concat([days.head(100), days.slice(110)]))
    assert found.gap_count == 1
    assert (found.gaps[0].after, found.gaps[0].before) == ("2020-05-09", "2020-05-20")
    assert found.gaps[0].seconds == 11 * 86400


def test_random_times_have_no_frequency_and_no_gap():
    import numpy as np

    seconds = np.random.default_rng(0).integers(0, 10**8, 5000)
    found = summary(pl.Series(seconds * 1_000_000).cast(pl.Datetime("us")))
    assert (found.frequency, found.gap_count) == ("", 0)


def test_seasons():
    days = every("1d", 800)
    seasons = {s.cycle: s for s in summary(days).seasons}
    weekdays = counted(days.dt.weekday())
    assert seasons["weekday"].counts == weekdays
    months = counted(days.dt.month())
    assert seasons["month"].counts == months
    assert seasons["year"].labels == ["2020", "2021", "2022"]
    assert "hour" not in seasons
    hours = every("50m", 500)
    by_hour = {s.cycle: s for s in summary(hours).seasons}["hour"].counts
    assert by_hour == counted(hours.dt.hour())


def test_ends_and_order():
    found = summary([dt.datetime(2021, 5, 1), None, dt.datetime(1960, 1, 1, 12)])
    assert (found.first, found.last) == ("1960-01-01T12:00:00", "2021-05-01")
    assert not found.dates_only
    assert summary(every("1d")).rising and summary(every("1d").reverse()).falling
    assert summary([dt.datetime(2999, 1, 1)]).future == 1
    assert summary([None]).first == ""
