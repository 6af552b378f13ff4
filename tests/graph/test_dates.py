"""Calendar fields against `datetime`, over all the years it knows."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mulle.graph import date_parts

EPOCH = datetime(1970, 1, 1)
DAY = 86_400_000_000


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def fields(moment: datetime) -> list[float]:
    hour = (microseconds(moment) % DAY) / 3_600_000_000
    day_of_year = moment.timetuple().tm_yday
    return [moment.year, moment.month, moment.day, moment.weekday(), day_of_year, hour]


@given(st.datetimes())
def test_any_moment(moment):
    parts = date_parts(np.array([microseconds(moment)]))
    assert [part.item() for part in parts.values()] == fields(moment)


def test_graph_and_datetime_on_every_turn_of_a_month(in_graph):
    days = [datetime(year, month, 1) for year in range(1, 10_000, 7) for month in range(1, 13)]
    turns = [d + timedelta(microseconds=shift) for d in days[1:] for shift in (-1, 0)]
    turns += [datetime.min, datetime.max, EPOCH, datetime(2000, 2, 29), datetime(1900, 3, 1)]
    x = np.array([[microseconds(moment)] for moment in turns])
    expected = np.array([fields(moment) for moment in turns])
    np.testing.assert_array_equal(np.hstack(list(date_parts(x).values())), expected)
    np.testing.assert_array_equal(np.hstack(in_graph(date_parts, x=x)), expected)


def test_no_rows(in_graph):
    assert all(part.shape == (0, 1) for part in in_graph(date_parts, x=np.zeros((0, 1), np.int64)))
