"""Dates as people write them: each notation of the list, and what no list holds."""

import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import PredictionError
from mulle.table import read
from mulle.table.types.dates import DATES, parse_dates
from mulle.table.types.kinds import Storage
from mulle.table.types.notation import Notation

CASES = tomllib.loads(Path(__file__).with_name("date_notations.toml").read_text("utf-8"))["cases"]


def _table(cells):
    return read(pl.DataFrame({"when": cells, "x": [row + 0.5 for row in range(len(cells))]}))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_column_means_what_it_means_to_its_writer(case):
    expected = case["expected"]
    table = _table(case["cells"])
    column = table.schema["when"]
    found = table.frame["when"].to_list()
    doubts = [doubt.code for doubt in table.reading.doubts]
    if expected == "numbers":
        assert column.storage is Storage.number
        assert column.notation.form != "clock"
    elif expected == "text":
        assert column.storage is Storage.string
        assert not {"date-order", "date-order-mixed"} & {*doubts}
    elif isinstance(expected, str):
        assert column.storage is Storage.string
        assert doubts == expected.split()[1:]
    elif isinstance(expected[0], float):
        assert column.storage is Storage.number
        assert found == pytest.approx(expected)
    else:
        assert column.storage is Storage.date
        wanted = [datetime.fromisoformat(day) if day else None for day in expected]
        assert found == wanted


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_iso_moments_read_back_in_utc(moment, minutes):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    try:
        expected = aware.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return
    assert parse_dates(pl.Series([aware.isoformat()]))[0].to_list() == [expected]


@given(
    st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1, max_size=9),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%-d-%b-%Y", "%d %B %Y", "%A, %d %B %Y", "%d%b%Y"]),
)
def test_what_strftime_writes_reads_back_by_one_notation(days, form):
    texts = pl.Series([day.strftime(form) for day in days])
    read, _ = parse_dates(texts, Notation(repairs=DATES, dates="dmy"))
    assert read.dt.date().to_list() == days


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_weeks_read_back_as_their_monday(day):
    year, week, _ = day.isocalendar()
    read, _ = parse_dates(pl.Series([f"{year}-W{week:02}"]))
    assert read.dt.date().to_list() == [day - timedelta(days=day.weekday())]


@pytest.mark.parametrize("text", ["2023-W53", "2024-W00", "2024-13", "2024Q5", "31 June 2024"])
def test_what_no_calendar_holds_is_not_read(text):
    assert parse_dates(pl.Series([text]))[0].to_list() == [None]


@pytest.mark.parametrize(
    "text",
    ["2024-01-05 10:61", "2024-01-05 25:00", "2024-01-05 24:01", "2024-01-05 13:00 AM",
     "2024-01-05 10:30-15:30"],
)  # fmt: skip
def test_what_no_clock_shows_is_not_read(text):
    assert parse_dates(pl.Series([text]))[0].to_list() == [None]


def test_a_column_without_an_order_reads_no_date_that_needs_one():
    read, _ = parse_dates(pl.Series(["03/04/2024", "13/04/2024", "24.1.5"]))
    assert read.to_list() == [None, None, None]


def test_repairs_are_counted_with_an_example():
    texts = pl.Series("x", ["1/2/2024", "1/2/2024", "Jan 5, 2024", "2024-01-05T10:00:00+09:00"])
    _, made = parse_dates(texts, Notation(repairs=DATES, dates="mdy"))
    assert [(one.code, one.column, one.count) for one in made] == [
        ("month-first", "x", 2),
        ("month-name", "x", 1),
        ("timezone", "x", 1),
    ]
    assert made[0].values == {"before": "1/2/2024", "after": "2024-01-02 00:00:00.000000"}


def test_undone_repairs_leave_year_month_and_day_in_digits():
    texts = pl.Series(["2024-01-05", "Jan 5, 2024", "2024-01", "2024년 1월 5일", "'24.1.5"])
    read, _ = parse_dates(texts, Notation())
    assert read.dt.date().to_list() == [date(2024, 1, 5), None, None, None, None]


def test_dates_of_zeros_are_missing_and_listed():
    table = _table(["2024-01-05", "0000-00-00", "2024-02-13", "0000-00-00"])
    listed = [(one.code, one.count, one.values["before"]) for one in table.reading.repairs]
    assert listed == [("zero-date", 2, "0000-00-00")]


def test_a_column_that_is_open_follows_those_beside_it():
    open_days, clear = (
        ["03/04/2024", "05/02/2024", "01/06/2024"],
        ["13/04/2024", "05/02/2024", "1/6/2024"],
    )
    table = read(pl.DataFrame({"a": open_days, "b": clear}))
    assert table.schema["a"].notation.dates == "dmy"
    assert table.frame["a"].dt.date().to_list() == [
        date(2024, 4, 3),
        date(2024, 2, 5),
        date(2024, 6, 1),
    ]
    assert not table.reading.doubts


def test_the_doubt_shows_what_a_cell_may_mean():
    table = _table(["03/04/2024", "05/02/2024", "01/06/2024"])
    [doubt] = table.reading.doubts
    assert doubt.code == "date-order"
    assert doubt.values["example"] == "03/04/2024"
    assert (doubt.values["first"], doubt.values["second"]) == ("2024-04-03", "2024-03-04")


