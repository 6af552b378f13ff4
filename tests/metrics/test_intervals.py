"""The interval against SciPy's bootstrap, and against how often it holds the truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import bootstrap

from mulle.metrics import METRICS, bootstrap_score, decided, metric
from mulle.stats.resampling import draw_rows


def test_ends_are_those_of_scipy():
    rng = np.random.default_rng(0)
    y, v = rng.normal(0, 1, 300), rng.normal(0, 1, 300)
    found = bootstrap_score(metric("mae"), y, v, n_resamples=2000)
    expected = bootstrap(
        (np.abs(v - y),), np.mean, method="percentile", n_resamples=2000, rng=1
    ).confidence_interval
    assert found.low == pytest.approx(expected.low, abs=0.01)
    assert found.high == pytest.approx(expected.high, abs=0.01)


def test_it_covers_the_true_accuracy_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(100):
        y = np.arange(200) % 2
        label = np.where(rng.uniform(size=200) < 0.8, y, 1 - y)
        found = bootstrap_score(
            metric("accuracy"), y, decided(np.eye(2)[label]), level=0.9, random_state=seed
        )
        held += found.low <= 0.8 <= found.high
    assert 80 <= held <= 98


def test_classes_keep_their_sizes_so_that_rare_ones_never_vanish():
    y = np.array([0] * 200 + [1] * 2)
    p1 = np.linspace(0, 1, 202)
    found = bootstrap_score(metric("roc_auc"), y, np.column_stack([1 - p1, p1]))
    assert found.low == found.high == found.score == 1
    always_zero = np.tile([0.9, 0.1], (202, 1))
    found = bootstrap_score(metric("accuracy"), y, decided(always_zero))
    assert found.low == found.high == found.score == 200 / 202


def test_the_seed_decides_and_weights_count():
    rng = np.random.default_rng(0)
    y, v, w = rng.normal(size=(3, 50))
    first, again, other = (bootstrap_score(metric("rmse"), y, v, random_state=s) for s in (1, 1, 2))
    assert first == again != other
    assert bootstrap_score(metric("rmse"), y, v, np.abs(w)).score == metric("rmse").score(
        y, v, np.abs(w)
    )


def test_it_stops_and_says_how_far_it_came():
    y = np.arange(30.0)
    calls = itertools.count()
    some = bootstrap_score(metric("mae"), y, y[::-1], stop=lambda: next(calls) >= 50)
    assert some.n_resamples == 50 and some.low < some.score < some.high
    none = bootstrap_score(metric("mae"), y, y[::-1], stop=lambda: True)
    assert none.n_resamples == 0 and math.isnan(none.low) and none.score == some.score


@pytest.mark.parametrize("one", METRICS, ids=lambda m: m.name)
@pytest.mark.parametrize("classes", [2, 3])
def test_resamples_scored_at_once_have_the_scores_of_their_rows(one, classes):
    rng = np.random.default_rng(0)
    if one.needs == "value":
        y, given = rng.normal(5, 1, 60), rng.normal(5, 1, 60)
    elif classes == 3 and "multiclass" not in one.tasks:
        pytest.skip("of two classes only")
    else:
        y = np.arange(60) % classes
        raw = rng.integers(1, 6, (60, classes)) / 6  # few values: many rows are tied
        given = decided(raw / raw.sum(1, keepdims=True))
    found = bootstrap_score(one, y, given, n_resamples=100, random_state=3)
    strata = None if one.needs == "value" else y
    each = [
        one.score(y[rows], given[rows] if strata is None else given.take(rows))
        for rows in draw_rows(60, 100, strata=strata, random_state=3)
    ]
    assert [found.low, found.high] == pytest.approx(np.quantile(each, [0.025, 0.975]).tolist())


def test_where_a_prediction_is_no_number_there_is_no_score():
    y = np.arange(40) % 2
    p = np.column_stack([np.linspace(0.9, 0.1, 40), np.linspace(0.1, 0.9, 40)])
    p[7] = np.nan
    found = bootstrap_score(metric("roc_auc"), y, p)
    assert math.isnan(found.score) and found.n_resamples == 200


def test_many_resamples_of_many_rows_are_scored_in_parts(monkeypatch):
    rng = np.random.default_rng(0)
    y, v = rng.normal(size=(2, 500))
    whole = bootstrap_score(metric("mae"), y, v)
    monkeypatch.setattr("mulle.metrics.intervals.AT_ONCE", 1_500)
    parts = bootstrap_score(metric("mae"), y, v)
    assert (parts.low, parts.high) == pytest.approx((whole.low, whole.high))
    assert parts.n_resamples == 200
