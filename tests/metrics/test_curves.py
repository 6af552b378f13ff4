"""Curves against scikit-learn's, before and after thinning."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk
from sklearn.calibration import calibration_curve

from mulle.metrics import calibration, confusion, decided, gain, precision_recall, roc


def binary(n, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    p = np.round(1 / (1 + np.exp(-rng.normal(y - 0.5, 1))), 2 if n < 1000 else 9)
    return y, np.column_stack([1 - p, p])


def test_roc_is_that_of_sklearn():
    y, p = binary(150)
    found = roc(y, p)
    x, t, threshold = sk.roc_curve(y, p[:, 1], drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive_rate, x)
    np.testing.assert_allclose(found.true_positive_rate, t)
    np.testing.assert_allclose(found.threshold, threshold)
    assert found.auc == pytest.approx(sk.roc_auc_score(y, p[:, 1]))


def test_precision_recall_is_that_of_sklearn():
    y, p = binary(150)
    found = precision_recall(y, p)
    precision, recall, threshold = sk.precision_recall_curve(y, p[:, 1])
    np.testing.assert_allclose(found.precision, precision[:-1][::-1])
    np.testing.assert_allclose(found.recall, recall[:-1][::-1])
    np.testing.assert_allclose(found.threshold, threshold[::-1])
    assert found.average_precision == pytest.approx(sk.average_precision_score(y, p[:, 1]))


@pytest.mark.parametrize(
    ("curve", "x", "y"),
    [
        (roc, "false_positive_rate", "true_positive_rate"),
        (gain, "share", "found"),
    ],
)
def test_thinning_keeps_ends_and_shape(curve, x, y):
    truth, p = binary(20_000)
    found = curve(truth, p)
    x, y = getattr(found, x), getattr(found, y)
    assert 100 < len(x) <= 200 and x[-1] == y[-1] == 1
    assert np.max(np.diff(x) + np.diff(y)) < 0.03
    if curve is roc:
        assert x[0] == y[0] == 0
        assert np.trapezoid(y, x) == pytest.approx(found.auc, abs=1e-3)


def test_another_class_can_be_drawn():
    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 3, 90), rng.dirichlet(np.ones(3), 90)
    assert roc(y, p, positive=2).auc == pytest.approx(sk.roc_auc_score(y == 2, p[:, 2]))


def test_one_class_draws_nan_without_a_crash():
    p = np.array([[0.2, 0.8], [0.6, 0.4]])
    found = roc(np.zeros(2, int), p)
    assert np.isnan(found.auc) and np.isnan(found.true_positive_rate).all()
    assert np.isnan(precision_recall(np.zeros(2, int), p).recall).all()


def test_gain_and_lift_by_hand():
    p1 = np.array([0.9, 0.8, 0.3, 0.1])
    found = gain(np.array([1, 0, 1, 0]), np.column_stack([1 - p1, p1]))
    np.testing.assert_allclose(found.share, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.found, [0.5, 0.5, 1, 1])
    np.testing.assert_allclose(found.lift, [2, 1, 4 / 3, 1])


def test_calibration_is_that_of_sklearn():
    y, p = binary(5000)
    found = calibration(y, p)
    observed, predicted = calibration_curve(y, p[:, 1], n_bins=10)
    np.testing.assert_allclose(found.observed, observed)
    np.testing.assert_allclose(found.predicted, predicted)
    assert found.count.sum() == 5000
    assert found.error == pytest.approx(np.abs(observed - predicted) @ found.count / 5000)


def test_probabilities_drawn_from_are_calibrated_and_sharpened_ones_are_not():
    rng = np.random.default_rng(0)
    p1 = rng.uniform(0, 1, 20_000)
    y = (rng.uniform(0, 1, 20_000) < p1).astype(int)
    sharp = p1**3 / (p1**3 + (1 - p1) ** 3)
    good, bad = (calibration(y, np.column_stack([1 - q, q])).error for q in (p1, sharp))
    assert good < 0.02 < 0.1 < bad


def test_confusion_is_that_of_sklearn():
    rng = np.random.default_rng(3)
    y, p, w = rng.integers(0, 3, 90), rng.dirichlet(np.ones(5), 90), rng.uniform(0, 2, 90)
    expected = sk.confusion_matrix(y, p.argmax(1), labels=range(5), sample_weight=w)
    np.testing.assert_allclose(confusion(y, decided(p), w), expected)


def test_with_more_classes_the_predicted_one_is_held_to_its_word():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 20_000)
    y = (p.cumsum(1) > rng.uniform(size=(20_000, 1))).argmax(1)  # drawn from p
    found = calibration(y, p)
    assert found.error < 0.02 and found.count.sum() == 20_000
    assert found.predicted.min() > 0.25  # the largest of four