@pytest.mark.parametrize(("order", "month"), [("dmy", 4), ("mdy", 3)])
def test_a_person_decides_the_order(order, month):
    table = read(pl.DataFrame({"when": ["03/04/2024", "05/02/2024"]}), dates=order)
    assert table.frame["when"].dt.month().to_list()[0] == month
    assert not table.reading.doubts


def test_a_new_table_is_read_as_the_first_was():
    first = _table(["13/04/2023", "05/02/2024", "01/06/2024"])
    new = pl.DataFrame({"when": ["03/04/2024", "1 Jun 2024", "2024-02-13"], "x": [1.0, 2.0, 3.0]})
    assert first.schema.validate(new).frame["when"].dt.date().to_list() == [
        date(2024, 4, 3), date(2024, 6, 1), date(2024, 2, 13)
    ]  # fmt: skip
    wrong = new.with_columns(pl.Series("when", ["04/13/2024", "1 Jun 2024", "2024-02-13"]))
    with pytest.raises(PredictionError, match="04/13/2024"):
        first.schema.validate(wrong)


def test_cells_that_speak_are_heard_before_an_order_for_all_columns():
    frame = pl.DataFrame({"a": ["02/13/2024", "03/04/2024"], "b": ["05/02/2024", "03/04/2024"]})
    table = read(frame, dates="dmy")
    assert [column.notation.dates for column in table.schema.columns] == ["mdy", "dmy"]


def test_the_few_cells_of_a_long_column_decide():
    rows = [f"{row % 12 + 1:02}/{row % 11 + 1:02}/{1800 + row % 400}" for row in range(5000)]
    assert _table([*rows, "13/02/2024"]).schema["when"].notation.dates == "dmy"
    doubts = _table([*rows, "13/02/2024", "02/13/2024"]).reading.doubts
    assert [doubt.code for doubt in doubts] == ["date-order-mixed"]


def test_a_late_form_is_read_beside_many_of_another():
    days = pl.date_range(date(2000, 1, 1), date(2009, 1, 1), eager=True).dt.to_string("%Y-%m-%d")
    table = _table([*days, "5 Jan 2024", "2024년 1월 6일"])
    assert table.frame["when"].to_list()[-2:] == [datetime(2024, 1, 5), datetime(2024, 1, 6)]


def test_series_of_months_stay_in_the_order_of_time():
    months = [f"{year}년 {month}월" for year in (2022, 2023) for month in range(1, 13)]
    table = _table(months)
    assert table.schema["when"].storage is Storage.date
    assert table.frame["when"].is_sorted()


def test_the_end_that_never_comes_is_listed():
    table = read({"end": ["2024-01-05", "9999-12-31", "2024-02-13", "9999-12-31"]})
    listed = [(one.code, one.column, one.count) for one in table.reading.repairs]
    assert ("no-end", "end", 2) in listed


def test_digits_with_a_point_are_read_again_as_they_were():
    schema = read({"day": ["20240105.0", "20240213.0", "20241130.0"]}).schema
    rows = schema.validate(pl.DataFrame({"day": ["20240214.0", "20240301"]}))
    assert rows.frame["day"].to_list() == [datetime(2024, 2, 14), datetime(2024, 3, 1)]


def test_doubts_count_cells_and_not_distinct_ones():
    days = [f"2021-03-{day:02}" for day in range(1, 28)]
    cells = [*days, "soon", "later"] * 2 + ["soon"] * 10
    doubt = read({"day": cells}).reading.doubts[0]
    assert (doubt.code, doubt.count) == ("dates-unread", 14)
    order = read({"day": ["03/04/2024", "05/02/2024", "07/06/2024"] * 2}).reading.doubts[0]
    assert (order.code, order.count) == ("date-order", 6)


@pytest.mark.parametrize(
    "cells",
    [
        ["2023.01", "2023.02", "2023.09", "2023.11", "2023.10"],
        ["2023.01", "2023.02"],
        ["2022.09", "2022.1", "2022.11", "2022.12", "2023.01"],  # 2022.1 was 2022.10
    ],
)
def test_a_few_months_with_a_point_are_asked_about(cells):
    table = _table(cells)
    assert table.schema["when"].storage is Storage.string
    assert table.frame["when"].to_list() == cells
    (doubt,) = table.reading.doubts
    assert (doubt.code, doubt.count) == ("month-or-number", len(cells))
    assert set(doubt.values["examples"]) <= {*cells}


@pytest.mark.parametrize("cells", [["2023.01", "2023.13"], ["12.01", "13.02"], ["2023.05"] * 3])
def test_other_numbers_are_not_asked_about(cells):
    assert _table(cells).reading.doubts == ()


def test_a_mark_before_two_digits_says_that_they_are_the_year():
    table = _table(["'24.01.05", "'24.02.06", "'24.11.07"])
    assert table.schema["when"].notation.dates == "ymd"
    assert [moment.date() for moment in table.frame["when"]] == [
        date(2024, 1, 5),
        date(2024, 2, 6),
        date(2024, 11, 7),
    ]
    new = table.schema.validate(pl.DataFrame({"when": ["'05.01.24"], "x": ["1"]}))
    assert [moment.date() for moment in new.frame["when"]] == [date(2005, 1, 24)]


@pytest.mark.parametrize("text", ["0000-01-01", "-0001-01-01", "10000-01-01"])
def test_a_year_that_python_does_not_know_is_no_date_and_no_fault(text):
    read_as, _ = parse_dates(pl.Series([text, None]), Notation())
    assert read_as.null_count() == 2
