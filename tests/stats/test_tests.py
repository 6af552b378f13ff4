"""Tests of two samples agree with SciPy, and keep their level."""

import numpy as np
import pytest
from scipy import special, stats

from mulle.stats import tails, tests


@pytest.mark.parametrize("shape", [(2000, 3000, 0.0), (2000, 3000, 0.08), (300, 200, 0.15)])
def test_ks(shape):
    n, m, moved = shape
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=n), rng.normal(size=m) + moved
    ours, reference = tests.ks(x, y), stats.ks_2samp(x, y)
    assert ours.statistic == pytest.approx(reference.statistic)
    assert ours.p == pytest.approx(reference.pvalue, rel=0.08)


def test_ks_with_ties():
    x, y = np.array([1.0, 1, 2, 2]), np.array([2.0, 2, 2, 3])
    assert tests.ks_distance(x, y) == stats.ks_2samp(x, y).statistic


def test_chi_squared():
    here, there = [200, 120, 80, 40], [180, 150, 60, 50]
    reference = stats.chi2_contingency([here, there], correction=False)
    ours = tests.chi_squared(here, there)
    assert ours == pytest.approx((reference.statistic, reference.pvalue))
    assert np.isnan(tests.chi_squared([5, 0], [9, 0]).p)


def test_chi_squared_takes_small_cells_as_one():
    ours = tests.chi_squared([500, 300, 1, 1, 1], [480, 310, 2, 0, 1])
    reference = stats.chi2_contingency([[500, 300, 3], [480, 310, 3]], correction=False)
    assert ours.p == pytest.approx(reference.pvalue)


def test_missing_rates():
    reference = stats.chi2_contingency([[10, 990], [40, 960]], correction=False)
    assert tests.missing_rates((10, 40), (1000, 1000)).p == pytest.approx(reference.pvalue)
    assert tests.missing_rates((0, 0), (5, 5)).p == 1.0
    assert np.isnan(tests.missing_rates((0, 0), (0, 5)).p)


def test_tails():
    for x in (0.05, 0.25, 0.5, 1, 2):
        assert tails.kolmogorov(x) == pytest.approx(special.kolmogorov(x), abs=1e-12)
    for k in (1, 2, 7, 500):
        for x in (0.0, 1e-6, 0.5, k, 1.5 * k, k + 100):
            assert tails.chi_squared(x, k) == pytest.approx(special.chdtrc(k, x), abs=1e-12)
    assert tails.normal(-2.5) == pytest.approx(2 * special.ndtr(-2.5))


def test_the_level_is_kept():
    """Of 400 pairs of like samples, about 5 % are below 0.05, whatever their sort."""
    rng = np.random.default_rng(3)
    low = 0
    for _ in range(200):
        low += tests.ks(rng.normal(size=400), rng.normal(size=300)).p < 0.05
        a, b = (np.bincount(rng.integers(0, 6, 400), minlength=6) for _ in range(2))
        low += tests.chi_squared(a, b).p < 0.05
    assert 5 <= low <= 38
