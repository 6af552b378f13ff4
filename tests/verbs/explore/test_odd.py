"""No table, however odd, is left without a report."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulle import explore
from mulle.errors import DataError
from mulle.verbs.explore import Report

NAMES = st.text(min_size=0, max_size=6) | st.sampled_from(
    ["*", "^a$", "🧶", "이름", "x\ny", '"', "count", "value"]
)
CELLS = st.one_of(
    st.lists(st.none() | st.floats()),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.none() | st.booleans()),
    st.lists(st.none() | st.text(max_size=8)),
    st.lists(st.sampled_from([None, "1", "2,000원", "n/a", "3.5%", "2024-01-01", "없음"])),
    st.lists(st.none() | st.datetimes()),
    st.lists(st.none() | st.dates()),
    st.lists(st.none() | st.lists(st.integers(0, 5), max_size=3)),
    st.lists(st.none() | st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.text(max_size=2)})),
    st.lists(st.none() | st.binary(max_size=4)),
)


@st.composite
def tables(draw):
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    rows = draw(st.integers(0, 12))
    columns = []
    for name in names:
        values = draw(CELLS)
        values = (values * (rows + 1))[:rows] if values else [None] * rows
        columns.append(pl.Series(values, strict=False).alias(name))
    return pl.DataFrame(columns)


def sound(report):
    """The report is whole: it reads back, no check failed, no stage was lost."""
    assert Report.from_json(report.to_json()).to_json() == report.to_json()
    assert [c for c in report.checks if c.outcome == "failed"] == []
    assert [n for n in report.header.not_computed if n.reason == "failed"] == []
    assert [c.what for c in report.summaries if getattr(c, "code", "") == "failed"] == []
    return report


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_any_table(frame):
    report = sound(explore(frame))
    assert report.header.columns == frame.width


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), tables(), st.data())
def test_any_table_with_a_target_beside_another(frame, other, data):
    summaries = explore(frame).summaries
    names = [c.name for c in summaries]
    target = data.draw(st.sampled_from(names)) if names else None
    failed = {c.name for c in summaries if hasattr(c, "fix")}
    try:
        sound(explore(frame, None if target in failed else target, against=other))
    except DataError as error:
        assert error.code == "target-date"  # dates are refused as targets


ODD = {
    "empty": pl.DataFrame({"a": [], "b": []}),
    "nothing": pl.DataFrame(),
    "one row": pl.DataFrame({"a": [1], "b": ["x"]}),
    "all null": pl.DataFrame({"a": [None] * 40, "b": [None] * 40}),
    "extreme": pl.DataFrame({"a": [1.7e308, -1.7e308, 5e-324, 0.0] * 20, "b": [1e300, 1] * 40}),
    "nested": pl.DataFrame({"a": [[1], [2, 3]] * 30, "b": [{"k": 1}, {"k": None}] * 30}),
    "types": pl.DataFrame({
        "time": [dt.time(1), dt.time(2)] * 30, "span": [dt.timedelta(1), dt.timedelta(2)] * 30,
        "category": pl.Series(["a", "b"] * 30, dtype=pl.Categorical),
        "order": pl.Series(["lo", "hi"] * 30, dtype=pl.Enum(["lo", "hi"])),
        "money": pl.Series([1, 2] * 30, dtype=pl.Decimal(9, 2)),
        "byte": pl.Series([1, 2] * 30, dtype=pl.UInt8),
        "zone": pl.Series([dt.datetime(2020, 1, 1), dt.datetime(9999, 1, 1)] * 30,
                          dtype=pl.Datetime("ms", "Asia/Seoul")),
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_tables(name):
    frame = ODD[name]
    report = sound(explore(frame, frame.columns[0] if frame.height > 1 else None, against=frame))
    assert report.header.rows == frame.height


@pytest.mark.long
def test_very_many_columns():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(rng.normal(size=(20, 5000)), schema=[f"c{i}" for i in range(5000)])
    report = sound(explore(frame))
    assert len(report.summaries) == 5000 and len(report.relations.columns) == 100
    assert report.header.not_computed[0].values["count"] == 4900
