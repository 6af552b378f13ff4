"""The sketch against NumPy's exact ranks."""

from __future__ import annotations

from functools import reduce

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.profile import Quantiles

SHARES = np.linspace(0, 1, 101)


def worst(sketch, x):
    """The largest error of a rank, tried at every percentile."""
    x = np.sort(x)
    at = np.quantile(x, SHARES)
    return np.abs(sketch.cdf(at) - np.searchsorted(x, at, side="right") / len(x)).max()


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200), st.integers(1, 4))
def test_up_to_its_capacity_it_is_exact_however_merged(values, parts):
    x = np.array(values)
    sketch = reduce(Quantiles.merge, [Quantiles.of(part) for part in np.array_split(x, parts)])
    shares = np.arange(65) / 64  # times n without rounding
    expected = np.quantile(x, shares, method="inverted_cdf")
    np.testing.assert_array_equal(sketch.quantile(shares), expected)
    assert sketch.rank_error == 0 and worst(sketch, x) == 0


@pytest.mark.parametrize(
    ("size", "parts"), [(100_000, 1), (100_000, 2), (50_000, 50), (20_000, 400), (3_000, 300)]
)
@pytest.mark.parametrize("shape", ["lognormal", "sorted", "few values"])
def test_ranks_stay_within_the_stated_error(size, parts, shape):
    x = np.random.default_rng(size + parts).lognormal(size=size)
    x = {"lognormal": x, "sorted": np.sort(x), "few values": np.round(x)}[shape]
    sketch = reduce(Quantiles.update, np.array_split(x, parts), Quantiles.of(np.empty(0)))
    assert sketch.count == size and len(sketch.values) < 1000
    assert 0 < worst(sketch, x) <= sketch.rank_error < 0.02


def test_a_tree_of_merges_is_as_good_as_a_chain():
    x = np.random.default_rng(0).normal(size=64_000)
    level = [Quantiles.of(part) for part in np.array_split(x, 64)]
    while len(level) > 1:
        level = [a.merge(b) for a, b in zip(level[::2], level[1::2], strict=True)]
    assert worst(level[0], x) <= level[0].rank_error < 0.015


def test_the_stated_error_is_not_broken_more_often_than_stated():
    rng = np.random.default_rng(1)
    broken = 0
    for _ in range(100):
        x = rng.normal(size=4000)
        sketch = Quantiles.of(x[:2000]).update(x[2000:])
        broken += abs(sketch.cdf([0.0])[0] - (x <= 0).mean()) > sketch.rank_error
    assert broken <= 3


@settings(max_examples=30)
@given(st.integers(0, 5000), st.integers(0, 5000))
def test_no_value_is_lost_or_counted_twice(a, b):
    rng = np.random.default_rng(a)
    assert Quantiles.of(rng.normal(size=a)).update(rng.normal(size=b)).count == a + b


def test_a_share_that_is_a_rank_but_for_rounding_is_that_rank():
    assert Quantiles.of(np.repeat([0.0, 1.0], [7, 3])).quantile([0.1 * 7, 0.7, 0.71]).tolist() == [
        0,
        0,
        1,
    ]


def test_the_same_values_give_the_same_sketch():
    x = np.random.default_rng(0).normal(size=10_000)
    assert Quantiles.of(x) == Quantiles.of(x)


def test_nothing_seen_is_nan():
    none = Quantiles.of(np.empty(0))
    assert np.isnan(none.quantile([0.5])).all() and np.isnan(none.cdf([0.0])).all()
    assert none.merge(none).count == 0 and none.rank_error == 0


@pytest.mark.parametrize("weights", [[1], [1, 3], [0, 1], [-2, 1]])
def test_what_is_no_sketch_is_not_read(weights):
    with pytest.raises(msgspec.ValidationError, match="values and weights do not fit together"):
        msgspec.convert({"values": [1.0, 2.0], "weights": weights}, Quantiles)
