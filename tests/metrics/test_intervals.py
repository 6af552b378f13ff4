"""The interval against SciPy's bootstrap, and against how often it holds the truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import bootstrap

from mulle.metrics import bootstrap_score, decided, metric


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
