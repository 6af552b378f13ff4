"""Copies of rows and patterns of missing values, against Polars on the whole table."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.verbs.explore.duplicate_rows import Rows

CELLS = st.sampled_from([None, "a", "b"])
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=40)
)


def rows_of(frame, ids=()):
    rows = Rows(frame.height)
    for name in frame.columns:
        rows.add(name, frame[name], identifier=name in ids)
    return rows


@settings(deadline=None)
@given(TABLES)
def test_as_polars(cells):
    frame = pl.DataFrame(cells, schema=[f"c{i}" for i in range(len(cells[0]))], orient="row")
    frame = frame.cast(pl.String)
    rows = rows_of(frame)
    found = rows.duplicates()
    assert found.rows == frame.height - frame.unique().height
    counted = frame.group_by(pl.all()).len()
    assert found.groups == (counted["len"] > 1).sum()
    missing = rows.missing(frame.columns)
    patterns = frame.select(pl.all().is_null()).group_by(pl.all()).len()
    expected = {
        tuple(n for n in frame.columns if row[n]): row["len"] for row in patterns.to_dicts()
    }
    assert missing.complete_rows == expected.pop((), 0)
    assert {tuple(p.columns): p.rows for p in missing.patterns} == expected
    assert sum(missing.by_count) == frame.height


def test_identifiers_are_left_out():
    frame = pl.DataFrame({"id": [1, 2, 3], "x": ["a", "a", "b"]})
    found = rows_of(frame, ids={"id"}).duplicates()
    assert (found.rows, found.without_ids, found.ids) == (0, 1, ["id"])


def test_where_they_stand():
    frame = pl.DataFrame({"x": ["a", "b", "a", "c"], "y": [1, 2, 1, 1]})
    assert rows_of(frame).duplicates().shown == [1, 3]


def test_values_that_change_columns_are_no_copy():
    frame = pl.DataFrame({"x": ["a", "b"], "y": ["b", "a"]})
    assert rows_of(frame).duplicates().rows == 0


def test_equal_columns_have_equal_fingerprints():
    frame = pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "c": [3, 2, 1]})
    prints = rows_of(frame).fingerprints
    assert prints["a"] == prints["b"] != prints["c"]


@pytest.mark.parametrize("there", [[1, 5, 1], [9]])
def test_rows_of_both(there):
    here = rows_of(pl.DataFrame({"x": [1, 2, 5]}))
    assert here.shared(rows_of(pl.DataFrame({"x": there}))) == sum(v in (1, 2, 5) for v in there)
