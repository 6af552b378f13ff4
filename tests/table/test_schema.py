"""New rows take the shape of the schema: by frame, by text, and one by one, all the same."""

import json
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import MissingFile, PredictionError, UnknownName
from mulle.table import Schema, Storage, read

TABLE = read(
    {
        "age": [31, None, 27, 45.5],
        "city": ["서울", "부산", None, "Jeju"],
        "joined": ["2024-03-01", "2024-03-02", None, "2024-03-04"],
        "adult": ["true", "false", "true", "true"],
        "grade": [1, 2, 3, 1],
        "price": ["1,200원", "3만원", "n/a", "700"],
    },
    kinds={"grade": "nominal"},
)
SCHEMA = TABLE.schema
ROW = {
    "age": 31,
    "city": "서울",
    "joined": "2024-03-01",
    "adult": True,
    "grade": 1,
    "price": "1,200원",
}
STORED = (31.0, "서울", datetime(2024, 3, 1), 1.0, "1", 1200.0)
JUNK = [
    *("", "NA", "n/a", "없음", " 1", "1.5", "-3", "1e3", "inf", "nan", "1,234", "３", "3만", "x"),
    *("true", "no", "2024-03-01", "2024-03-01T10:00:00", "2024-02-30", "2024년 3월 1일", "e\u0301"),
    *("2024-03-01T10:00:00+09:00", "1_000", "٣", "+5", "00012", "12.0", "1" * 20, "03/04/2024"),
    *("20240301", "0", "1", "False", "12%", "None", "\u00a0", "-0", "1e400", "1" * 16),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(JUNK),
    st.text(max_size=6),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)


@pytest.mark.parametrize(
    "rows",
    [
        ROW,
        [ROW],
        {name: [value] for name, value in ROW.items()},
        json.dumps(ROW),
        json.dumps([ROW]),
        json.dumps(ROW).encode(),
        json.dumps({"columns": list(ROW), "data": [list(ROW.values())]}),
        'extra,age,city,joined,adult,grade,price\n9,31,서울,2024-03-01,True,1,"1,200원"\n',
        pl.DataFrame([ROW]),
        pl.DataFrame([ROW]).lazy(),
        pd.DataFrame([ROW]),
        pl.DataFrame([{**ROW, "age": "31", "grade": 1.0, "joined": date(2024, 3, 1), "x": [1]}]),
        {**ROW, "joined": datetime(2024, 3, 1, tzinfo=UTC), "price": 1200, "grade": "1.0"},
        {f" {name} ": value for name, value in ROW.items()},
    ],
)
def test_rows_of_every_form_are_the_same(rows):
    assert SCHEMA.validate_rows(rows).frame.rows() == [STORED]


def test_reading_and_conforming_agree():
    again = SCHEMA.validate(pl.DataFrame({n: TABLE.frame[n] for n in reversed(TABLE.names)}))
    assert again.frame.equals(TABLE.frame)
    assert again.names == TABLE.names


@given(st.lists(st.sampled_from(JUNK), min_size=1, max_size=30), st.booleans())
def test_a_value_means_the_same_later_as_when_read(values, repair):
    table = read({"x": values}, repair=repair)
    for value, stored in zip(values, table.frame["x"], strict=True):
        assert table.schema.validate_rows({"x": [value]}).frame["x"].to_list() == [stored]


@given(st.sampled_from(SCHEMA.names), SCALARS)
def test_one_row_is_what_conform_gives(name, value):
    row = {**ROW, name: value}
    try:
        frame = SCHEMA.validate_rows([row]).frame
    except PredictionError as error:
        with pytest.raises(PredictionError) as caught:
            SCHEMA.row(row)
        assert caught.value.code == error.code
        return
    expected = frame.with_columns(pl.col("joined").dt.epoch("us")).row(0, named=True)
    assert SCHEMA.row(row) == expected
    assert [type(v) for v in SCHEMA.row(row).values()] == [type(v) for v in expected.values()]


@pytest.mark.parametrize("empty", [[], "", " \n", "[]", b"", pl.DataFrame(), ",".join(ROW)])
def test_nothing_gives_an_empty_table(empty):
    empty = f"{empty}\n" if isinstance(empty, str) else empty
    table = SCHEMA.validate_rows(empty)
    assert (table.height, table.names) == (0, TABLE.names)
    assert table.frame.schema == TABLE.frame.schema


def test_missing_columns_are_listed_with_near_misses():
    rows = {**ROW, "Price": 3, "ctiy": "서울"}
    del rows["price"], rows["city"]
    for call in (SCHEMA.validate_rows, SCHEMA.row):
        with pytest.raises(PredictionError) as caught:
            call(rows)
        assert caught.value.code == "column-misnamed"
        assert caught.value.what == "The rows lack these columns: 'city', 'price'."
        assert caught.value.fix.startswith("Rename ctiy → city, Price → price;")


