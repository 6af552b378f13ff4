"""A mark or nothing is a category; all else that holds one value is constant."""

import polars as pl
import pytest

from mulle.table import read

N = 10


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        (["Y", ""], "Y"),
        (["O", ""], "O"),
        (["1", ""], "1"),
        ([1, None], "1"),
        ([1.0, None], "1"),
        ([2.5, None], "2.5"),
        (["true", ""], "true"),
        ([True, None], "true"),
        (["2024-03-01", ""], "2024-03-01"),
    ],
)
def test_a_mark_or_a_blank_is_a_category(cells, stored):
    table = read({"x": cells * N})
    column = table.schema["x"]
    assert (column.kind, column.storage, column.reason) == ("nominal", "string", "mark-or-blank")
    assert table.frame["x"].to_list() == [stored, None] * N


@pytest.mark.parametrize("cell", ["1", 1, 1.0, "1.0"])
def test_new_rows_have_the_same_mark(cell):
    schema = read({"x": ["1", ""] * N}).schema
    assert schema.row({"x": cell}) == {"x": "1"}
    assert schema.validate(pl.DataFrame({"x": [cell, None]})).frame["x"].to_list() == ["1", None]


@pytest.mark.parametrize("cells", [["Y"], ["1"], [3.5], [True]])
def test_one_value_throughout_is_constant(cells):
    column = read({"x": cells * N}).schema["x"]
    assert (column.kind, column.reason) == ("constant", "one-value")


def test_a_survey_of_marks_is_a_survey():
    answers = {f"q{i}": ["O" if (i + j) % 3 else "" for j in range(30)] for i in range(1, 9)}
    kinds = {c.kind.value for c in read(answers).schema.columns}
    assert kinds == {"nominal"}


def test_a_word_for_none_beside_a_number_is_a_category_of_its_own():
    table = read({"x": ["1", "none"] * N})
    assert table.frame["x"].to_list() == ["1", "none"] * N
    assert table.schema["x"].kind == "nominal"
