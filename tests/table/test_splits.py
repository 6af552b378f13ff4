"""Splits hold what they promise; scikit-learn's splitters are the reference."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold, TimeSeriesSplit

from mulle.errors import DataError, UsageError
from mulle.table import duplicates_across, folds, keeps_strata, read, split


@given(st.integers(2, 200), st.floats(0.05, 0.95), st.integers(0, 5))
def test_a_split_holds_every_row_once(n, share, seed):
    train, test = split(n, test_size=share, random_state=seed)
    assert sorted([*train, *test]) == list(range(n))
    assert len(test) == min(max(round(n * share), 1), n - 1)
    again = split(n, test_size=share, random_state=seed)
    assert np.array_equal(test, again[1])


def test_strata_keep_their_shares():
    labels = np.array(["a"] * 80 + ["b"] * 20)
    _, test = split(100, test_size=0.25, stratify=labels)
    assert sorted(labels[test]).count("b") == 5
    for _, valid in folds(100, 5, stratify=labels):
        assert (labels[valid] == "b").sum() == 4


def test_stratified_folds_are_those_of_scikit_learn():
    labels = np.arange(60) % 3
    reference = StratifiedKFold(4, shuffle=True, random_state=7).split(np.zeros(60), labels)
    ours = folds(60, 4, stratify=labels, random_state=7)
    for (train, valid), (train_ref, valid_ref) in zip(ours, reference, strict=True):
        assert np.array_equal(train, train_ref)
        assert np.array_equal(valid, valid_ref)


def test_a_class_too_small_to_stratify_is_no_obstacle():
    labels = ["a"] * 9 + ["b"]
    assert len(split(10, stratify=labels)[1]) == 2
    assert len(folds(10, 5, stratify=labels)) == 5
    assert len(split(10, test_size=0.1, stratify=["a", "b", "c", "d", "e"] * 2)[1]) == 1


@given(st.lists(st.integers(0, 8), min_size=10, max_size=80), st.floats(0.1, 0.8))
def test_groups_are_never_torn(groups, share):
    if len(set(groups)) < 2:
        return
    groups = np.array(groups)
    pairs = [
        split(len(groups), groups=groups, test_size=share),
        *folds(len(groups), 3, groups=groups),
    ]
    for train, test in pairs:
        assert len(train) and len(test)
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(len(groups)))


@given(st.lists(st.integers(0, 30), min_size=5, max_size=60))
def test_along_time_nothing_is_learned_from_later(moments):
    if len(set(moments)) < 3:
        return
    moments = np.array(moments)
    for train, test in [split(len(moments), time=moments), *folds(len(moments), 3, time=moments)]:
        assert len(train) and len(test)
        assert moments[train].max() < moments[test].min()


def test_folds_along_time_are_those_of_scikit_learn():
    order = np.random.default_rng(0).permutation(50)
    reference = TimeSeriesSplit(4).split(np.zeros(50))
    for (train, valid), (train_ref, valid_ref) in zip(
        folds(50, 4, time=order), reference, strict=True
    ):
        assert sorted(order[train]) == train_ref.tolist()
        assert sorted(order[valid]) == valid_ref.tolist()


def test_moments_may_be_dates_and_missing():
    time = pl.Series(["2024-01-02", None, "2024-01-01", "2024-01-03"]).str.to_date()
    train, test = split(4, time=time, test_size=0.25)
    assert test.tolist() == [3]
    assert 1 in train


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        (lambda: split(10, test_size=1.5), UsageError, "test-size-wrong"),
        (lambda: split(1), DataError, "split-impossible"),
        (lambda: split(4, groups=[1, 1, 1, 1]), DataError, "split-impossible"),
        (lambda: split(4, groups=[1, 1, 2, 2], time=[1, 2, 3, 4]), UsageError, "split-ambiguous"),
        (lambda: folds(3, 5), DataError, "split-impossible"),
        (lambda: folds(3, 1), UsageError, "folds-too-few"),
        (lambda: folds(3, 2, time=[1, 1, 1]), DataError, "split-impossible"),
    ],
)
def test_impossible_splits_are_refused(call, error, code):
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code


def test_duplicates_across_the_split_are_counted_without_ids():
    rows = {"id": [1, 2, 3, 4, 5], "x": [1.5, 2, 2, None, 3], "y": ["a", "b", "b", None, "c"]}
    table = read(rows)
    assert duplicates_across(table.take(np.array([0, 1, 3])), table.take(np.array([2, 4]))) == 1
    assert duplicates_across(table.take(np.array([3])), table.take(np.array([3, 3, 0]))) == 2
    with pytest.raises(UsageError):
        duplicates_across(table, table.drop(["x"]))


@pytest.mark.parametrize(
    ("labels", "parts", "least", "kept"),
    [
        (["a", "b"] * 4, 2, 4, True),
        (["a", "b"] * 4, 2, 1, False),
        (["a"] * 7 + ["b"], 2, 4, False),
        (["a"] * 5 + ["b"] * 3, 3, 2, True),
        (["a"] * 5 + ["b"] * 3, 4, 2, False),
        (None, 2, 4, False),
    ],
)
def test_strata_are_kept_only_where_each_part_can_have_every_class(labels, parts, least, kept):
    assert keeps_strata(labels, parts, least) is kept


def test_groups_with_missing_labels_do_not_crash():
    groups = np.array(["a", None, "b", None, "a", "c"], dtype=object)
    train, test = split(6, groups=groups, test_size=0.34)
    assert sorted([*train, *test]) == list(range(6))
    assert not {*groups[train]} & {*groups[test]}