def test_a_column_that_the_model_reads_is_never_taken_for_another():
    rows = {name: value for name, value in ROW.items() if name != "grade"}  # `age` is near to it
    for call in (SCHEMA.validate_rows, SCHEMA.row):
        with pytest.raises(PredictionError) as caught:
            call(rows)
        assert caught.value.code == "column-missing"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("age", "old", "a number"),
        ("joined", "soon", "a date"),
        ("age", date(2024, 1, 1), "a number"),
    ],
)
def test_values_that_cannot_be_read_are_named(name, value, wanted):
    with pytest.raises(PredictionError) as caught:
        SCHEMA.validate_rows([ROW, {**ROW, name: value}])
    assert caught.value.code == "value-unreadable"
    assert caught.value.what.startswith(f"Row 2: the column {name!r} needs {wanted}")
    assert str(value) in caught.value.what or repr(value) in caught.value.what


def test_rows_that_are_no_rows_are_refused():
    for rows in (3, [1], "{", '{"a":', b"\xff\xfe\xff"):
        with pytest.raises(PredictionError):
            SCHEMA.validate_rows(rows)
    with pytest.raises(MissingFile):
        SCHEMA.validate_rows("nowhere.csv")


def test_a_word_among_numbers_stays_missing_later_and_no_other():
    table = read({"x": [*map(str, range(99)), "broken"]})
    assert table.schema.validate_rows({"x": "broken"}).frame["x"].to_list() == [None]
    assert table.schema.row({"x": "broken"}) == {"x": None}
    with pytest.raises(PredictionError, match="torn"):
        table.schema.validate_rows({"x": "torn"})
    with pytest.raises(PredictionError, match="torn"):
        table.schema.row({"x": "torn"})


def test_a_schema_travels_as_data():
    assert msgspec.json.decode(msgspec.json.encode(SCHEMA), type=Schema) == SCHEMA


def test_tables_are_cut_by_column_and_row():
    assert TABLE.drop(["age", "city"]).names == ["joined", "adult", "grade", "price"]
    assert TABLE.take(np.array([2, 0])).frame["age"].to_list() == [27.0, 31.0]
    assert TABLE.take(np.array([True, False, False, False])).height == 1
    with pytest.raises(UnknownName):
        SCHEMA.select(["agee"])


def test_a_column_that_is_wanted_itself_is_not_offered_for_another():
    schema = read({"mean_area": [1.5, 2.0], "worst_area": [2.5, 3.0]}).schema
    for call in (schema.validate_rows, schema.row):
        with pytest.raises(PredictionError) as caught:
            call({"mean_area": 1.0})
        assert caught.value.code == "column-missing"


def test_a_refused_number_names_the_decimal_comma_of_its_column():
    schema = read({"price": ["1,5", "20,25", "3,75"], "n": [1, 2, 3]}, decimal=",").schema
    for call in (schema.validate_rows, schema.row):
        with pytest.raises(PredictionError) as caught:
            call({"price": "20.5", "n": 1})
        assert "needs a number with a decimal comma" in caught.value.what


def test_a_table_prints_in_a_line_a_column_and_at_most_ten():
    wide = read(pl.DataFrame({f"c{n}": [1, 2, 3] for n in range(30)}))
    lines = repr(wide).splitlines()
    assert lines[0].startswith("Table of 3 rows and 30 columns")
    assert [line.split(":")[0].strip() for line in lines[1:11]] == wide.names[:10]
    assert lines[11:] == ["  and 20 more"]
    assert len(repr(wide.select(["c1"])).splitlines()) == 2


@pytest.mark.parametrize(
    ("known", "texts"),
    [
        (["2024-01-05", "2024-02-01 10:30", "2024-12-31"], ["2024-01-05", "", None, "2024-02-01"]),
        (["05.01.2024", "31.12.2024"], ["05.01.2024", " 31.12.2024 ", "n/a", None]),
        (["1.200,5", "3,25", "7"], ["3,25", "1.200,5", "-", None, "8"]),
        (["2024-01-05", "2024-12-31"], [None]),
    ],
)
def test_many_rows_that_repeat_are_read_as_each_alone(known, texts):
    schema = read(pl.DataFrame({"x": known * 30})).schema
    assert schema["x"].storage is not Storage.string
    many = schema.validate(pl.DataFrame({"x": texts * 1_000}, schema={"x": pl.String}))
    alone = [schema.validate(pl.DataFrame({"x": [t]}, schema={"x": pl.String})) for t in texts]
    assert many.frame["x"].to_list() == [t.frame["x"][0] for t in alone] * 1_000
    assert sum(r.count for r in many.repairs) == 1_000 * sum(
        r.count for t in alone for r in t.repairs
    )


def test_an_unreadable_date_among_many_is_named_by_its_row():
    schema = read(pl.DataFrame({"x": ["2024-01-05", "2024-12-31"] * 30})).schema
    cells = ["2024-01-05"] * 5_000
    cells[3_210] = cells[4_000] = "soon"
    with pytest.raises(PredictionError) as caught:
        schema.validate(pl.DataFrame({"x": cells}))
    assert (caught.value.values["row"], caught.value.values["column"]) == (3_211, "x")
    refused = {}
    frame = schema.validate(pl.DataFrame({"x": cells}), refused=refused).frame
    assert [*refused] == [3_210, 4_000] and frame["x"].null_count() == 2
