"""Intervals hold what they promise, whatever the distribution."""

import numpy as np
import pytest
from scipy import stats

from mulle.profile.drift import Limits, intervals, measures

CHANCE, DRAWS = 0.01, 20_000
SHAPES = [np.full(60, 1 / 60), np.array([0.97, 0.03]), np.arange(1, 31) ** -1.5]


@pytest.mark.parametrize("shape", SHAPES, ids=["flat", "two", "long"])
@pytest.mark.parametrize("measure", ["ks", "total_variation"])
@pytest.mark.parametrize(("n", "m"), [(800, 40), (5000, 5000)])
def test_two_samples_of_one_distribution_are_seldom_further_apart(shape, measure, n, m):
    rng, p = np.random.default_rng(1), shape / shape.sum()
    make = intervals.ks_noise if measure == "ks" else intervals.variation_noise
    noise, s = make(p * n, CHANCE), intervals.spread(n, m)
    apart = rng.multinomial(n, p, DRAWS) / n - rng.multinomial(m, p, DRAWS) / m
    far = (
        np.abs(np.cumsum(apart, 1)).max(1) if measure == "ks" else np.abs(apart).sum(1) / 2
    )  # as measures.ks and measures.total_variation
    assert (far > noise.most * s).mean() <= 2 * CHANCE  # a rare category of 1 row expected
    assert (far > noise.most * s + Limits().threshold).mean() <= CHANCE
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
    z = intervals.exceeded(0.05 / 2)
    for k, n in ((0, 7), (3, 10), (50, 50), (400, 1000)):
        known = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert intervals._wilson(k, n, z)[1:] == pytest.approx((known.low, known.high), abs=1e-9)


def test_newcombes_own_example():
    # Newcombe 1998, table II, (a): 56/70 against 48/80, method 10
    low, high = intervals.share_interval((48, 80), (56, 70), 0.05)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_rows_needed_are_enough_and_no_more():
    noise = intervals.Noise(0.4, 2.0)
    rows = noise.rows_needed(0.03, 10_000)

    def hides(m):
        return noise.interval(0.4 * intervals.spread(10_000, m), 10_000, m)[1]

    assert hides(rows) <= 0.03 < hides(rows - 1)
    assert noise.rows_needed(0.01, 2_000) is None


@pytest.mark.parametrize("p", [[0.5, 0.5], [0.97, 0.03], [0.3, 0.25, 0.25, 0.2], [0.125] * 8])
def test_the_largest_move_of_several_shares_has_bounds(p):
    rng, n, m = np.random.default_rng(3), 4000, 500
    a, b = rng.multinomial(n, p, 3000), rng.multinomial(m, p, 3000)
    low, high = np.array(
        [intervals.move_bounds(x, n, y, m, 0.01) for x, y in zip(a, b, strict=True)]
    ).T
    assert (low > 0).mean() <= 0.015  # one percent, and what 3,000 draws may add to it
    assert (low <= high).all()
    other = np.roll(p, 1) * 0.2 + np.array(p) * 0.8
    true = np.abs(other - p).max()
    c = rng.multinomial(m, other, 3000)
    low, high = np.array(
        [intervals.move_bounds(x, n, y, m, 0.01) for x, y in zip(a, c, strict=True)]
    ).T
    assert (low > true).mean() <= 0.015 and (high < true).mean() <= intervals.HIDING + 0.01
