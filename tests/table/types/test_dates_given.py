"""Dates that a person calls so: forms that no column is read in by itself, and refusals."""

from datetime import datetime

import polars as pl
import pytest

from mulle.errors import DataError
from mulle.table import read

JANUARY = [datetime(2024, 1, 5), datetime(2024, 1, 6)]


@pytest.mark.parametrize(
    ("cells", "moments"),
    [
        (["1704412800", "1704499200"], JANUARY),
        ([1704412800, 1704499200], JANUARY),
        ([1704412800123, 1704499200000], [datetime(2024, 1, 5, 0, 0, 0, 123_000), JANUARY[1]]),
        ([1704412800000000, 1704499200000000], JANUARY),
        ([45296.4375, 45297.0], [datetime(2024, 1, 5, 10, 30), JANUARY[1]]),
        (["45296", "45297"], JANUARY),
        ([20240105, 20240106], JANUARY),
        (["2024-005", "2024-006"], JANUARY),
        (["851215", "991201"], [datetime(1985, 12, 15), datetime(1999, 12, 1)]),
        ([202401, 202402], [datetime(2024, 1, 1), datetime(2024, 2, 1)]),
        ([2023, 2024], [datetime(2023, 1, 1), datetime(2024, 1, 1)]),
        (["2021-1", "2021-2"], [datetime(2021, 1, 1), datetime(2021, 2, 1)]),
        (["2009-10", "2010-11"], [datetime(2009, 10, 1), datetime(2010, 11, 1)]),
        (["2021Q1", "2021Q2"], [datetime(2021, 1, 1), datetime(2021, 4, 1)]),
        (["05-Jan-24", "06-Jan-24"], JANUARY),
        (["2024년 1월 5일", "2024년 1월 6일"], JANUARY),
        ([0, 20240106], [None, JANUARY[1]]),
    ],
)  # fmt: skip
def test_a_person_calls_a_column_dates(cells, moments):
    frame = pl.DataFrame({"when": cells, "x": [row + 0.5 for row in range(len(cells))]})
    table = read(frame, kinds={"when": "datetime"})
    assert table.frame["when"].to_list() == moments
    assert table.schema.validate(frame).frame["when"].to_list() == moments


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (["2024-01-05", "soon"], "soon"),
        (["9:30", "10:30"], "9:30"),
        ([34, 45, 23], "34"),
        ([1.5, 2.5], "1.5"),
        ([2021.01, 2021.1], "2021.1"),
        (["13/02/2024", "02/13/2024"], "02/13/2024"),
    ],
)
def test_cells_that_are_no_dates_are_shown(cells, wrong):
    with pytest.raises(DataError) as caught:
        read(pl.DataFrame({"when": cells}), kinds={"when": "datetime"})
    assert caught.value.code == "kind-impossible"
    assert wrong in str(caught.value)


def test_an_open_order_is_refused_with_both_meanings_until_it_is_given():
    frame = pl.DataFrame({"when": ["03/04/2024", "05/02/2024", "01/06/2024"]})
    with pytest.raises(DataError) as caught:
        read(frame, kinds={"when": "datetime"})
    assert caught.value.code == "date-order-open"
    assert "2024-04-03" in str(caught.value)
    assert "2024-03-04" in str(caught.value)
    table = read(frame, kinds={"when": "datetime"}, dates="mdy")
    assert table.frame["when"].dt.month().to_list() == [3, 5, 1]


def test_times_of_a_typed_column_are_hours():
    times = pl.Series("at", ["09:30", "23:45"]).str.to_time("%H:%M")
    table = read(pl.DataFrame({"at": times}))
    assert table.frame["at"].to_list() == [9.5, 23.75]
    assert table.schema["at"].notation.form == "clock"


def test_ratios_that_a_person_calls_numbers_are_hours():
    table = read(pl.DataFrame({"at": ["1:10", "1:20", "1:50"]}), kinds={"at": "continuous"})
    assert table.frame["at"].to_list() == pytest.approx([1 + 1 / 6, 1 + 1 / 3, 1 + 5 / 6])


@pytest.mark.parametrize(
    "cells",
    [
        [45296.4375, 45297.0],
        [1704412800123, 1704499200000],
        ["Jan 2024", "Feb 2024"],
        ["13/02/2024", "03/04/2024"],
        ["9:30 PM", "10:15 AM"],
        ["202401", "202402", "202403"],
    ],
)
def test_a_reading_given_back_reads_the_same(cells):
    kinds = {} if isinstance(cells[0], str) else {"when": "datetime"}
    frame = pl.DataFrame({"when": cells, "x": [row + 0.5 for row in range(len(cells))]})
    first = read(frame, kinds=kinds)
    again = read(frame, reading=first.reading)
    assert again.schema["when"].notation == first.schema["when"].notation
    assert again.frame.equals(first.frame)


def test_an_order_that_cells_rule_out_is_named_and_theirs_is_read():
    days = ["27/03/2023", "05/04/2023", "28/05/2023"]
    table = read({"day": days}, dates={"day": "mdy"})
    assert table.frame["day"].dt.day().to_list() == [27, 5, 28]
    (doubt,) = table.reading.doubts
    assert (doubt.code, doubt.column, doubt.count) == ("date-order-given", "day", 2)
    assert doubt.values == {"examples": ["27/03/2023", "28/05/2023"]}
    obeyed = read({"day": days}, dates="dmy")
    assert not obeyed.reading.doubts
