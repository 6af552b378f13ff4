"""The cells of a column say which notations they allow, and whether others may follow them."""

import polars as pl
import pytest

from mulle.errors import PredictionError
from mulle.table.read.table import read
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.number_evidence import find_numbers
from mulle.table.types.options import ColumnOptions


def found(*cells, **asked):
    return find_numbers(pl.Series(cells), ColumnOptions(**asked))


def marks(evidence):
    return [(reading.decimal, reading.thousands) for reading in evidence.readings]


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands"),
    [
        (["1,234.5", "2,000"], ".", ","),
        (["1.234,5", "2.000"], ",", "."),
        (["1 234,5", "2 000"], ",", " "),
        (["1'234.5", "2'000"], ".", "'"),
        (["0,512", "1,234"], ",", ""),
        (["1,234,567", "1,234"], ".", ","),
        (["1.234.567", "1.234"], ",", "."),
        (["1,23,456", "1,234"], ".", ","),
        (["1.5 kg", "1,234 kg"], ".", ","),
        (["$1,234", "$950"], ".", ","),  # no money has three decimals
        (["1.234 €", "950 €"], ",", "."),
        (["(1,234)", "33"], ".", ","),  # nor have books of account
    ],
)
def test_marks_that_the_cells_decide(cells, decimal, thousands):
    evidence = found(*cells)
    assert marks(evidence) == [(decimal, thousands)]
    assert evidence.doubt is None
    assert not len(evidence.unread)


def test_measurements_speak_for_the_columns_beside_them():
    assert found("1,5", "12,34", "0,7").speaks
    assert found("1.234,5", "7.654,3").speaks
    assert not found("1,5").speaks  # one cell may be a slip
    assert not found("1,234", "5,678").speaks
    assert not found("1,3", "2,4").speaks
    assert not found("12 kg", "13 kg").speaks


def test_both_readings_are_named_where_the_cells_do_not_decide():
    evidence = found("1,234", "5,678")
    assert marks(evidence) == [(".", ","), (",", "")]
    assert evidence.usual
    assert evidence.doubt.values == {"examples": ["1,234", "5,678"], "readings": [1234.0, 1.234]}
    large = found("1,234", "5678")
    assert marks(large) == [(",", ""), (".", ",")]
    assert not large.usual
    points = found("1.234 kg", "5.678 kg")
    assert marks(points) == [(".", ","), (",", ".")]
    assert points.usual
    assert points.doubt.code == "decimal-mark"


def test_a_person_decides_the_marks():
    assert marks(found("1,234", "5,678", decimal=",")) == [(",", "")]
    assert marks(found("1,234", "5,678", decimal=".")) == [(".", ",")]
    assert marks(found("1,3", "2,4", decimal=",")) == [(",", "")]
    against = found("1.5", "2.75", decimal=",")
    assert not against.readings
    assert against.doubt.code == "decimal-mark"


def test_small_numbers_without_any_of_three_digits_are_asked_about():
    few = found("1,852", "2", "1,744")
    assert few.usual
    many = found("1,852", "2", "1,744", "1,167", "2,614", "1,999")
    assert not many.usual
    assert found("1,852", "2", "1,744", "1,167", "2,614", "1,999", "845").usual


def test_units():
    assert found("61kg", "72 KG", "58").readings[0].unit == "kg"
    assert found("84.97㎡", "59 m²").readings[0].unit == "m2"
    assert found("$5", "5 USD").readings[0].unit == "usd"
    assert found("12 cm", "3 m").doubt.code == "unit-mixed"
    assert found("12 cm", "3 cm", "7 m", unit="cm").unread.to_list() == []
    assert found("49.7%", "0.628", percent="fraction").readings[0].percent == "fraction"
    assert found("49.7%", "0.628").doubt.code == "percent-mixed"
    assert found("49.7%", "0", "12").readings[0].unit == "%"


@pytest.mark.parametrize(
    "cells",
    [
        ["1,2,3", "1,3", "2"],
        ["1st", "2nd", "11th"],
        ["12A", "12B"],
        ["(1)", "(2)"],
        ["<20", ">30"],
        ["007 kg", "7 kg"],
        ["12 Main Street", "7 High Street"],
        ["one", "two"],
        ["1-2", "3-4"],
    ],
)
def test_codes_and_lists_are_no_numbers_and_no_doubt(cells):
    evidence = found(*cells)
    assert not evidence.readings
    assert evidence.doubt is None


def test_words_among_numbers_are_named():
    evidence = found(*[f"{n},5" for n in range(10, 30)], "soon")
    assert evidence.unread.to_list() == ["soon"]
    assert marks(evidence) == [(",", "")]


def test_a_column_follows_those_that_speak_and_agree():
    open_column = ["1,193", "2,285", "1,447"]
    german = read({"a": open_column, "b": ["1,5", "12,34", "0,7"]})
    assert german.frame["a"].to_list() == [1.193, 2.285, 1.447]
    english = read({"a": open_column, "b": ["1.5", "12.34", "0.7"]})
    assert english.frame["a"].to_list() == [1193, 2285, 1447]
    choices = read({"a": ["1,100", "2,300", "4,500"], "b": ["1,3", "2,4", "1,2"]})
    assert choices.frame["a"].to_list() == [1100, 2300, 4500]
    assert choices.schema["b"].storage is Storage.string
    assert [(d.code, d.column) for d in choices.reading.doubts] == [("decimal-mark", "b")]


