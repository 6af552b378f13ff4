"""One row, read fast, is what the whole frame is read as, in any notation."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
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
    found = schema.row(row)
    assert found == expected
    assert [type(v) for v in found.values()] == [type(v) for v in expected.values()]


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
