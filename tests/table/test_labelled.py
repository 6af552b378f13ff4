"""Rows whose answers are known: what is left out, respelled or laid out otherwise is named."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.errors import DataError, PredictionError
from mulle.table import Layout, NewRows, find_target, read, read_labelled
from mulle.table.read.rows import note_differences, rows_of

TRAIN = read(
    {
        "x": [f"{i}.5" for i in range(30)],
        "city": ["a"] * 29 + ["b"],
        "sold": ["yes" if i % 3 else "no" for i in range(30)],
    }
)
SCHEMA = TRAIN.schema.select(["x", "city"])
TARGET = find_target(TRAIN, "sold")[0]


def told(reading):
    """The codes of what a reading tells, with their counts and rows."""
    left = {out.code: (out.count, out.rows) for out in reading.left_out}
    return left | {doubt.code: doubt.values for doubt in reading.doubts}


def labelled(text, tmp_path, layout=None, **options):
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode(options.pop("written", "utf-8")))
    return read_labelled(path, SCHEMA, TARGET, layout=layout or Layout("csv", "utf-8", ","))


def test_rows_without_a_label_and_unknown_columns_are_named(tmp_path):
    found = labelled("x,id,city,sold\n1,7,a,yes\n2,8,b,\n3,9,c,NO\n4,9,d,NA\n", tmp_path)
    assert found.rows.tolist() == [0, 2]
    assert found.table.frame["x"].to_list() == [1.0, 3.0]
    said = told(found.table.reading)
    assert said["rows-unlabelled"] == (2, (2, 4))
    assert said["columns-unknown"] == (1, ())
    assert said["label-respelled"] == {"labels": ["NO → no"]}
    assert found.table.reading.layout.delimiter == ","


def test_a_blank_row_is_no_row_without_a_label_and_keeps_the_count_of_rows(tmp_path):
    found = labelled("x,city,sold\n1,a,yes\n,,\n3,c,no\n", tmp_path)
    assert found.rows.tolist() == [0, 2]
    assert "rows-unlabelled" not in told(found.table.reading)
    with pytest.raises(DataError) as caught:
        labelled("x,city,sold\n1,a,yes\n,,\n3,c,maybe\n", tmp_path)
    assert caught.value.values["row"] == 3
    with pytest.raises(PredictionError) as refused:
        labelled("x,city,sold\n1,a,yes\n,,\nlong,c,no\n", tmp_path)
    assert (refused.value.values["row"], refused.value.values["column"]) == (3, "x")


def test_what_cannot_be_read_in_a_row_without_a_label_is_no_fault(tmp_path):
    found = labelled("x,city,sold\nlong,a,\n2,b,yes\n", tmp_path)
    assert found.table.frame["x"].to_list() == [2.0]


def test_a_layout_that_differs_is_named(tmp_path):
    before = Layout("csv", "cp949", ";", header=2)
    said = told(labelled("x,city,sold\n1,가,yes\n", tmp_path, before).table.reading)
    assert said["layout-encoding"] == {"before": "cp949", "after": "utf-8"}
    assert said["layout-delimiter"] == {"before": ";", "after": ","}
    assert said["layout-header"] == {"before": 2, "after": 1}
    other = note_differences(NewRows(pl.DataFrame()).reading, [], [], before)
    assert other.doubts == ()  # rows in memory have no layout


def test_a_table_that_was_read_is_not_read_again():
    names = ["매출(천원)", "sold"]
    train = read({names[0]: [str(i + 1) for i in range(30)], "sold": ["0", "1"] * 15})
    assert train.frame[names[0]].to_list()[:2] == [1000.0, 2000.0]
    schema, target = train.schema.select(names[:1]), find_target(train, "sold")[0]
    assert read_labelled(train, schema, target).table.frame.equals(train.frame.select(names[:1]))
    assert schema.validate(train).frame[names[0]].to_list()[:2] == [1000.0, 2000.0]
    assert schema.validate_rows({names[0]: [1, 2]}).frame[names[0]].to_list() == [1000.0, 2000.0]
    revenue = find_target(train, names[0])
    assert revenue[1].tolist()[:2] == [1000.0, 2000.0]


@pytest.mark.parametrize("text", ["1.5,a\n", "1.5,a\n2.5,b\n"])
def test_rows_without_a_header_are_read_under_the_names_of_the_model(text, tmp_path):
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    for given in (text, tmp_path / "rows.csv", text.encode()):
        found = rows_of(given, SCHEMA.asked)
        assert found.frame.columns == ["x", "city"]
        assert len(found) == text.count("\n")
        assert "header-none" in told(found.reading)
    frame = SCHEMA.validate_rows(text).frame
    assert frame.row(0) == (1.5, "a")


@pytest.mark.parametrize("text", ["height,town\n1.5,a\n", "1.5,a,3\n2,b,3\n", "a,1.5\n"])
def test_rows_of_another_table_are_not_taken_for_rows_without_a_header(text):
    with pytest.raises(PredictionError) as caught:
        SCHEMA.validate_rows(text)
    assert caught.value.code in {"column-missing", "column-misnamed"}


def test_a_model_of_a_table_without_header_answers_one_row(tmp_path):
    text = "".join(f"{i}.5,{i % 7},{'ab'[i % 2]}\n" for i in range(40))
    (tmp_path / "old.data").write_text(text, encoding="utf-8")
    table = mulle.read(tmp_path / "old.data")
    assert table.height == 40
    schema = table.schema.select(table.names[:2])
    (tmp_path / "one.data").write_text("3.5,2\n", encoding="utf-8")
    assert schema.validate_rows(tmp_path / "one.data").frame.rows() == [(3.5, 2.0)]
    assert np.isclose(schema.validate_rows("3.5,2\n4.5,3\n").frame[:, 0].sum(), 8.0)
