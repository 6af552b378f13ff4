"""Moments against scipy.stats, whole and merged."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from mulle.profile import Moments


def check(m, x, rel=1e-9):
    assert (m.n, m.min, m.max) == (len(x), x.min(), x.max())
    assert m.mean == pytest.approx(x.mean(), rel=rel)
    assert m.std == pytest.approx(x.std(), rel=rel)
    assert m.skew == pytest.approx(scipy.stats.skew(x), rel=rel, abs=rel)
    assert m.kurtosis == pytest.approx(scipy.stats.kurtosis(x), rel=rel, abs=rel)


@pytest.mark.parametrize("shape", ["normal", "lognormal", "exponential"])
@pytest.mark.parametrize("parts", [1, 2, 7])
def test_they_are_those_of_scipy(shape, parts):
    x = getattr(np.random.default_rng(0), shape)(size=5000)
    check(reduce(Moments.merge, [Moments.of(p) for p in np.array_split(x, parts)]), x)


@given(
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=50),
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=50),
)
def test_merging_is_as_good_as_seeing_all(a, b):
    x = np.array(a + b, float)
    assume(x.std() > 0)
    check(Moments.of(np.array(a, float)).merge(Moments.of(np.array(b, float))), x, 1e-7)


def test_values_may_be_given_with_how_often_they_occur():
    x, times = np.array([1.0, 4.0, 9.0]), np.array([5, 1, 2])
    check(Moments.of(x, times), np.repeat(x, times))


def test_nothing_is_neutral_and_nan():
    some, none = Moments.of(np.array([1.0, 2.0])), Moments.of(np.empty(0))
    assert none.merge(some) == some.merge(none) == some
    assert all(math.isnan(v) for v in (none.mean, none.std, none.skew, none.kurtosis))


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, 1e300])
def test_a_constant_has_no_shape(value):
    m = Moments.of(np.full(1000, value))
    assert m.mean == pytest.approx(value) and math.isnan(m.skew) and math.isnan(m.kurtosis)


def test_extreme_values_overflow_to_nan_without_a_warning():
    m = Moments.of(np.array([1e200, -1e200, 3.0])).merge(Moments.of(np.array([1e305, 1.0])))
    assert m.max == 1e305 and math.isnan(m.skew)


def test_a_far_mean_costs_no_precision():
    x = np.random.default_rng(0).exponential(size=10_000) + 1e6
    halves = Moments.of(x[:3000]).merge(Moments.of(x[3000:]))
    assert halves.skew == pytest.approx(scipy.stats.skew(x), rel=1e-6)
