"""One notation reads cells in one way, whatever stands beside them."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.table.types.notation import Notation
from mulle.table.types.numbers import (
    BY_EVIDENCE,
    NUMBERS,
    USUAL_NUMBERS,
    limit_sides,
    number_text,
    parse_numbers,
    scale_numbers,
)

ALL = (*NUMBERS, *BY_EVIDENCE)


def read(cell, **notation):
    return parse_numbers(pl.Series([cell]), Notation(**{"repairs": NUMBERS, **notation}))[0].item()


@pytest.mark.parametrize(
    ("cell", "notation", "number"),
    [
        ("0,512", {}, None),  # no group begins with 0
        ("0,512", {"decimal": ",", "thousands": ""}, 0.512),
        ("1,512", {}, 1512),
        ("1,512", {"decimal": ",", "thousands": "."}, 1.512),
        ("1.512", {"decimal": ",", "thousands": "."}, 1512),
        ("1.512", {"decimal": ",", "thousands": ""}, None),  # no cell showed what a point means
        ("1.512,5", {"decimal": ",", "thousands": ""}, 1512.5),
        ("1.5", {"decimal": ",", "thousands": "."}, None),
        ("1,5", {}, None),
        ("1512", {"decimal": ",", "thousands": "."}, 1512),
        ("1 512,5", {"decimal": ",", "thousands": " "}, 1512.5),
        ("1 512,5", {"decimal": ",", "thousands": "."}, None),
        ("1'512.5", {"thousands": "'"}, 1512.5),
        ("1,512.5", {"thousands": "'"}, None),
        ("1,234.", {}, 1234),
        ("1,23,456", {}, 123456),
        ("1,23,4567", {}, None),
        ("12,3456", {}, None),
        ("61kg", {"unit": "kg"}, 61),
        ("61 KG", {"unit": "kg"}, 61),
        ("61", {"unit": "kg"}, 61),
        ("61lb", {"unit": "kg"}, None),
        ("61kg", {}, None),
        ("84.97㎡", {"unit": "m2"}, 84.97),
        ("12 %", {"unit": "%"}, 12),
        ("12 %", {"unit": "%", "percent": "fraction"}, 0.12),
        ("0.12", {"unit": "%", "percent": "fraction"}, 0.12),
        ("5‰", {"unit": "‰", "percent": "fraction"}, 0.005),
        ("12 %", {}, None),
        ("$5", {"unit": "usd"}, 5),
        ("$5", {"unit": "krw"}, None),
        ("$5", {}, 5),
        ("5K", {}, None),
        ("5K", {"repairs": ALL}, 5000),
        ("$5K", {}, 5000),
        ("$5 MM", {}, 5_000_000),
        ("5 mm", {"repairs": ALL, "unit": "mm"}, 5_000_000),
        ("5 mm", {"unit": "mm"}, 5),
        ("5 kg", {"unit": "k"}, None),
        ("$5 L", {"unit": "usd"}, None),
        ("₹5 L", {"unit": "inr"}, 500_000),
        ("<0.5", {}, None),
        ("<0.5", {"repairs": ALL, "form": "limit"}, 0.5),
        ("5", {"scale": 1000.0}, 5000),
        ("1.1", {"scale": 1e8}, 110_000_000),
        ("5천원", {"scale": 1000.0}, 5000),
        ("5", {"scale": 1000.0, "repairs": ("thousands",)}, 5),
        ("▲5", {}, -5),
        ("▲5", {"repairs": ALL}, 5),
        ("▼5", {}, None),
        ("△5", {"repairs": ALL}, -5),
        ("5 Dr", {"repairs": ALL}, -5),
        ("--5", {}, None),
        ("-(5)", {}, None),
        ("(-5)", {}, None),
        ("1.2.3", {}, None),
        ("12-13", {}, None),
        ("5:30", {}, None),
        ("12만 3억", {}, None),
        ("3시 5분", {}, None),
        ("", {}, None),
    ],
)
def test_a_cell_means_what_its_notation_says(cell, notation, number):
    assert read(cell, **notation) == number


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("１２", "full-width"),
        ("−5", "minus"),
        ("(5)", "accounting"),
        ("5-", "accounting"),
        ("약 5", "approximate"),
        ("5**", "footnote"),
        ("$5", "currency"),
        ("5%", "percent"),
        ("5kg", "unit"),
        ("5 million", "magnitude"),
        ("5만", "korean-units"),
        ("5,000", "thousands"),
        ("<5", "limit"),
        ("5K", "letters"),
        ("5 Dr", "credit-debit"),
        ("▼5", "arrows"),
        ("½", "fraction"),
    ],
)
def test_each_repair_is_listed_and_undone_by_its_code(cell, code):
    unit = {"percent": "%", "unit": "kg"}.get(code, "")
    form = "limit" if code == "limit" else ""
    notation = Notation(repairs=ALL, unit=unit, form=form)
    number, repairs = parse_numbers(pl.Series("x", [cell, cell, "7"]), notation)
    assert number.null_count() == 0
    listed = {r.code: r for r in repairs}
    assert listed[code].count == 2
    assert listed[code].values == {"before": cell, "after": number_text(number)[0]}
    kept = tuple(other for other in ALL if other != code)
    undone, repairs = parse_numbers(
        pl.Series("x", [cell, "7"]), Notation(repairs=kept, unit=unit, form=form)
    )
    assert undone.to_list() == [None, 7.0]
    assert repairs == []


def test_a_decimal_comma_is_a_repair_of_its_own():
    notation = Notation(repairs=NUMBERS, decimal=",", thousands=".")
    numbers, repairs = parse_numbers(pl.Series("x", ["1.234,5", "7", "2,5"]), notation)
    assert numbers.to_list() == [1234.5, 7.0, 2.5]
    assert [(r.code, r.count) for r in repairs] == [("thousands", 1), ("decimal-comma", 2)]


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=1),
    st.sampled_from([(".", ","), (",", "."), (".", "'"), (",", " "), (".", "_")]),
)
def test_written_by_a_notation_is_read_by_it(numbers, marks):
    decimal, group = marks
    cells = [f"{n:,.2f}".translate({ord(","): group, ord("."): decimal}) for n in numbers]
    notation = Notation(repairs=NUMBERS, decimal=decimal, thousands=group)
    assert parse_numbers(pl.Series(cells), notation)[0].to_list() == numbers


@given(st.lists(st.text(alphabet="0123456789.,'- ()%$€KM<>억만천㎡kg½/", max_size=8), min_size=1))
def test_a_cell_alone_is_what_it_is_in_a_column(cells):
    notation = Notation(repairs=ALL, form="limit")
    together, _ = parse_numbers(pl.Series("x", cells), notation)
    alone = [parse_numbers(pl.Series("x", [cell]), notation)[0].item() for cell in cells]
    assert together.to_list() == alone


@given(st.integers(1, 9999), st.integers(0, 9999), st.sampled_from(["", "원"]))
def test_numbers_with_man_are_summed(high, low, behind):
    cell = f"{high:,}만 {low:,}{behind}" if low else f"{high:,}만{behind}"
    assert read(cell) == high * 10_000 + low


def test_sides_of_limits():
    notation = Notation(repairs=ALL, form="limit-side")
    cells = ["<0.5", "≤ 3", "3", ">100", "10+", "5 미만", "100 이상", "word", None, "<word"]
    sides = limit_sides(pl.Series(cells), notation).to_list()
    assert sides == [-1, -1, 0, 1, 1, -1, 1, None, None, None]


def test_a_scale_is_exact():
    notation = Notation(repairs=NUMBERS, scale=1e8)
    numbers = pl.Series([1.1, 0.7, 123.456, None])
    assert scale_numbers(numbers, notation).to_list() == [
        110_000_000,
        70_000_000,
        12_345_600_000,
        None,
    ]
    assert scale_numbers(numbers, USUAL_NUMBERS) is numbers


def test_plain_numbers_need_no_repair():
    numbers, repairs = parse_numbers(pl.Series("x", ["1", "2.5", "-3", "1e3", "nan", None]))
    assert numbers.fill_nan(9).to_list() == [1, 2.5, -3, 1000, 9, None]
    assert repairs == []


@pytest.mark.parametrize("around", ["${}", "({})", "{}kg", "{} €", "−{}", "{}%", "{}억", "{}"])
def test_many_cells_alike_are_read_as_a_few_are(around):
    """What stands around digits is taken apart once for many cells; a few are of other shapes."""
    bodies = [f"{n * 37 % 9973:,}" if n % 3 else f"{n / 8:.3f}" for n in range(700)]
    others = ["$1,5", "(7", "1 234", "5천", "½", "0,512", "word 3", "<0.5", "12.5 Mio. €", "'-3"]
    notation = Notation(repairs=ALL, form="limit", unit={"{}kg": "kg", "{}%": "%"}.get(around, ""))
    alike = [around.format(body) for body in bodies]
    for cells in (alike, [*alike, *others]):
        together, repairs = parse_numbers(pl.Series("x", cells), notation)
        parts = [pl.Series("x", cells[i : i + 100]) for i in range(0, len(cells), 100)]
        apart = [parse_numbers(part, notation) for part in parts]
        assert together.to_list() == [number for numbers, _ in apart for number in numbers]
        counts = Counter()
        for _, made in apart:
            counts.update({repair.code: repair.count for repair in made})
        assert {repair.code: repair.count for repair in repairs} == counts
