"""What a column of text is read as: its own cells, the columns beside, and the words among them."""

import polars as pl
import pytest

from mulle.table import Storage, read
from mulle.table.types.choose import choose
from mulle.table.types.options import ReadOptions

PRICES = [f"{1 + i % 9},{100 * (i % 9)}" if i % 9 else "1,000" for i in range(60)]
ODD = [f"{1 + i % 4},{(137 * i + 211) % 900 + 100}" for i in range(60)]  # 1,348: both ways
DECIMALS = [f"{i % 7},{(37 * i) % 100:02}" for i in range(60)]  # 3,07: a fraction beyond doubt
CHOICES = [f"{1 + i % 3},{1 + i % 4}" for i in range(60)]


def chosen(delimiter=";", **columns):
    found = choose({n: pl.Series(n, c) for n, c in columns.items()}, ReadOptions(), delimiter)
    return {
        name: (c.storage, c.notation.decimal, [d.code for d in c.doubts])
        for name, c in found.items()
    }


def test_a_column_follows_what_the_measurements_beside_it_say():
    assert chosen(odd=ODD)["odd"] == (Storage.string, ".", ["decimal-mark"])
    beside = chosen(odd=ODD, weight=DECIMALS)
    assert beside["odd"] == beside["weight"] == (Storage.number, ",", [])
    followed = choose({"odd": pl.Series(ODD), "weight": pl.Series(DECIMALS)}, ReadOptions(), ";")[
        "odd"
    ].repairs
    assert [(r.code, r.count) for r in followed] == [("decimal-beside", 60)]


def test_choices_do_not_speak_for_prices():
    found = read({"choice": CHOICES, "price": PRICES})
    assert found.frame["price"].to_list() == [float(p.replace(",", "")) for p in PRICES]
    assert chosen(choice=CHOICES, price=PRICES)["price"][:2] == (Storage.number, ".")


def test_columns_that_contradict_each_other_persuade_no_other():
    points = [f"{1 + i % 7},{100 + i}.{(37 * i) % 100:02}" for i in range(60)]
    assert chosen(odd=ODD, weight=DECIMALS, sum=points)["odd"][0] is Storage.string


def test_beside_other_delimiters_commas_group():
    assert chosen(",", odd=ODD)["odd"] == (Storage.number, ".", [])


@pytest.mark.parametrize(("words", "numbers"), [
    (["X"] * 15, 60),  # withheld
    (["…"] * 10 + ["*"] * 10, 60),
    (["sold out"] * 3, 97),
    (["n123"], 200),
])  # fmt: skip
def test_few_cells_among_numbers_become_missing_by_name(words, numbers):
    table = read({"x": [*(str(7 * i) for i in range(numbers)), *words]})
    assert table.schema["x"].storage is Storage.number
    assert table.frame["x"].null_count() == len(words)
    (out,) = table.reading.left_out
    assert (out.code, out.column, out.count) == ("cells-missing", "x", len(words))
    assert out.values["words"] == list(dict.fromkeys(words))
    assert table.schema.row({"x": words[0]}) == {"x": None}


@pytest.mark.parametrize(
    "words", [["sold out"] * 30, ["n1", "n2", "n3"], [f"w{c}" for c in "abcdef"]]
)
def test_many_cells_that_are_no_numbers_leave_the_column_as_it_is(words):
    table = read({"x": [*(str(7 * i) for i in range(60)), *words]})
    assert table.schema["x"].storage is Storage.string
    assert table.frame["x"].null_count() == 0
    assert [doubt.code for doubt in table.reading.doubts] == ["cells-unread"]


@pytest.mark.parametrize(("name", "decimal"), [("사업체수", "."), ("Betriebe", None)])
def test_tables_with_korean_names_have_no_decimal_commas(name, decimal):
    cells = ["18464", "3,222", "5,596", "1,813"]  # in no order of size, with an integer unmarked
    table = read({name: cells, "kind": [*"abcd"]})
    if decimal is None:
        assert [doubt.code for doubt in table.reading.doubts] == ["decimal-mark"]
    else:
        assert table.frame[name].to_list() == [18464, 3222, 5596, 1813]


def test_the_rest_of_a_column_of_numbers_is_counted_by_cells():
    table = read({"v": ["trace", "0.2", "1.5", "trace", "0.7"], "w": ["A1", "B2", "3", "C4", "D5"]})
    (doubt,) = table.reading.doubts
    assert (doubt.code, doubt.column, doubt.count) == ("cells-unread", "v", 2)


def test_a_few_commas_among_whole_numbers_are_asked_where_numbers_beside_have_points():
    few = ["1", "2", "3", "15,5", "5", "6", "7", "8", "9", "14"]
    table = read({"x": few, "y": [f"{i}.25" for i in range(10)]})
    (doubt,) = table.reading.doubts
    assert (doubt.code, doubt.values["examples"]) == ("decimal-mark", ["15,5"])
    assert table.frame["x"].to_list() == few
    alone = read({"x": few, "y": [f"{i},25" for i in range(10)]})
    assert alone.frame["x"][3] == 15.5 and not alone.reading.doubts
