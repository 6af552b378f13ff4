"""What enters a graph: each storage with its missing value, by table and by row alike."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mulle.graph import MISSING_DATE, MISSING_STRING, RowPacker, arrays
from mulle.table import Column, Kind, Schema, Storage, Table

COLUMNS = (
    Column("s", Kind.nominal, Storage.string),
    Column("n", Kind.continuous, Storage.number),
    Column("d", Kind.datetime, Storage.date),
    Column("m", Kind.discrete, Storage.number),
)
ROWS = st.fixed_dictionaries(
    {
        "s": st.none() | st.text(max_size=5),
        "n": st.none() | st.floats(allow_nan=False),
        "d": st.none() | st.datetimes(),
        "m": st.none() | st.integers(-9, 9).map(float),
    }
)


def table(rows: list[dict]) -> Table:
    types = {"s": pl.String, "n": pl.Float64, "d": pl.Datetime("us"), "m": pl.Float64}
    return Table(pl.DataFrame(rows, schema=types), Schema(COLUMNS))


@given(ROWS)
def test_a_row_is_packed_as_a_table_of_one(row):
    expected = arrays(table([row]))
    epoch = datetime(1970, 1, 1)
    if row["d"] is not None:
        delta = row["d"] - epoch
        row = row | {"d": (delta.days * 86_400 + delta.seconds) * 10**6 + delta.microseconds}
    packed = RowPacker(COLUMNS)(row)
    assert set(packed) == set(expected)
    for name, values in expected.items():
        assert packed[name].dtype == values.dtype
        assert packed[name].shape == values.shape == (1, 1)
        np.testing.assert_array_equal(packed[name], values)


def test_missing():
    nothing = dict.fromkeys("sndm")
    packed = RowPacker(COLUMNS)(nothing)
    assert packed["s"].item() == MISSING_STRING != ""
    assert packed["d"].item() == MISSING_DATE
    assert np.isnan(packed["n"].item())
    assert np.isnan(packed["m"].item())


def test_no_rows():
    assert {name: a.shape for name, a in arrays(table([])).items()} == dict.fromkeys("sndm", (0, 1))
