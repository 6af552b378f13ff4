"""JSON of every shape that programs write is the same table."""

import json

import pandas as pd
import pytest

from mulle.errors import DataError, MulleError
from mulle.table.read.json import read_json
from mulle.table.types.options import ReadOptions

FRAME = pd.DataFrame({"나이": [31, 27, 44], "도시": ["서울", "부산", None]})
ROWS = [(31, "서울"), (27, "부산"), (44, None)]
DATED = FRAME.set_index(pd.Index(["1월", "2월", "3월"]))


def cells(text):
    return read_json(text, "a.json", ReadOptions())


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table", "values"])
def test_all_that_pandas_writes(orient):
    found = cells(FRAME.to_json(orient=orient, force_ascii=False))
    assert found.frame.rows() == ROWS
    names = ["column_1", "column_2"] if orient == "values" else ["나이", "도시"]
    assert found.frame.columns == names


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table"])
def test_names_of_rows_that_say_something_are_kept(orient):
    found = cells(DATED.to_json(orient=orient, force_ascii=False))
    assert found.frame.columns == ["index", "나이", "도시"]
    assert found.frame["index"].to_list() == ["1월", "2월", "3월"]
    assert found.frame["나이"].to_list() == [31, 27, 44]


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"data": [{"a": 1}, {"a": 2}]}, "data"),
        ({"response": {"header": {"code": "00"}, "body": {
            "items": {"item": [{"a": 1}, {"a": 2}]}, "totalCount": 2}}},
         "response.body.items.item"),
        ({"status": "ok", "result": {"rows": [{"a": 1}, {"a": 2}], "errors": []}}, "result.rows"),
    ],
)  # fmt: skip
def test_a_table_inside_other_values(value, key):
    found = cells(json.dumps(value))
    assert found.frame.rows() == [(1,), (2,)]
    assert [made.values["key"] for made in found.repairs] == [key]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": NaN}\n{"a": 2, "b": 0.5}\n',
        '\ufeff{"a": 1, "b": null}\r\n{"a": 2, "b": 0.5}\r\n',
        '{"a": 1, "b": null},\n{"a": 2, "b": 0.5},\n',
        '[\n{"a": 1, "b": null},\n{"a": 2, "b": 0.5}\n]\n',
        '[{"a": 1, "b": NaN}, {"a": 2, "b": 0.5}]',
    ],
)
def test_lines_and_numbers_that_are_none(text):
    assert cells(text).frame.rows() == [(1, None), (2, 0.5)]


def test_numbers_without_end():
    found = cells('{"a": Infinity}\n{"a": -Infinity}\n')
    assert found.frame["a"].to_list() == [float("inf"), float("-inf")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5", "json-not-a-table"),
        ('{"a": 1}\n{"a": \n', "json-invalid"),
        ('{"columns": ["a"], "data": [[1, 2]]}', "json-rows-ragged"),
        ("{", "json-invalid"),
    ],
)
def test_what_is_no_table(text, code):
    with pytest.raises(DataError) as refused:
        cells(text)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["[]", "{}", "[[]]", '{"a": []}', '{"a": {}}', "[{}]", '"x"'])
def test_nothing_at_all_is_nothing_or_refused(text):
    try:
        assert cells(text).frame.drop_nulls().height == 0 or text == '{"a": {}}'
    except MulleError as refused:
        assert refused.what


@pytest.mark.parametrize(
    "text",
    ['[{"a": 1, "a": 2}]', '{"a": 1, "b": 2}\n{"a": 3, "b": 4, "a": 5}\n',
     '[{"a": NaN, "a": 2}]', '[{"a": 1, "\\u0061": 2, "b": ":"}]', '[{"a": "\\u003a", "a": 2}]'],
)  # fmt: skip
def test_a_key_twice_would_lose_a_value(text):
    with pytest.raises(DataError) as caught:
        read_json(text, "x.json", ReadOptions())
    assert caught.value.code == "json-key-twice"
    assert caught.value.values["name"] == "a"


def test_colons_in_texts_are_no_keys():
    found = read_json('[{"a:b": "c:d", "e": "\\u003a"}]', "", ReadOptions())
    assert found.frame.rows() == [("c:d", ":")]
