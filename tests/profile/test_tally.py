"""The tally against an exact counter, below and above its cap."""

from __future__ import annotations

from collections import Counter
from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mulle.profile import Tally

batches = st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=30), min_size=1, max_size=6)


def tally(values, cap):
    return Tally.of(*np.unique(np.array(values, str), return_counts=True), cap=cap)


@given(batches, st.integers(1, 12))
def test_no_count_is_off_by_more_than_the_slack(lists, cap):
    found = reduce(lambda a, b: a.merge(b, cap=cap), [tally(values, cap) for values in lists])
    true = Counter(v for values in lists for v in values)
    listed = dict(zip(found.values, found.counts, strict=True))
    assert len(listed) <= cap
    for value in "abcdefghij":
        assert listed.get(value, 0) <= true[value] <= listed.get(value, 0) + found.slack
    assert found.distinct <= len(true)
    assert not found.exact or found.distinct == len(true)
    if cap >= 10:
        assert listed == dict(true) and found.slack == 0 and found.exact


def test_the_most_frequent_come_first_and_ties_in_order():
    found = tally(list("bbaacccd"), 10)
    assert (found.values, found.counts, found.top) == (["c", "a", "b", "d"], [3, 2, 2, 1], 3)
    assert tally(list("ba"), 10).merge(tally(list("ba"), 10)).values == ["a", "b"]


def test_above_the_cap_single_values_are_not_kept():
    found = tally([*"aab", *"cdefg"], 3)
    assert found == Tally(["a"], [2], distinct=7, exact=True, slack=1)
    assert tally([*"aabbbccd"], 2) == Tally(["b", "a"], [3, 2], distinct=4, exact=True, slack=2)


def test_merging_beyond_the_cap_says_at_least():
    found = tally(list("abc"), 2).merge(tally(list("xyz"), 2), cap=2)
    assert not found.exact and found.distinct == 3
    assert tally(list("abc"), 2).merge(tally([], 2), cap=2).exact
