"""Scores beside those of the held-out rows, and estimates against scikit-learn's."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from mulle.bundle import BaselineScore
from mulle.metrics import decided, metric
from mulle.profile import Answers
from mulle.verbs.watch import estimated, performance
from mulle.verbs.watch.performance import calibrated, expected

RNG = np.random.default_rng(4)


def answers(rows, mean=0.0):
    p = 1 / (1 + np.exp(-RNG.normal(mean, 2, rows)))
    return np.stack([1 - p, p], axis=1), (RNG.random(rows) < p).astype(int)


def test_calibration_is_isotonic_regression():
    counts = RNG.integers(1, 40, 50).astype(float)
    true = RNG.binomial(counts.astype(int), np.linspace(0.1, 0.9, 50)).astype(float)
    model = IsotonicRegression().fit(np.arange(50), true / counts, sample_weight=counts)
    np.testing.assert_allclose(calibrated(counts, true), model.predict(np.arange(50)), atol=1e-12)


def test_the_expected_auc_is_that_of_weighted_rows():
    c, rows = np.sort(RNG.random(20)), RNG.integers(1, 30, 20).astype(float)
    y = np.repeat([1, 0], 20)
    score, weight = np.tile(np.arange(20), 2), np.concatenate([rows * c, rows * (1 - c)])
    true = roc_auc_score(y, score, sample_weight=weight)
    assert expected("roc_auc", c, rows, binary=True) == pytest.approx(true, abs=1e-12)


def test_estimates_follow_the_rows():
    (before, y), (easy, _), (hard, _) = answers(4000), answers(4000, 4.0), (answers(4000))
    reference = Answers.of(*decided(before), y=y)
    hard = 0.5 + (hard - 0.5) * 0.2
    for now, status in ((easy, "kept"), (hard, "worse"), (before, "kept")):
        seen = reference.empty()
        seen.add(*decided(now))
        found = {p.metric: p for p in estimated(reference, seen)}
        true = np.maximum(now[:, 0], now[:, 1]).mean()  # these probabilities are calibrated
        if status == "kept":
            assert found["accuracy"].score == pytest.approx(true, abs=0.03)
        assert found["accuracy"].status == status
        assert found["accuracy"].low < found["accuracy"].score < found["accuracy"].high


def test_no_estimate_where_nothing_is_known():
    (p, y) = answers(30)
    few = Answers.of(*decided(p), y=y)
    assert estimated(few, few) == [] and estimated(None, few) == []
    values = Answers.of(RNG.normal(size=300))
    assert estimated(values, values) == []


@pytest.mark.parametrize(("mean", "status"), [(0.0, "kept"), (None, "worse")])
def test_a_score_is_compared_with_its_interval(mean, status):
    p, y = answers(6000)
    before = performance(metric("roc_auc"), y, decided(p), None)
    assert before.status == "cannot_tell" and before.reason.code == "score-not-recorded"
    old = BaselineScore("roc_auc", before.score, before.low, before.high, 6000)
    p, y = answers(6000)
    y = y if mean is not None else np.where(RNG.random(6000) < 0.2, 1 - y, y)
    assert performance(metric("roc_auc"), y, decided(p), old).status == status


def test_few_labels_cannot_tell():
    p, y = answers(4000)
    first = performance(metric("roc_auc"), y, decided(p), None)
    old = BaselineScore("roc_auc", first.score, first.low, first.high, 4000)
    found = performance(metric("roc_auc"), y[:25], decided(p[:25]), old)
    assert found.status == "cannot_tell" and found.reason.code == "score-unsure"
    one = performance(metric("roc_auc"), np.ones(9, int), decided(p[:9]), old)
    assert one.status == "cannot_tell" and one.reason.code == "no-score"
