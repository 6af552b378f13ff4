"""Values as people write them; Python's own parsers are the reference where there is one."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.table import read
from mulle.table.types import (
    CLEAN,
    DATES,
    MISSING,
    NONE_WORDS,
    order_of,
    parse_dates,
    parse_numbers,
    repair_text,
)
from mulle.table.types.kinds import Storage


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("1,234원", 1234),
        ("₩1,000", 1000),
        ("￦1,000", 1000),
        ("-$5.20", -5.2),
        ("$-5.20", -5.2),
        ("€ 12", 12),
        ("£0.5", 0.5),
        ("USD 3", 3),
        ("13 %", 13),
        ("13.5％", 13.5),
        ("１２３", 123),
        ("－３．５", -3.5),
        ("−3", -3),
        ("△12", -12),
        ("3억 2,000만원", 320_000_000),
        ("1.2억", 120_000_000),
        ("2조 3억", 2_000_300_000_000),
        ("5천만원", 50_000_000),
        ("3천원", 3000),
        ("12만 3,456", 123_456),
        ("-3만", -30_000),
        ("1e3", 1000),
        ("만", None),
        ("1,23", None),
        ("12만 3억", None),
        ("12.3.4", None),
        ("seven", None),
        ("3시", None),
    ],
)
def test_numbers(text, number):
    assert parse_numbers(pl.Series([text]))[0].to_list() == [number]


@given(st.integers(-(10**15), 10**15))
def test_thousands_commas_read_back(number):
    assert parse_numbers(pl.Series([f"{number:,}"]))[0].to_list() == [number]


@given(st.integers(0, 10**12 - 1))
def test_korean_units_read_back(number):
    high, rest = divmod(number, 10**8)
    middle, low = divmod(rest, 10**4)
    parts = [f"{n:,}{u}" for n, u in ((high, "억"), (middle, "만"), (low, "")) if n]
    assert parse_numbers(pl.Series([" ".join(parts) or "0"]))[0].to_list() == [number]


def test_repairs_of_numbers_are_counted_with_an_example():
    _, repairs = parse_numbers(pl.Series("x", ["1,000", "1,000", "2,000", "3", "no,1"]))
    assert [(r.code, r.column, r.count) for r in repairs] == [("thousands", "x", 3)]
    assert repairs[0].values == {"before": "1,000", "after": "1000"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024/3/1", datetime(2024, 3, 1)),
        ("2024.03.01", datetime(2024, 3, 1)),
        ("2024. 3. 1.", datetime(2024, 3, 1)),
        ("2024-03-01 15:20", datetime(2024, 3, 1, 15, 20)),
        ("2024-03-01T15:20:30.5", datetime(2024, 3, 1, 15, 20, 30, 500_000)),
        ("2024-03-01T15:20:30Z", datetime(2024, 3, 1, 15, 20, 30)),
        ("2024-03-01T15:20:30+09:00", datetime(2024, 3, 1, 6, 20, 30)),
        ("2024-03-01T15:20:30-0330", datetime(2024, 3, 1, 18, 50, 30)),
        ("2024년 3월 1일", datetime(2024, 3, 1)),
        ("2024년3월1일(금)", datetime(2024, 3, 1)),
        ("2024년 3월 1일 오후 3시 20분", datetime(2024, 3, 1, 15, 20)),
        ("2024년 3월 1일 오전 12:05", datetime(2024, 3, 1, 0, 5)),
        ("2024년 3월 1일 오후 12시 5분 7초", datetime(2024, 3, 1, 12, 5, 7)),
        ("２０２４년 ３월 １일", datetime(2024, 3, 1)),
        ("2024-03-01 10:20 PM", datetime(2024, 3, 1, 22, 20)),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("2024년 3월", None),
        ("yesterday", None),
    ],
)
def test_dates(text, moment):
    assert parse_dates(pl.Series([text]))[0].to_list() == [moment]


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_iso_moments_read_back_in_utc(moment, minutes):
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    try:
        expected = aware.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return
    assert parse_dates(pl.Series([aware.isoformat()]))[0].to_list() == [expected]


def test_the_order_of_day_and_month_is_one_for_the_column():
    texts = pl.Series(["03/04/2024", "25/04/2024"])
    assert order_of(texts) == "day-first"
    assert order_of(pl.Series(["03/04/2024", "04/25/2024"])) == "month-first"
    assert order_of(pl.Series(["2024-03-04"])) == ""
    dates = parse_dates(texts, (*DATES, "day-first"))[0].to_list()
    assert dates == [datetime(2024, 4, 3), datetime(2024, 4, 25)]


@given(st.lists(st.text(), min_size=1))
def test_text_comes_out_in_nfc_without_blanks(texts):
    out, _ = repair_text(pl.Series("x", texts), CLEAN, Storage.string)
    for value in out.drop_nulls():
        assert value == unicodedata.normalize("NFC", value)
        assert value not in MISSING
        assert value.strip(" \t\n\u3000\ufeff") == value


def test_a_word_for_none_is_a_category_but_not_a_number():
    table = read({"parking": ["있음", "없음"], "fee": ["3만원", "없음"]})
    assert table.frame["parking"].to_list() == ["있음", "없음"]
    assert table.frame["fee"].to_list() == [30_000.0, None]
    assert ("missing-token", "fee", 1) in [(r.code, r.column, r.count) for r in table.repairs]
    assert not MISSING & NONE_WORDS


def test_few_words_among_numbers_are_missing_and_named():
    mostly = read({"x": [*map(str, range(95)), *"abcde"]})
    assert mostly.schema["x"].storage == "number"
    assert mostly.frame["x"].null_count() == 5
    out = [(o.code, o.column, o.count, o.values["words"]) for o in mostly.reading.left_out]
    assert out == [("cells-missing", "x", 5, [*"abcde"])]
    assert read({"x": [*map(str, range(94)), *"abcdef"]}).schema["x"].storage == "string"


def test_infinities_are_missing_and_listed():
    table = read({"x": [1.0, float("inf"), float("nan"), -float("inf"), 2.5]})
    assert table.frame["x"].to_list() == [1.0, None, None, None, 2.5]
    assert [(r.code, r.count) for r in table.repairs] == [("infinite", 2)]


def test_nothing_is_repaired_when_told_so():
    rows = {"x": ["1,000", "n/a"], "y": [" a", "e\u0301"], "d": ["2024년 3월 1일"] * 2}
    table = read(rows, repair=False)
    assert table.frame.to_dict(as_series=False) == rows
    assert table.repairs == ()
    assert all(column.notation.repairs == () for column in table.schema.columns)
