"""Every metric against scikit-learn, and what it says when the rows cannot say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import DataError, UnknownName, UsageError
from mulle.metrics import METRICS, all_scores, decided, default_metric, metric, metrics_for


def labels(p):
    """The rule in plain words: the second of two from one half on, else the most probable."""
    return (p[:, 1] >= 0.5).astype(int) if p.shape[1] == 2 else p.argmax(1)


def classes(seed, n, size, *, ties=True):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(size), rng.integers(0, size, n - size)])
    p = rng.dirichlet(np.ones(size), n)
    if ties:
        p = np.round(p, 1) + 0.01
        p /= p.sum(1, keepdims=True)
    return y, p, rng.uniform(0.1, 3, n)


def averaged(function, average):
    def reference(y, p, w, size):
        return function(
            y,
            labels(p),
            labels=list(range(size)),
            average=average,
            zero_division=0,
            sample_weight=w,
        )

    return reference


def mean_one_against_rest(function):
    def reference(y, p, w, size):
        if size == 2:
            return function(y, p[:, 1], sample_weight=w)
        each = [function(y == c, p[:, c], sample_weight=w) for c in range(size) if (y == c).any()]
        return np.mean(each)

    return reference


REFERENCES = {
    "roc_auc": mean_one_against_rest(sk.roc_auc_score),
    "average_precision": mean_one_against_rest(sk.average_precision_score),
    "log_loss": lambda y, p, w, c: sk.log_loss(y, p, labels=range(c), sample_weight=w),
    "brier": lambda y, p, w, c: sk.brier_score_loss(
        y, p[:, 1] if c == 2 else p, labels=list(range(c)), sample_weight=w
    ),
    "accuracy": lambda y, p, w, c: sk.accuracy_score(y, labels(p), sample_weight=w),
    "balanced_accuracy": lambda y, p, w, c: sk.balanced_accuracy_score(
        y, labels(p), sample_weight=w
    ),
    "mcc": lambda y, p, w, c: sk.matthews_corrcoef(y, labels(p), sample_weight=w),
    **{
        f"{name}_{average}": averaged(getattr(sk, f"{name}_score"), average)
        for name in ("precision", "recall", "f1")
        for average in ("macro", "micro", "weighted")
    },
    **{
        name: lambda y, p, w, c, function=function: function(
            y, labels(p), zero_division=0, sample_weight=w
        )
        for name, function in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        )
    },
    "rmse": lambda y, v, w, _: sk.root_mean_squared_error(y, v, sample_weight=w),
    "mse": lambda y, v, w, _: sk.mean_squared_error(y, v, sample_weight=w),
    "mae": lambda y, v, w, _: sk.mean_absolute_error(y, v, sample_weight=w),
    "median_absolute_error": lambda y, v, w, _: sk.median_absolute_error(y, v, sample_weight=w),
    "mape": lambda y, v, w, _: sk.mean_absolute_percentage_error(y, v, sample_weight=w),
    "r2": lambda y, v, w, _: sk.r2_score(y, v, sample_weight=w),
    "mean_signed_error": lambda y, v, w, _: np.average(v - y, weights=w),
    "pinball_10": lambda y, v, w, _: sk.mean_pinball_loss(y, v, alpha=0.1, sample_weight=w),
    "pinball_90": lambda y, v, w, _: sk.mean_pinball_loss(y, v, alpha=0.9, sample_weight=w),
}


def test_every_metric_has_a_reference():
    assert set(REFERENCES) == {m.name for m in METRICS}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [2, 3, 7])
def test_classification_scores_are_those_of_sklearn(size, weighted):
    y, p, w = classes(size, 200, size)
    w = w if weighted else None
    scores = all_scores("binary" if size == 2 else "multiclass", y, decided(p), w)
    for name, value in scores.items():
        assert value == pytest.approx(REFERENCES[name](y, p, w, size), abs=1e-12), name


@pytest.mark.parametrize("weighted", [False, True])
def test_regression_scores_are_those_of_sklearn(weighted):
    rng = np.random.default_rng(0)
    y, v = rng.normal(5, 2, 300), rng.normal(5, 2, 300)
    w = rng.uniform(0.1, 3, 300) if weighted else None
    for name, value in all_scores("regression", y, v, w).items():
        assert value == pytest.approx(REFERENCES[name](y, v, w, 0), rel=1e-12), name


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
        lambda rows: len({y for y, _ in rows}) == 2
    )
)
def test_ranking_with_many_ties_is_that_of_sklearn(rows):
    y = np.array([int(a) for a, _ in rows])
    p = np.array([b for _, b in rows]) / 5
    p = np.column_stack([1 - p, p])
    assert metric("roc_auc").score(y, p) == pytest.approx(sk.roc_auc_score(y, p[:, 1]))
    expected = sk.average_precision_score(y, p[:, 1])
    assert metric("average_precision").score(y, p) == pytest.approx(expected)
    expected = sk.log_loss(y, p, labels=[0, 1])
    assert metric("log_loss").score(y, p) == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_a_class_absent_from_y_is_no_obstacle():
    y, p, _ = classes(1, 120, 4)
    y, p = y[y != 2], p[y != 2]
    for name, value in all_scores("multiclass", y, decided(p)).items():
        assert value == pytest.approx(REFERENCES[name](y, p, None, 4), abs=1e-12), name


def test_of_one_class_only_the_ranking_cannot_be_said():
    p = np.array([[0.2, 0.8], [0.7, 0.3]])
    zeros = all_scores("binary", np.zeros(2, int), decided(p))
    assert math.isnan(zeros["roc_auc"]) and math.isnan(zeros["average_precision"])
    assert zeros["accuracy"] == zeros["balanced_accuracy"] == 0.5
    assert math.isnan(metric("roc_auc").score(np.ones(2, int), p))
    three = np.column_stack([p, np.zeros(2)])
    assert math.isnan(metric("roc_auc").score(np.ones(2, int), three))


def test_a_target_without_variance_has_no_r2_and_zeros_no_mape():
    y = np.zeros(3)
    scores = all_scores("regression", y, np.ones(3))
    assert math.isnan(scores["r2"]) and math.isnan(scores["mape"])
    assert metric("mape").score(np.array([0.0, 2.0]), np.array([9.0, 3.0])) == 0.5


@pytest.mark.parametrize("m", METRICS, ids=lambda m: m.name)
def test_a_prediction_that_is_not_finite_and_no_rows_score_nan(m):
    shape = () if m.needs == "value" else (2,)
    assert math.isnan(m.score_at(np.zeros(3, int), np.full((3, *shape), np.nan)))
    assert math.isnan(m.score_at(np.zeros(0, int), np.zeros((0, *shape))))
    assert math.isnan(m.score_at(np.zeros(3, int), np.zeros((3, *shape)), np.zeros(3)))


@pytest.mark.parametrize("m", METRICS, ids=lambda m: m.name)
def test_the_truth_gains_more_than_its_opposite(m):
    y = np.array([0, 1, 1, 0, 1])
    right = np.eye(2)[y] if m.needs != "value" else y.astype(float)
    wrong = np.eye(2)[1 - y] if m.needs != "value" else y + np.array([3.0, 5, 7, 9, 11])
    assert m.as_gain(m.score_at(y, right)) > m.as_gain(m.score_at(y, wrong))


def test_the_notes_example_of_log_loss_takes_the_true_class():
    p = np.array([[0.8, 0.2], [0.4, 0.6], [0.1, 0.9], [0.7, 0.3]])
    assert metric("log_loss").score(np.array([0, 0, 1, 1]), p) == pytest.approx(
        -np.log([0.8, 0.4, 0.9, 0.3]).mean()
    )


def test_defaults_come_first_and_fit_their_task():
    for task in ("binary", "multiclass", "regression"):
        listed = metrics_for(task)
        assert listed[0] is default_metric(task)
        assert all(task in m.tasks for m in listed)
        assert len(set(listed)) == len(listed)


def test_refusals_name_what_is_near():
    with pytest.raises(UnknownName, match="'roc_auc'"):
        metric("auc_roc")
    with pytest.raises(UnknownName, match="'binary', 'multiclass', 'regression'"):
        default_metric("clustering")
    with pytest.raises(
        UsageError, match=r"accuracy cannot compare .* the shapes \(3,\), \(2, 2\)\."
    ):
        metric("accuracy").score_at(np.zeros(3, int), np.zeros((2, 2)))
    with pytest.raises(
        DataError, match=r"class codes from −1 to 1, but the prediction has 2 columns"
    ):
        metric("accuracy").score_at(np.array([-1, 1]), np.full((2, 2), 0.5))
    with pytest.raises(UsageError, match="f1 looks at labels"):
        metric("f1").score(np.array([0, 1]), np.full((2, 2), 0.5))
