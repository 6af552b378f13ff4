"""The summary of a number agrees with NumPy and SciPy, and its parts add up."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mulle.verbs.explore.columns.bins import bins_of
from mulle.verbs.explore.columns.number import Ordered, box_of, number_summary, quantiles, spread_of

FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60)


def summary(values, **more):
    series = pl.Series(values, dtype=pl.Float64)
    common = {"name": "x", "kind": "continuous", "storage": "number"}
    return number_summary(common, series, Ordered.of(series), **more)


@pytest.fixture
def x():
    return np.sort(np.random.default_rng(0).lognormal(size=501))


def test_moments_and_quantiles(x):
    found = spread_of(x)
    assert (found.mean, found.std) == pytest.approx((x.mean(), x.std()))
    assert found.skew == pytest.approx(stats.skew(x))
    assert found.kurtosis == pytest.approx(stats.kurtosis(x))
    for q in found.quantiles:
        assert q.value == pytest.approx(np.quantile(x, q.q))


@settings(deadline=None)
@given(FLOATS)
def test_quantiles_of_anything(values):
    x = np.sort(np.array(values))
    found = [q.value for q in quantiles(x)]
    assert found == sorted(found)
    assert x[0] <= found[0] and found[-1] <= x[-1]


@settings(deadline=None)
@given(FLOATS)
def test_every_value_is_in_one_bin(values):
    x = np.sort(np.array(values))
    found = bins_of(x, whole=bool((x == np.floor(x)).all()))
    assert found.below + sum(found.counts) + found.above == len(x)
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges == sorted(found.edges) and np.isfinite(found.edges).all()
    inside = x[found.below : len(x) - found.above]
    assert found.counts == np.histogram(inside, found.edges)[0].tolist()


def test_few_extremes_do_not_flatten_the_picture():
    x = np.sort(np.append(np.random.default_rng(1).normal(size=2000), 1e6))
    found = bins_of(x)
    assert found.above == 1 and found.edges[-1] < 100
    assert max(found.counts) < 700


def test_whole_numbers_have_a_bin_each():
    assert bins_of(np.array([0.0, 1, 1, 3]), whole=True).counts == [1, 2, 0, 1]


@settings(deadline=None)
@given(FLOATS)
def test_the_box(values):
    x = np.sort(np.array(values))
    box = box_of(x)
    assert box.low_whisker <= box.first <= box.median <= box.third <= box.high_whisker
    assert box.median / 2 == pytest.approx(np.median(x / 2), rel=1e-9, abs=1e-300)  # no overflow
    inner = x[(x >= box.low_fence) & (x <= box.high_fence)]
    assert box.below + box.above == len(x) - len(inner)
    if len(inner):
        assert box.high_whisker in {inner[-1], box.third}
        assert box.low_whisker in {inner[0], box.first}
    assert len(box.shown) == min(20, box.below) or box.above


def test_a_fence_beyond_the_largest_number_is_that_number():
    box = box_of(np.array([0.0, 0.0, 7.1908e307, 7.1908e307]))
    assert type(box.high_fence) is float and box.high_fence == np.finfo(float).max


def test_counts():
    found = summary([0.0, -1.5, None, 0.0, 3.25, float("nan")])
    assert (found.zeros, found.negative, found.whole) == (2, 1, False)
    assert found.above_zero == 3.25
    assert next((t.value, t.count, t.share) for t in found.top) == (0.0, 2, 0.5)
    assert summary([float("inf"), 1.0]).infinite == 1
    assert summary([None]).box is None


@pytest.mark.parametrize(
    ("values", "rising", "falling"),
    [
        ([1, 2, 2, 3], True, False),
        ([3, 2, 2], False, True),
        ([1, 3, 2], False, False),
        ([1, 1, 1], False, False),
        ([-1.7e308, 0, 1.7e308], True, False),
    ],
)
def test_directions(values, rising, falling):
    found = summary(values)
    assert (found.rising, found.falling) == (rising, falling)


def test_edges_of_another_table():
    assert summary([1.0, 2.0, 9.0], edges=[0.0, 5.0]).histogram.counts == [2]
