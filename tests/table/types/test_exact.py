"""Texts that a number would make equal stay texts, where the difference may mean something."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.table import read
from mulle.table.types.exact import look_closer, zeros_lead
from mulle.table.types.kinds import Storage


def look(*cells):
    text = pl.Series("x", cells)
    return look_closer(text, text.cast(pl.Float64))


ORDINARY = [str(n) for n in range(8, 60)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["1", "2.5", "3"], ""),
        (["5", "5.0", "+5", "05.0"], "leading-zeros"),
        (["5", "5.0", "+5"], ""),
        ([".5", "0.5", "0.50"], "trailing-zeros"),
        (["02134", "10001"], "leading-zeros"),
        (["0012", "345", "007", "9"], "leading-zeros"),
        (["007", *ORDINARY], ""),
        (["007", "7", *ORDINARY], "leading-zeros"),
        (["1E5", "100000"], "exponents"),
        (["1e5", "100000", "3"], "exponents"),
        (["12E4", "7"], "exponents"),
        (["12e4", "7"], "exponents"),
        (["1e5", "2.5e-3"], ""),
        (["1e5", "1E+05", "1e+5"], ""),
        (["1e5", "1e05", "2e5"], "exponents"),
        (["1.20E+04", "1.20E+05"], ""),
        (["1.1", "1.10"], "trailing-zeros"),
        (["1.1", "1.10", "1.05"], ""),
        (["1.1", "1.100", "1.125"], ""),
        (["1.0", "1.1", "1.10"], "trailing-zeros"),
        (["3.8", "3.9", "3.10", "3.11"], "counters"),
        (["3.80", "3.90", "3.10", "3.09"], ""),
        (["1.5", "2.50", "3.25", "10.75"], ""),
        (["12.50", "3.20", "7.00"], ""),
        (["9007199254740993", "9007199254740992"], "long-digits"),
        (["9007199254740994", "9007199254740996"], "long-digits"),  # a key: each stands once
        (["9007199254740994", "9007199254740996", "9007199254740994"], ""),
        (["1000000000000000000", "5000000000000000000000", "7"], ""),
    ],
)
def test_what_digits_are(cells, reason):
    assert look(*cells).reason == reason


def test_what_is_read_all_the_same_is_listed():
    slip = look("007", "007", *ORDINARY)
    assert [(r.code, r.count, r.values) for r in slip.repairs] == [
        ("leading-zeros", 2, {"before": "007", "after": "7"})
    ]
    measured = look("1.1", "1.10", "1.10", "1.05")
    assert [(r.code, r.count, r.values) for r in measured.repairs] == [
        ("trailing-zeros", 2, {"before": "1.10", "after": "1.1"})
    ]


def test_what_is_asked_shows_the_cells():
    (doubt,) = look("1.1", "1.10", "1.10", "1.2").doubts
    assert (doubt.code, doubt.column, doubt.count) == ("trailing-zeros", "x", 3)
    assert doubt.values == {"examples": ["1.1", "1.10"]}
    assert look("02134", "10001").doubts == ()  # codes beyond doubt


@given(st.lists(st.integers(10**16, 10**18), min_size=2, max_size=20, unique=True))
def test_long_numbers_are_never_merged(numbers):
    table = read({"card": [str(n) for n in numbers] * 2, "x": range(2 * len(numbers))})
    assert table.frame["card"].n_unique() == len(numbers)
    typed = read(pl.DataFrame({"card": numbers * 2, "x": range(2 * len(numbers))}))
    assert typed.frame["card"].n_unique() == len(numbers)


@given(st.lists(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3})?", fullmatch=True), min_size=2))
def test_no_two_texts_of_meaning_become_one_number_in_silence(cells):
    table = read({"n": cells, "x": ["word"] * len(cells)})
    if table.schema["n"].storage is Storage.string:
        return
    plain = {
        cell: cell.removesuffix(".000").removesuffix(".00").removesuffix(".0") for cell in cells
    }
    merged = len({*plain.values()}) > table.frame["n"].n_unique()
    listed = {"leading-zeros", "trailing-zeros"} & {r.code for r in table.repairs}
    assert not merged or listed


def test_a_kind_that_is_given_keeps_digits_apart():
    cards = ["9007199254740993", "9007199254740992"] * 3
    table = read({"card": cards, "x": range(6)}, kinds={"card": "nominal"})
    assert table.frame["card"].to_list() == cards
    sections = ["1.1", "1.10", "1.2"]
    table = read({"section": sections, "x": range(3)}, kinds={"section": "nominal"})
    assert table.frame["section"].to_list() == sections
    alone = read({"n": ["1.2", "1.10"], "x": range(2)}, kinds={"n": "nominal"})
    assert alone.frame["n"].to_list() == ["1.2", "1.10"]
    typed = read({"n": ["1.0", "2.0"], "x": range(2)}, kinds={"n": "nominal"})
    assert typed.frame["n"].to_list() == ["1", "2"]


def test_zeros_in_front_of_digits():
    assert zeros_lead(pl.Series(["007", "008"]))
    assert zeros_lead(pl.Series(["07", "7", *ORDINARY]))
    assert not zeros_lead(pl.Series(["07", *ORDINARY]))
    assert not zeros_lead(pl.Series(["0.7", "0", "7"]))
