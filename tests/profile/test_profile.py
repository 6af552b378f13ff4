"""Profiles of tables: right, mergeable, and the same again from bytes."""

from __future__ import annotations

import datetime as dt
import io
import math
import os
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.ipc
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import BundleError, DataError
from mulle.profile import Profile
from mulle.table import Column, Kind, Schema, Storage, Table

SCHEMA = Schema(
    (
        Column("x", Kind.continuous, Storage.number),
        Column("s", Kind.nominal, Storage.string),
        Column("d", Kind.datetime, Storage.date),
    )
)


def table(x, s=None, d=None):
    frame = {"x": x, "s": s or [None] * len(x), "d": d or [None] * len(x)}
    types = {"x": pl.Float64, "s": pl.String, "d": pl.Datetime("us")}
    return Table(pl.DataFrame(frame, schema=types), SCHEMA)


def random_table(n, seed=0):
    rng = np.random.default_rng(seed)
    x = np.where(rng.uniform(size=n) < 0.1, np.nan, rng.lognormal(size=n)).tolist()
    s = [None if k == 0 else "가나 다" * k for k in rng.integers(0, 5, n).tolist()]
    first = dt.datetime(2020, 1, 1)
    d = [first + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 10**6, n)]
    return table(x, s, d)


rows = st.lists(
    st.tuples(
        st.none() | st.sampled_from([0.0, 1.5, -2.0, math.nan, math.inf, 1e9]),
        st.none() | st.sampled_from(["", " ", "a b", "물레", "c\tc  c"]),
        st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
    ),
    max_size=40,
)


def of(some):
    return table(*(list(part) for part in zip(*some, strict=True))) if some else table([])


@settings(max_examples=60, deadline=None)
@given(rows, rows)
def test_merging_is_seeing_all_the_rows(a, b):
    whole = Profile.of(of(a + b))
    merged = Profile.of(of(a), like=whole).merge(Profile.of(of(b), like=whole))
    for name, expected in whole.columns.items():
        found = merged.columns[name]
        assert (found.count, found.missing) == (expected.count, expected.missing)
        assert found.tally == expected.tally
        if name == "s":
            assert found.empty == expected.empty
            assert found.words.mean == pytest.approx(expected.words.mean, nan_ok=True)
            continue
        assert found.histogram == expected.histogram or not expected.moments.n
        assert found.quantiles == expected.quantiles
        assert found.moments.mean == pytest.approx(expected.moments.mean, nan_ok=True)
        assert found.moments.std == pytest.approx(expected.moments.std, nan_ok=True)


def test_numbers_are_described_as_scipy_does():
    t = random_table(3000)
    x = t.frame["x"].fill_nan(None).drop_nulls().to_numpy()
    found = Profile.of(t).columns["x"]
    assert found.count == 3000 and found.missing == 3000 - len(x)
    assert found.distinct == len(set(x)) and found.tally.exact
    assert found.skew == pytest.approx(scipy.stats.skew(x))
    assert found.kurtosis == pytest.approx(scipy.stats.kurtosis(x))
    assert found.missing_share == pytest.approx(1 - len(x) / 3000)
    share = (x <= found.quantiles.quantile([0.9])[0]).mean()
    assert share == pytest.approx(0.9, abs=found.quantiles.rank_error)


def test_zeros_infinities_and_nan_are_told_apart():
    found = Profile.of(table([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan, None])).columns["x"]
    assert (found.zeros, found.infinite, found.missing, found.moments.n) == (2, 2, 2, 3)
    assert found.tally.top == 2 and found.distinct == 4
    assert (found.moments.min, found.moments.max) == (0.0, 1.0)


def test_strings_are_measured_in_characters_and_words():
    s = ["물레 돈다", "물레 돈다", " a\tb  c ", "", "  ", None]
    found = Profile.of(table([0.0] * 6, s)).columns["s"]
    assert (found.count, found.missing, found.empty, found.distinct) == (6, 1, 2, 4)
    assert found.words.mean == pytest.approx((2 + 2 + 3 + 0 + 0) / 5)
    assert found.characters.mean == pytest.approx((5 + 5 + 8 + 0 + 2) / 5)
    assert found.tally.values[0] == "물레 돈다" and found.tally.top == 2