def test_points_between_thousands_follow_a_column_with_decimal_commas():
    table = read({"pop": ["1.193", "22.285", "980"], "x": ["1,5", "12,34", "0,7"]})
    assert table.frame["pop"].to_list() == [1193, 22285, 980]
    alone = read({"pop": ["1.193", "22.285", "980"], "x": ["a", "b", "c"]})
    assert alone.frame["pop"].to_list() == [1.193, 22.285, 980]


def test_whole_numbers_follow_the_decimal_commas_beside_them_in_new_rows():
    columns = {"pieces": ["12", "950", "7"], "price": ["1,5", "12,34", "0,7"]}
    schema = read(columns).schema
    assert schema.row({"pieces": "1.234", "price": "1,5"}) == {"pieces": 1234, "price": 1.5}
    assert schema.row({"pieces": 12.5, "price": 1.5}) == {"pieces": 12.5, "price": 1.5}
    with pytest.raises(PredictionError) as refused:
        schema.row({"pieces": "12.5", "price": "1,5"})
    assert refused.value.code == "value-unreadable"
    alone = read({"pieces": columns["pieces"]}).schema
    assert alone.row({"pieces": "1.234"}) == {"pieces": 1.234}


def test_a_decimal_mark_that_is_asked_for_holds_for_all_columns():
    table = read({"a": ["1.193", "2.285"], "b": ["1,5", "2"], "c": ["1.5", "2.25"]}, decimal=",")
    assert table.frame["a"].to_list() == [1193, 2285]
    assert table.frame["b"].to_list() == [1.5, 2]
    assert table.frame["c"].to_list() == ["1.5", "2.25"]
    assert [(d.code, d.column) for d in table.reading.doubts] == [("decimal-mark", "c")]


def test_one_word_among_few_numbers_is_asked_about():
    assert found("12", "13", "<LOD", "15").unread.to_list() == ["<LOD"]
    asked = found("12", "<LOD", "15")
    assert asked.readings == () and asked.unread.to_list() == ["<LOD"]
    assert asked.doubt.code == "cells-unread"
    assert not found("12", "A1", "B2", "C3").hopeful


def test_letters_behind_some_numbers_are_asked_about():
    for cells in (["4.2", "3.9 b", "5.0 d", "6.1"], ["1", "2", "136A", "3C", "4"]):
        evidence = found(*cells)
        assert evidence.readings == () and evidence.doubt.code == "cells-marked", cells
    assert found("12A", "12B", "14C", "7").doubt is None
    assert found("5 kg", "6", "7", "8", "9").readings[0].unit == "kg"


def test_many_limits_beside_numbers_are_asked_about():
    cells = ["> 100", "12.5", "< 0.1", "45"]
    assert found(*cells).doubt.code == "limit-or-class"
    given = found(*cells, kind=Kind.continuous)
    assert given.readings[0].form == "limit" and not len(given.unread)
    assert not found("<20", "20-30", ">30").hopeful
    table = read({"lead": ["12", "13", "<LOD", "15"] * 5, "x": range(20)})
    assert [(d.code, d.count) for d in table.reading.doubts] == [("cells-unread", 5)]


def test_shares_are_read_as_a_person_decides():
    rates = ["49.7%", "0.628", "12%"]
    for percent, expected in (("fraction", [0.497, 0.628, 0.12]), ("points", [49.7, 0.628, 12])):
        table = read({"rate": rates}, reading={"columns": {"rate": {"percent": percent}}})
        assert table.frame["rate"].to_list() == expected
        assert table.schema.row({"rate": "50%"})["rate"] == (0.5 if percent == "fraction" else 50)


def test_letters_behind_a_few_numbers_make_codes_of_them():
    numbers = [str(i) for i in range(1, 40)]
    assert found(*numbers, "136A").unread.to_list() == ["136A"]
    assert found(*numbers, "12bis").unread.to_list() == ["12bis"]
    assert not len(found(*numbers, "40 kg").unread)
    assert not len(found("1a", "2a", "3a", "4").unread)


def test_a_few_pairs_among_whole_numbers_are_asked():
    numbers = [str(i) for i in range(1, 20)]
    evidence = found(*numbers, "4,6", "14,15")
    assert not evidence.readings
    assert evidence.doubt.code == "decimal-mark"
    assert marks(found(*numbers, "6,4", "14,15")) == [(",", "")]
    assert marks(found("1", "2", "12,25", "14,15")) == [(",", "")]


def test_three_digits_behind_each_point_may_be_thousands():
    assert found("1.193", "290.123", "14.471").doubt.code == "decimal-mark"
    assert found("1.193", "290.123", "14.4").doubt is None


def test_inches_beside_millimetres_are_asked():
    assert found('4"', "1 mm", "3 mm", '5"').doubt.code == "unit-mixed"


def test_the_money_of_south_africa_is_none_without_cents():
    assert found("R 1 234,56", "R 500").readings[0].unit == "r"
    assert not found("R1", "R2", "R3").hopeful


def test_numbers_behind_all_cells_are_no_footnotes():
    assert not found("12 [1]", "14 [2]", "15 [1]").hopeful
    assert found("12 [1]", "14 [2]", "15").readings


def test_labels_with_a_number_in_front_are_no_numbers():
    assert not found("2. Middle Atlantic").hopeful


def test_flags_behind_decimal_numbers_are_asked_about_however_many():
    cells = ["3.4 b", "2.1 e", "4.4 p", "1.2 b", "5.6", "7.1 ep"]
    table = read({"x": cells})
    assert table.frame["x"].to_list() == cells
    assert [doubt.code for doubt in table.reading.doubts] == ["cells-marked"]
    assert not read({"x": ["12 a", "13 b", "14 c", "15 d", "17"]}).reading.doubts
