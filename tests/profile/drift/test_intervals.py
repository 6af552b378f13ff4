"""Intervals hold what they promise, whatever the distribution."""

import numpy as np
import pytest
from scipy import stats

from mulle.profile.drift import intervals, measures

CHANCE, DRAWS = 0.05, 400
SHAPES = [np.full(60, 1 / 60), np.array([0.97, 0.03]), np.arange(1, 31) ** -1.5]


@pytest.mark.parametrize("shape", SHAPES, ids=["flat", "two", "long"])
@pytest.mark.parametrize("measure", ["ks", "total_variation"])
@pytest.mark.parametrize(("n", "m"), [(800, 40), (5000, 5000)])
def test_two_samples_of_one_distribution_are_seldom_further_apart(shape, measure, n, m):
    rng, p = np.random.default_rng(1), shape / shape.sum()
    make = intervals.ks_noise if measure == "ks" else intervals.variation_noise
    noise, s = make(p * n, CHANCE), intervals.spread(n, m)
    pairs = zip(rng.multinomial(n, p, DRAWS), rng.multinomial(m, p, DRAWS), strict=True)
    far = np.array([getattr(measures, measure)(a, b) for a, b in pairs])
    assert (far > noise.most * s).mean() <= CHANCE
    assert noise.typical * s <= 1.1 * far.mean()


def test_a_real_effect_lies_in_its_interval():
    rng, edges = np.random.default_rng(2), stats.norm.ppf(np.linspace(0.01, 0.99, 60))
    true = stats.norm.cdf(0.1) - stats.norm.cdf(-0.1)  # of a shift by 0.2
    for _ in range(100):
        a, b = (np.histogram(rng.normal(mean, 1, 3000), [-np.inf, *edges, np.inf])[0]
                for mean in (0, 0.2))  # fmt: skip
        low, high = intervals.ks_noise(a, CHANCE).interval(measures.ks(a, b), 3000, 3000)
        assert low <= true + 0.002 and high >= true - 0.002


def test_wilson_is_scipys():
    for k, n in ((0, 7), (3, 10), (50, 50), (400, 1000)):
        known = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert intervals._wilson(k, n, 0.05)[1:] == pytest.approx((known.low, known.high), abs=1e-9)


def test_newcombes_own_example():
    # Newcombe 1998, table II, (a): 56/70 against 48/80, method 10
    low, high = intervals.share_interval((48, 80), (56, 70), 0.05)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_rows_needed_are_enough_and_no_more():
    noise = intervals.Noise(0.4, 2.0)
    rows = noise.rows_needed(0.02, 10_000)
    assert intervals.spread(10_000, rows) <= 0.02 < intervals.spread(10_000, rows - 1)
    assert noise.rows_needed(0.02, 2_000) is None