def test_dates_have_a_first_and_a_last():
    days = [dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.datetime(1969, 12, 31), None]
    found = Profile.of(table([0.0] * 3, None, days)).columns["d"]
    assert found.first == np.datetime64("1969-12-31") and found.missing == 1
    assert found.last == np.datetime64("2024-02-29T01:02:03.000004")
    assert np.isnat(Profile.of(table([1.0])).columns["d"].last)


def test_it_comes_back_from_bytes_whole():
    for t in (random_table(5000), table([None, None]), table([])):
        profile = Profile.of(t)
        again = Profile.from_arrow_bytes(profile.to_arrow_bytes())
        assert again.to_arrow_bytes() == profile.to_arrow_bytes()
        assert list(again.columns) == ["x", "s", "d"] and again.rows == t.height
    assert Profile.from_arrow_bytes(Profile({}).to_arrow_bytes()).rows == 0
    full = Profile.of(random_table(5000))
    assert Profile.from_arrow_bytes(full.to_arrow_bytes()).columns == full.columns


def test_the_same_rows_give_the_same_bytes():
    one, two = (Profile.of(random_table(5000)).to_arrow_bytes() for _ in range(2))
    assert one == two


def test_other_tools_read_the_bytes():
    data = Profile.of(random_table(100)).to_arrow_bytes()
    read = pyarrow.ipc.open_file(io.BytesIO(data)).read_all()
    assert read.column("name").to_pylist() == ["x", "s", "d"]
    assert read.column("kind").to_pylist() == ["continuous", "nominal", "datetime"]


def test_profiles_of_different_columns_do_not_merge():
    t = random_table(10)
    with pytest.raises(DataError, match=r"Columns that differ \(2\): d, s\."):
        Profile.of(t).merge(Profile.of(t.select(["x"])))


def test_damaged_bytes_are_refused_never_a_crash():
    good = Profile.of(random_table(50)).to_arrow_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        bad = bytearray(good)
        for at in rng.integers(0, len(bad), 5):
            bad[at] = rng.integers(0, 256)
        try:
            Profile.from_arrow_bytes(bytes(bad))
        except BundleError as error:
            refused += error.code == "profile-damaged"
    assert refused > 100
    for bad in (b"", b"ARROW1", good[: len(good) // 2]):
        with pytest.raises(BundleError, match="The profile cannot be read"):
            Profile.from_arrow_bytes(bad)


def test_a_later_version_is_refused_by_name():
    frame = pl.read_ipc(io.BytesIO(Profile.of(random_table(9)).to_arrow_bytes()))
    file = io.BytesIO()
    frame.with_columns(version=pl.lit(7)).write_ipc(file)
    with pytest.raises(BundleError, match="has version 7, and this mulle reads versions up to 1"):
        Profile.from_arrow_bytes(file.getvalue())


@pytest.mark.data
@pytest.mark.skipif("MULLE_DATA" not in os.environ, reason="MULLE_DATA is not set")
@pytest.mark.parametrize("file", ["tables/titanic.csv", "tables/ames.csv", "text/nsmc_train.csv"])
def test_real_tables_merge_and_return(file):
    import mulle

    t = mulle.read(Path(os.environ["MULLE_DATA"]) / file)
    whole = Profile.of(t)
    half = np.arange(t.height) < t.height // 2
    merged = Profile.of(t.take(half), whole).merge(Profile.of(t.take(~half), whole))
    again = Profile.from_arrow_bytes(merged.to_arrow_bytes())
    for name, expected in whole.columns.items():
        assert again.columns[name].missing == expected.missing
        assert (
            again.columns[name].distinct == expected.distinct or not again.columns[name].tally.exact
        )
