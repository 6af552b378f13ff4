"""Histograms against numpy.histogram."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mulle.profile import Histogram, Quantiles


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
def test_counts_are_those_of_numpy_and_none_is_lost(values):
    x = np.sort(values)
    found = Histogram.of(x)
    expected, _ = np.histogram(x, [-np.inf, *found.edges, np.inf])
    assert found.counts == expected.tolist() and sum(found.counts) == len(x)


def test_a_few_extremes_do_not_flatten_it():
    x = np.sort(np.append(np.random.default_rng(0).normal(size=5000), [1e9, -1e9]))
    found = Histogram.of(x)
    assert len(found.edges) == 29 and -3 < found.edges[0] < found.edges[-1] < 3
    assert max(found.counts) < 500


def test_mostly_one_value_and_only_one_value():
    mostly = np.sort(np.append(np.zeros(999), 5.0))
    assert Histogram.of(mostly).edges[-1] == 5
    assert Histogram.of(np.full(3, 7.0)) == Histogram([7.0], [0, 3])


def test_the_same_edges_merge_exactly_and_others_by_the_sketch():
    rng = np.random.default_rng(0)
    a, b = np.sort(rng.normal(0, 1, 5000)), np.sort(rng.normal(1, 2, 5000))
    first, sketch = Histogram.of(a), Quantiles.of(b)
    both = Histogram.of(np.sort(np.append(a, b)), first.edges)
    assert first.merge(Histogram.of(b, first.edges), sketch) == both
    near = first.merge(Histogram.of(b), sketch)
    assert near.edges == first.edges and sum(near.counts) == 10_000
    off = np.abs(np.cumsum(near.counts) - np.cumsum(both.counts)).max() / 5000
    assert 0 < off <= sketch.rank_error


def test_nothing_takes_the_edges_of_the_other():
    some, none = Histogram.of(np.array([1.0, 2.0])), Histogram.of(np.empty(0))
    assert none.merge(some, Quantiles.of(np.array([1.0, 2.0]))) == some
    assert some.merge(none, Quantiles.of(np.empty(0))) == some
