"""Measures of counts are those of SciPy and of formulas written out."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from mulle.profile import CategoryCounts, NumberCounts
from mulle.profile.counting import add_values, count_column
from mulle.profile.drift import measures
from mulle.table import Column, Kind, Storage

RNG = np.random.default_rng(3)
X, Y = RNG.lognormal(0, 1, 4000), RNG.lognormal(0.2, 1.1, 3000)


def counts(edges, x):
    made = NumberCounts([float(e) for e in edges])
    made.add(np.asarray(x, float))
    return made


def counted(x, y):
    """Values of both sides, counted over the frame of the first."""
    first = count_column(Column("x", Kind.continuous, Storage.number), pl.Series(x))
    second = first.empty()
    add_values(second, pl.Series(y), ())
    return first, second


def test_ks_is_scipys_where_the_edges_are_the_values():
    x, y = RNG.poisson(3, 500).astype(float), RNG.poisson(4, 400).astype(float)
    edges = np.unique(np.concatenate([x, y]))
    found = measures.ks(counts(edges, x).counts, counts(edges, y).counts)
    assert found == pytest.approx(stats.ks_2samp(x, y).statistic, abs=1e-12)


def test_ks_over_the_frame_of_a_profile_is_nearly_that_of_the_values():
    first, second = counted(X, Y)
    found = measures.ks(first.counts, second.counts)
    true = stats.ks_2samp(X, Y).statistic
    assert true - 0.01 < found <= true + 1e-12


def test_wasserstein_is_nearly_scipys():
    x, y = RNG.normal(size=4000), RNG.normal(0.2, 1.3, 3000)
    first, second = counted(x, y)
    true = stats.wasserstein_distance(np.clip(x, x.min(), x.max()), np.clip(y, x.min(), x.max()))
    found = measures.wasserstein_std(first, second)
    assert found == pytest.approx(true / x.std(), rel=0.05)


def test_wasserstein_of_a_crossing_by_hand():
    a, b = counts([0, 1, 2], [0.5, 0.5, 1.5, 1.5]), counts([0, 1, 2], [0.5, 1.5, 1.5, 1.5])
    # F - G is 0 at 0, 1/4 at 1, 0 at 2: an area of 1/4
    assert measures.wasserstein_std(a, b) == pytest.approx(0.25 / 0.5)


def test_cramers_v_is_scipys():
    p, q = np.array([50, 30, 20]), np.array([20, 40, 60])
    true = stats.contingency.association(np.stack([p, q]), method="cramer")
    assert measures.cramers_v(p, q) == pytest.approx(true, abs=1e-12)


def test_total_variation_by_hand():
    assert measures.total_variation([1, 1, 2], [2, 1, 1]) == pytest.approx(0.25)


def test_coarse_bins_hold_a_twentieth_each():
    p, q = measures.coarse(np.ones(200), np.arange(200.0))
    assert (p == 10).all() and q.sum() == np.arange(200.0).sum()


def test_rare_categories_are_taken_as_one():
    here = CategoryCounts({"a": 900, "b": 97, "c": 3}, 1000)
    there = CategoryCounts({"a": 80, "b": 15}, 100, unseen=5)
    names, p, q = measures.aligned(here, there)
    assert names == ["a", "b"]
    assert p.tolist() == [900, 97, 3] and q.tolist() == [80, 15, 5]


def test_middles_lie_within_each_other_and_leave_as_many_rows_on_either_side():
    here = counts(np.quantile(X, np.linspace(0, 1, 101)), X)
    first, last = measures.middles(here)
    assert (np.diff(first) == 1).all() and (np.diff(last) <= 0).all() and (first < last).all()
    outside = measures.outside(here, here)
    assert (np.diff(outside) >= 0).all() and outside[0] == 0
    below = np.cumsum(here.counts)[first - 1]
    np.testing.assert_allclose(outside, 2 * below, atol=0.02 * len(X))
    discrete = counts([0, 1, 2], RNG.integers(0, 3, 300))
    assert measures.outside(discrete, discrete)[0] == 0


def test_wider_values_are_a_tail_and_closer_ones_are_less_of_it():
    z = np.log(X)
    here = counts(np.quantile(z, np.linspace(0, 1, 101)), z)
    for factor, sign in ((1.4, 1), (0.7, -1)):
        other = here.empty()
        other.add(z * factor)
        assert np.sign(measures.tail(here, other)[1]) == sign
        assert abs(measures.tail(here, other)[1]) > measures.ks(here.counts, other.counts)


def test_what_is_expected_unseen_is_what_comes():
    rng, weight = np.random.default_rng(0), np.arange(1, 3001) ** -1.1
    drawn = rng.choice(3000, 8000, p=weight / weight.sum()).astype(str)
    here, there = drawn[:4000], drawn[4000:]
    values, times = np.unique(here, return_counts=True)
    seen = CategoryCounts(dict(zip(values, times.tolist(), strict=True)), 4000,
                          single=int((times == 1).sum()))  # fmt: skip
    real = np.isin(there, values, invert=True).mean()
    assert measures.to_be_expected(seen)[0] == pytest.approx(real, abs=0.02)
