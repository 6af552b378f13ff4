"""Values as people write them; Python's own parsers are the reference where there is one."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.table import read
from mulle.table.types import (
    CLEAN,
    MISSING,
    NONE_WORDS,
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
