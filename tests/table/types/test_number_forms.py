"""Cells that are taken apart together are taken apart as each is by itself."""

from __future__ import annotations

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mulle.table.types import number_forms, numbers
from mulle.table.types.choose import find_in_all
from mulle.table.types.number_evidence import find_numbers
from mulle.table.types.number_forms import split, split_each
from mulle.table.types.numbers import ANY_NUMBERS, USUAL_NUMBERS, parse_numbers
from mulle.table.types.options import ANYTHING

BEFORE = [
    *("", "", "-", "+", "₩", "$ ", "(", "약 ", "<", ">", "~", "US$", "△", "- ", "−", "Rs.", "."),
    *("x", "A-", "№", "（", "'", "1 "),
]
BEHIND = [
    *("", "", "원", "%", " %", "㎡", " kg", "만원", "억", "천", "M", "K", ")", "-", "+", " 이상"),
    *(
        "미만",
        "정도",
        ".-",
        ",-",
        "/-",
        "½",
        " 3/4",
        "e5",
        "E-3",
        " cr",
        "DR",
        "년",
        "％",
        ".",
        "m^2",
    ),
]
DIGITS = st.one_of(
    st.integers(0, 99_999).map(str),
    st.integers(1000, 10**7).map("{:,}".format),
    st.integers(0, 10**5).map(lambda n: f"{n / 100:.2f}"),
    st.integers(0, 99).map("0{}".format),
    st.tuples(st.integers(1, 999), st.integers(100, 999)).map("{0[0]}.{0[1]}".format),
    st.sampled_from(["1,5", "１２", "1'234", ".5"]),
)


@st.composite
def columns(draw: st.DrawFn) -> pl.Series:
    before = draw(st.lists(st.sampled_from(BEFORE), min_size=1, max_size=3))
    behind = draw(st.lists(st.sampled_from(BEHIND), min_size=1, max_size=3))
    digits = draw(st.lists(DIGITS, min_size=8, max_size=60))
    cells = {
        (before[i % len(before)] + one + behind[i % len(behind)]).strip()
        for i, one in enumerate(digits)
    }
    return pl.Series("cell", sorted(cells))


@settings(max_examples=60, deadline=None)
@given(columns())
def test_cells_are_taken_apart_as_each_alone(cells):
    many = number_forms._MANY
    number_forms._MANY = 1
    try:
        found = split(pl.concat([cells + end for end in ("", " ", "  ")])).head(len(cells))
    finally:
        number_forms._MANY = many
    assert_frame_equal(found, split_each(cells).select(found.columns), check_row_order=True)


@settings(max_examples=60, deadline=None)
@given(columns())
def test_what_many_cells_allow_is_what_all_allow(cells):
    some, every = find_in_all(find_numbers, cells, ANYTHING), find_numbers(cells, ANYTHING)
    assert (some.readings, some.speaks, some.usual) == (every.readings, every.speaks, every.usual)
    assert some.unread.to_list() == every.unread.to_list()
    assert (some.doubt and some.doubt.code) == (every.doubt and every.doubt.code)


def test_many_cells_of_one_shape_are_not_all_looked_at():
    cells = pl.Series("cell", [f"{i:,}원" for i in range(1000, 31_000)])
    seen = []

    def find(some, asked):
        seen.append(len(some))
        return find_numbers(some, asked)

    assert find_in_all(find, cells, ANYTHING).readings == find_numbers(cells, ANYTHING).readings
    assert len(seen) == 1 and seen[0] < 5000
    strange = pl.concat([cells, pl.Series("cell", ["007원", "12:30"])])
    find_in_all(find, strange, ANYTHING)
    assert seen[-1] == len(strange)


@settings(max_examples=80, deadline=None)
@given(columns(), st.sampled_from([".", ","]), st.booleans())
def test_cells_that_are_alike_are_read_as_each_alone(cells, decimal, unalike):
    cells = cells if unalike else cells.filter(cells.str.ends_with(cells[0][-1]))
    readings = find_numbers(cells, ANYTHING).readings or (USUAL_NUMBERS,)
    groups = "," if decimal == "." else "."
    usual = msgspec.structs.replace(USUAL_NUMBERS, decimal=decimal, thousands=groups)
    for notation in (*readings, usual):
        slow, listed = parse_numbers(cells, notation)
        many, numbers._MANY = numbers._MANY, 1
        try:
            fast, counted = parse_numbers(cells, notation)
        finally:
            numbers._MANY = many
        assert fast.to_list() == slow.to_list()
        assert counted == listed


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,234*", 1234), ("1234 [1]", 1234), ("1,234 1)", 1234), ("87 [a]", 87), ("(5) 1)", -5)],
)
def test_footnote_marks_are_no_part_of_a_number(cell, value):
    numbers, made = parse_numbers(pl.Series([cell]), ANY_NUMBERS)
    assert numbers.to_list() == [value]
    assert "footnote" in [repair.code for repair in made]


@pytest.mark.parametrize("cell", ["(12 1)", "12[123]", "[1]"])
def test_brackets_that_are_no_footnotes(cell):
    assert parse_numbers(pl.Series([cell]), ANY_NUMBERS)[0].to_list() == [None]


def test_the_sign_of_money_may_stand_for_the_decimal_mark():
    cells = pl.Series(["12€50", "-7 € 05", "12€5"])
    assert parse_numbers(cells, ANY_NUMBERS)[0].to_list() == [12.5, -7.05, None]
