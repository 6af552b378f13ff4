"""Half of a surrogate pair, which Python allows in a text, ends in words wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

import mulle
from mulle.errors import DataError, PredictionError

GOLDEN = Path(__file__).parent / "golden"
HALF = "cut \ud83d"


@pytest.mark.parametrize("column", ["city", "mileage", "first day"])
@pytest.mark.parametrize("shape", ["one", "list", "many", "columns"])
def test_half_of_a_character_is_refused_by_row_and_column(column, shape):
    model = mulle.load(GOLDEN / "binary.mulle")
    sound = {"mileage": 1, "city": "a", "first day": None, 'a "memo" 메모': "👍"}
    broken = sound | {column: HALF}
    rows = {
        "one": broken, "list": [sound, broken], "many": [sound] * 40 + [broken],
        "columns": {name: [sound[name], broken[name]] for name in sound},
    }[shape]  # fmt: skip
    with pytest.raises(PredictionError) as caught:
        model.predict(rows)
    found = caught.value
    assert (found.code, found.values["column"]) == ("text-half-character", column)
    assert found.values["row"] == {"one": 1, "list": 2, "many": 41, "columns": 2}[shape]


@pytest.mark.parametrize("rows", [[{"a": HALF}], {"a": [HALF, "b"]}, {HALF: [1]}])
def test_a_table_holds_whole_characters(rows):
    with pytest.raises(DataError) as caught:
        mulle.read(rows)
    assert caught.value.code == "text-half-character"


def test_text_of_rows_holds_whole_characters():
    model = mulle.load(GOLDEN / "binary.mulle")
    with pytest.raises(PredictionError) as caught:
        model.predict(f"mileage,city\n1,{HALF}\n")
    assert caught.value.code == "text-half-character"


def test_the_error_shows_where_a_long_text_is_broken():
    with pytest.raises(PredictionError) as caught:
        mulle.load(GOLDEN / "binary.mulle").predict("city\n" + "a" * 1_000 + HALF + "\n")
    assert ascii(HALF)[1:-1] in caught.value.what
