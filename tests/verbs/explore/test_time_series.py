"""Numbers over time, whatever the order of the rows."""

import numpy as np
import polars as pl
import pytest

from mulle import explore

N = 1200


@pytest.fixture
def report():
    rng = np.random.default_rng(0)
    day = np.arange(N)
    frame = pl.DataFrame({
        "when": np.datetime64("2020-01-01", "us") + day * np.timedelta64(1, "D"),
        "year": np.datetime64("2020-01-01", "us") + day // 400 * np.timedelta64(400, "D"),
        "rising": day + rng.normal(size=N),
        "flat": rng.normal(size=N),
        "word": ["a", "b"] * (N // 2),
    }).sample(fraction=1, shuffle=True, seed=1)  # fmt: skip
    return explore(frame, "flat")


def test_the_target_comes_first_then_what_goes_with_time(report):
    assert [(s.date, s.column) for s in report.series] == [("when", "flat"), ("when", "rising")]


def test_means_of_stretches(report):
    rising = report.series[1]
    assert len(rising.at) == 120 and rising.at == sorted(rising.at)
    assert sum(rising.rows) == N
    assert rising.mean == pytest.approx(np.arange(120) * 10 + 4.5, abs=1.5)
    assert rising.smooth[:6] == [None] * 6
    assert rising.smooth[6] == pytest.approx(np.mean(rising.mean[:7]))
    assert rising.faded[0] == pytest.approx(rising.mean[0])


def test_without_dates_there_is_none():
    assert explore({"x": [1.5, 2.5] * 40}).series == []
