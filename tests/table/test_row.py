"""One row, read fast, is what the whole frame is read as, in any notation."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import PredictionError
from mulle.table import Column, Kind, Schema, Storage
from mulle.table.types import DATES, NUMBERS, TEXT
from mulle.table.types.notation import Form, Notation

FORMS: dict[Storage, tuple[Form, ...]] = {
    Storage.number: ("", "truth", "clock", "limit"),
    Storage.date: ("", "digits", "epoch", "serial"),
    Storage.string: ("", "number"),
}
KINDS = {
    Storage.number: Kind.continuous,
    Storage.date: Kind.datetime,
    Storage.string: Kind.nominal,
}
REPAIRS = {Storage.number: NUMBERS, Storage.date: DATES, Storage.string: ()}
WRITTEN = [
    *("", "NA", "none", "-", "-999", "999", "0", "1", "-3", "1.5", "0.512", "0,512", "1,234"),
    *("1.234", "1.234,5", "1,234.5", "1 234", "1e3", "+5", "007", "12.0", "50%", "0.5 kg", "<0.5"),
    *("< 0,5", ">100", "≤2", "(1,234)", "3만원", "true", "yes", "09:30", "오전 9:30", "9:30:15"),
    *("2024-03-01", "2024-03-01T10:00:00", "2024-03-01 10:00:00", "2024-02-30", "1900-01-01"),
    *("03/04/2024", "13/04/2024", "20240301", "2024년 3월 1일", "2024-03-01T10:00:00+09:00"),
    *("9999-12-31", "서울", " 서울", "e\u0301", "\u00a0", "x", "None", "없음", "1_000", "٣", "inf"),
]
OFFSETS = [timezone(timedelta(hours=9)), timezone(timedelta(hours=-5, minutes=-30))]
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9998, 1, 1))
MACHINES = st.builds(
    lambda moment, form, zone: moment.strftime(form) + zone,
    MOMENTS,
    st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S.%f"]),
    st.sampled_from(["", "Z", "+09:00", "-05:30", "+13:59", "+14:30", "+0900"]),
)
DAYS = st.builds(
    lambda first, mark, second, year: f"{first}{mark}{second}{mark}{year}",
    st.integers(0, 32),
    st.sampled_from("/.-"),
    st.integers(0, 32),
    st.integers(900, 2100),
)
OTHERS = [
    *(pd.NA, pd.NaT, np.nan, np.datetime64("NaT"), Decimal("NaN"), float("inf"), -0.0),
    *(np.float32(1.5), np.int64(7), np.bool_(True), np.str_("서울"), Decimal("0.10"), Decimal(3)),
    *(np.datetime64("2024-03-01"), np.datetime64("1960-01-01T10:00:00.123456789")),
    *(pd.Timestamp("2024-03-01 10:00:00.5"), pd.Timestamp("2024-03-01", tz="Asia/Seoul")),
    *(1e15, 1e16, 2**53, 2**53 + 1, 10**20, [1], {"a": 1}, timedelta(seconds=3), b"x"),
]
CODES = ["-999", "999", "0", "1", "1900-01-01", "x", "서울"]  # words that may mean missing
VALUES = st.one_of(
    st.sampled_from(WRITTEN),
    st.sampled_from([-999, 999, 0, 1, 999.0, "-999", "999", "1900-01-01"]),
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.integers(-3, 2000),
    st.floats(),
    st.text(max_size=4),
    st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(timezones=st.sampled_from(OFFSETS)),
    st.decimals(-1000, 1000, places=3),
    st.floats(-1e12, 1e12),
    st.integers(-(10**9), 10**9).map(str),
    st.integers(1890_00_00, 2110_00_00),
    st.sampled_from(OTHERS),
    MACHINES,
    DAYS,
)


@st.composite
def columns(draw: st.DrawFn) -> Column:
    """A column of any storage, in any notation that could stand in a manifest."""
    storage = draw(st.sampled_from([*Storage]))
    decimal = draw(st.sampled_from([".", ","]))
    repairs = draw(st.sampled_from([(), TEXT, (*TEXT, *REPAIRS[storage])]))
    notation = Notation(
        repairs=repairs,
        form=draw(st.sampled_from(FORMS[storage])),
        decimal=decimal,
        thousands=draw(st.sampled_from([m for m in (",", ".", " ", "") if m != decimal])),
        unit=draw(st.sampled_from(["", "kg"])),
        scale=draw(st.sampled_from([1.0, 1.0, 1000.0])),
        percent=draw(st.sampled_from(["points", "fraction"])),
        dates=draw(st.sampled_from([None, "ymd", "dmy", "mdy"])),
        missing=tuple(draw(st.lists(st.sampled_from(CODES), max_size=3))),
        not_missing=tuple(draw(st.lists(st.sampled_from(["NA", "none", "-"]), max_size=2))),
    )
    return Column("x", KINDS[storage], storage, notation=notation)


def by_frame(schema: Schema, row: dict[str, object]) -> dict[str, object]:
    """What the row is as a frame of one row, in the values that a row has."""
    frame = schema.validate_rows([row]).frame
    dates = [c.name for c in schema.columns if c.storage is Storage.date]
    return frame.with_columns(pl.col(n).to_physical() for n in dates).row(0, named=True)


@settings(max_examples=300, deadline=None)
@given(columns(), VALUES)
def test_a_row_is_read_as_a_frame_is_in_every_notation(column, value):
    schema, row = Schema((column,)), {"x": value}
    try:
        expected = by_frame(schema, row)
    except PredictionError as error:
        with pytest.raises(PredictionError) as caught:
            schema.row(row)
        assert (caught.value.code, caught.value.values) == (error.code, error.values)
        return
    assert_same(schema.row(row), expected)


def assert_same(found: dict[str, object], expected: dict[str, object]) -> None:
    """Assert that two rows are equal in value, type and sign of zero."""
    assert found == expected
    assert [type(v) for v in found.values()] == [type(v) for v in expected.values()]
    assert [repr(v) for v in found.values()] == [repr(v) for v in expected.values()]


def by_rows(schema: Schema, values: list[object]) -> list[object]:
    """What values are one by one; an error is its code and values."""
    read = []
    for value in values:
        try:
            read.append(schema.row({"x": value})["x"])
        except PredictionError as error:
            return [error.code, error.values["received"]]
    return read


@settings(max_examples=60, deadline=None)
@given(columns(), st.lists(VALUES, max_size=6))
def test_rows_together_are_read_as_one_by_one(column, values):
    schema = Schema((column,))
    try:
        read = schema.cells([{"x": value} for value in values])
        found = [] if read is None else read["x"]
    except PredictionError as error:
        found = [error.code, error.values["received"]]
    assert repr(found) == repr(by_rows(schema, values))


USUAL = {
    Storage.number: [
        Notation((*TEXT, *NUMBERS)),
        Notation((*TEXT, *NUMBERS), missing=("-999",)),
        Notation((*TEXT, *NUMBERS, "header-unit"), scale=1000.0),
        Notation((*TEXT, *NUMBERS), form="truth"),
        Notation((*TEXT, *NUMBERS), form="limit"),
    ],
    Storage.date: [Notation((*TEXT, *DATES)), Notation((*TEXT, *DATES), dates="dmy")],
    Storage.string: [
        Notation(TEXT),
        Notation(TEXT, missing=("9",)),
        Notation((*TEXT, "case")),
        Notation(TEXT, form="number"),
    ],
}
JSON = {
    Storage.number: '[null, NaN, Infinity, 0, -0.0, 1, 2.5, 1e300, -999, 123456789, "12", " 1.5"]',
    Storage.date: '[null, NaN, "2024-03-01", "2024-03-01T10:00:00Z", "2024-03-01 10:00:00", "",'
    ' "2024-03-01T10:00:00.123456+00:00", "2024-03-01T10:00:00+09:00", " 2024-03-01", "NaT"]',
    Storage.string: '[null, NaN, true, false, 0, 9, 10, 3.0, "3", "", " 7 ", "NA"]',
}


@pytest.mark.parametrize(
    "column",
    [Column("x", KINDS[s], s, notation=n) for s, notations in USUAL.items() for n in notations],
    ids=lambda c: f"{c.storage} {c.notation.form or c.notation.repairs[-1]}",
)
def test_what_json_gives_of_a_columns_own_type_never_needs_a_frame(column, monkeypatch):
    schema = Schema((column,))
    values = json.loads(JSON[column.storage])
    if column.storage is Storage.date:
        values.remove("2024-03-01T10:00:00.123456+00:00")  # a fraction with an offset: by `store`
    if column.storage is Storage.number and column.notation.scale == 1.0:
        values += [True, False]
    if column.storage is Storage.number and column.notation.scale != 1.0:
        values = [value for value in values if type(value) is not str and value != 1e300]
    if column.storage is Storage.string and column.notation.form != "number":
        values += ["서울", "a b", " x", "None"] if "case" not in column.notation.repairs else ["Ab"]
    expected = [by_frame(schema, {"x": value}) for value in values]
    monkeypatch.setattr("mulle.table.row.store", None)  # nothing may go through it
    for value, wanted in zip(values, expected, strict=True):
        assert_same(schema.row({"x": value}), wanted)


MISSING = [None, math.nan, np.nan, pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN")]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
@pytest.mark.parametrize("storage", [*Storage])
def test_what_stands_for_missing_is_missing_in_every_column(storage, missing):
    schema = Schema((Column("x", KINDS[storage], storage, notation=USUAL[storage][0]),))
    value = {Storage.number: 1.5, Storage.date: "2024-03-01", Storage.string: "a"}[storage]
    assert schema.row({"x": missing}) == {"x": None}
    for values in ([missing], [value, missing], [missing, value, missing]):
        expected = [v is missing for v in values]
        assert [v is None for v in schema.cells([{"x": v} for v in values])["x"]] == expected
        of_objects = pd.DataFrame({"x": pd.Series(values, dtype=object)})
        for rows in ({"x": values}, pd.DataFrame({"x": values}), of_objects):
            assert schema.validate_rows(rows).frame["x"].is_null().to_list() == expected


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """A small pandas frame of columns of many types."""
    rows = draw(st.integers(1, 4))
    sorts = {
        "f": (st.floats(allow_subnormal=False), "float64"),
        "g": (st.floats(width=32), "float32"),
        "i": (st.integers(-(2**60), 2**60), "int64"),
        "j": (st.one_of(st.integers(0, 9), st.just(pd.NA)), "Int64"),
        "b": (st.booleans(), "bool"),
        "c": (st.one_of(st.booleans(), st.just(pd.NA)), "boolean"),
        "s": (st.one_of(st.sampled_from(WRITTEN), st.none()), "str"),
        "o": (st.one_of(st.sampled_from(WRITTEN), st.none(), st.just(math.nan)), "object"),
        "m": (st.one_of(MOMENTS, st.just(pd.NaT)), "datetime64[us]"),
        "k": (st.sampled_from(["a", "b"]), "category"),
    }
    return pd.DataFrame(
        {
            name: pd.Series(draw(st.lists(values, min_size=rows, max_size=rows)), dtype=dtype)
            for name, (values, dtype) in sorts.items()
        }
    )


@settings(max_examples=25, deadline=None)
@given(frames(), st.sampled_from([*Storage]))
def test_a_small_frame_is_read_as_a_large_one(frame, storage):
    for name in frame.columns:
        schema = Schema((Column(name, KINDS[storage], storage, notation=USUAL[storage][0]),))
        for given_frame in (frame[[name]], pl.from_pandas(frame[[name]])):
            try:
                read = schema.validate_rows(given_frame).frame[name].to_physical().to_list()
            except PredictionError as error:
                read = error.values["row"]
            try:
                found = schema.cells(given_frame)
            except PredictionError as error:
                found = {name: error.values["row"]}
            assert found is None or repr(found[name]) == repr(read)


def number(**notation: object) -> Column:
    """A column of numbers in a notation."""
    return Column(
        "x", Kind.continuous, Storage.number, notation=Notation((*TEXT, *NUMBERS), **notation)
    )


PLAIN = [
    (number(), "0.512", 0.512),
    (number(missing=("999",)), 999, None),
    (number(missing=("999",)), 999.0, None),
    (number(missing=("999",)), "999", None),
    (number(missing=("-9.5",)), -9.5, None),
    (number(scale=1000.0), 5, 5000.0),
    (number(scale=1000.0), 0.5, 500.0),
    (number(form="clock"), 9.5, 9.5),
    (number(decimal=",", thousands="."), 1.5, 1.5),
    (number(form="limit"), "0.5", 0.5),
]


@pytest.mark.parametrize(("column", "value", "expected"), PLAIN)
def test_what_looks_plain_is_still_read_by_the_notation(column, value, expected):
    schema = Schema((column,))
    assert schema.row({"x": value}) == by_frame(schema, {"x": value}) == {"x": expected}


LIMITS = Notation((*TEXT, *NUMBERS), form="limit")
SIDE = Column(
    "lead (limit)",
    Kind.discrete,
    Storage.number,
    notation=msgspec.structs.replace(LIMITS, form="limit-side"),
    source="lead",
)
LEAD = Column("lead", Kind.continuous, Storage.number, notation=LIMITS)
SITE = Column("site", Kind.nominal, Storage.string, notation=Notation(TEXT))


@pytest.mark.parametrize(
    "schema",
    [Schema((LEAD, SITE, SIDE)), Schema((SIDE, LEAD, SITE)), Schema((SITE, SIDE))],
    ids=["behind its source", "before its source", "without its source"],
)
def test_a_derived_column_is_computed_and_not_asked_for(schema):
    assert {c.name for c in schema.asked} == {"lead", "site"}
    assert [c.notation.form for c in schema.asked if c.name == "lead"] == ["limit"]
    rows = [{"lead": v, "site": "a"} for v in (0.5, 2, "7", None, "NA")]
    sides = [0.0, 0.0, 0.0, None, None]
    for row, side in zip(rows, sides, strict=True):
        found = schema.row(row)
        assert found["lead (limit)"] == side and list(found) == schema.names
        assert found == by_frame(schema, row)
    frame = schema.validate_rows(pl.DataFrame({"lead": [0.5, None], "site": ["a", "b"]})).frame
    assert frame["lead (limit)"].to_list() == [0.0, None]
    text = schema.validate_rows("site,lead,more\na,0.5,1\nb,,2\n").frame
    assert text["lead (limit)"].to_list() == [0.0, None]
    assert schema.validate_rows("site,lead\n").frame.columns == schema.names


def test_a_derived_column_that_was_computed_is_taken_as_it_is():
    schema = Schema((LEAD, SITE, SIDE))
    row = {"lead": 0.5, "site": "a", "lead (limit)": -1}
    assert schema.row(row)["lead (limit)"] == -1.0
    assert by_frame(schema, row)["lead (limit)"] == -1.0
    alone = Schema((SIDE,))
    assert alone.row({"lead (limit)": 1.0}) == by_frame(alone, {"lead (limit)": 1.0})


def test_what_a_derived_column_cannot_be_made_from_is_named_by_its_source():
    for schema in (Schema((LEAD, SITE, SIDE)), Schema((SITE, SIDE))):
        for call in (schema.row, schema.validate_rows):
            with pytest.raises(PredictionError) as caught:
                call({"site": "a", "lead": "much"})
            assert caught.value.values["column"] == "lead"
            with pytest.raises(PredictionError) as caught:
                call({"site": "a"})
            assert caught.value.values["columns"] == ["lead"]


def test_rows_of_many_strange_names_cost_no_more_than_their_cells():
    schema = Schema((Column("x", Kind.continuous, Storage.number, notation=Notation(TEXT)),))
    rows = [{"x": 1} | {f"{i}-{j}": None for j in range(500)} for i in range(400)]
    begin = time.process_time()
    assert schema.cells(rows) == {"x": [1.0] * 400}
    del rows[0]["x"]  # of 200,000 names none is near
    assert schema.cells(rows)["x"][:2] == [None, 1.0]
    assert time.process_time() - begin < 2.0  # a table of all names would have 80,000,000 cells


def test_names_are_matched_in_rows_as_in_frames():
    schema = Schema((Column("é", Kind.continuous, Storage.number, notation=Notation(TEXT)),))
    for name in ("é", "e\u0301", " é "):
        assert schema.row({name: 2}) == {"é": 2.0}
        assert schema.cells([{name: 2}, {}]) == {"é": [2.0, None]}
        assert schema.cells(pl.DataFrame({name: [2]})) == {"é": [2.0]}
    with pytest.raises(PredictionError) as caught:
        schema.cells([{"e": 2}, {"f": 3}])
    assert caught.value.values["columns"] == ["é"]
