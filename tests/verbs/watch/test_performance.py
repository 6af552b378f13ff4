"""Scores beside those of the held-out rows, and estimates against scikit-learn's."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from mulle.bundle import BaselineScore
from mulle.metrics import decided, metric
from mulle.profile import Answers
from mulle.verbs.watch import estimated, performance
from mulle.verbs.watch.estimate import calibrated, expected
from mulle.verbs.watch.performance import MIN_ROWS

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
    assert expected("roc_auc", c, rows) == pytest.approx(true, abs=1e-12)


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


def test_an_estimate_is_compared_with_the_rows_that_are_usual():
    rng = np.random.default_rng(0)

    def answers(sure, rows, labels=True):
        p = np.where(rng.random(rows) < 0.5, sure, 1 - sure)
        y = (rng.random(rows) < p).astype(int) if labels else None
        return Answers.of(np.stack([1 - p, p], 1), (p > 0.5).astype(int), y=y)

    summer, winter = answers(0.95, 3000), answers(0.65, 3000)
    year = Answers.of(np.empty((0, 2)), np.empty(0, int))
    for season in (summer, winter):
        year.merge(season)
    year.true = [a + b for a, b in zip(summer.true, winter.true, strict=True)]
    new = answers(0.65, 1000, labels=False)
    assert {p.status for p in estimated(year, new)} == {"worse"}
    found = estimated(year, new, winter)
    assert {p.status for p in found} == {"kept"}
    assert found[0].reference == pytest.approx(0.65, abs=0.03)
    assert {p.status for p in estimated(year, new, summer)} == {"worse"}


def test_rows_that_are_all_alike_have_no_ranks():
    rng = np.random.default_rng(0)
    p = rng.random(1000)
    y = (rng.random(1000) < p).astype(int)
    reference = Answers.of(np.stack([1 - p, p], 1), (p > 0.5).astype(int), y=y)
    for one, names in ((0.3, ["accuracy"]), (p[:400], ["accuracy", "roc_auc"])):
        same = np.broadcast_to(one, 400)
        now = Answers.of(np.stack([1 - same, same], 1), (same > 0.5).astype(int))
        assert [found.metric for found in estimated(reference, now)] == names


def test_no_estimate_where_nothing_is_known():
    (p, y) = answers(30)
    few = Answers.of(*decided(p), y=y)
    [nothing] = estimated(few, few)
    assert nothing.score is None and nothing.reason.code == "estimate-few-held-out"
    assert estimated(None, few) == []
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


def test_few_labels_give_no_number():
    p, y = answers(4000)
    first = performance(metric("roc_auc"), y, decided(p), None)
    old = BaselineScore("roc_auc", first.score, first.low, first.high, 4000)
    for rows in (1, 2, MIN_ROWS - 1):
        found = performance(metric("roc_auc"), y[:rows], decided(p[:rows]), old)
        assert found.status == "cannot_tell" and found.reason.code == "score-few-rows"
        assert found.score is found.low is found.high is None
    found = performance(metric("roc_auc"), y[:MIN_ROWS], decided(p[:MIN_ROWS]), old)
    assert found.status == "cannot_tell" and found.low < found.score < found.high


@pytest.mark.parametrize("name", ["roc_auc", "accuracy", "log_loss", "f1"])
def test_labels_of_one_class_give_no_number(name):
    p, _ = answers(90)
    for only in (0, 1):
        found = performance(metric(name), np.full(90, only), decided(p), BaselineScore(name, 0.8))
        assert found.status == "cannot_tell" and found.reason.code == "score-one-class"
        assert found.score is found.low is found.high is None


def test_a_score_without_a_recorded_interval_cannot_be_judged():
    p, y = answers(900)
    found = performance(metric("roc_auc"), y, decided(p), BaselineScore("roc_auc", 0.99))
    assert found.status == "cannot_tell" and found.reason.code == "score-no-interval"
    assert found.reference_low is None and found.reference_high is None


def test_a_perfect_score_on_few_held_out_rows_is_no_promise():
    p, y = np.tile([[0.1, 0.9], [0.9, 0.1]], (200, 1)), np.tile([1, 0], 200)
    y[:8] = 1 - y[:8]  # 2 %: nothing that 20 held-out rows could have told
    old = BaselineScore("accuracy", 1.0, 1.0, 1.0, 20)
    assert performance(metric("accuracy"), y, decided(p), old).status != "worse"
    many = BaselineScore("accuracy", 1.0, 1.0, 1.0, 20_000)
    y[:100] = 1 - y[:100]
    assert performance(metric("accuracy"), y, decided(p), many).status == "worse"


def test_one_outlier_does_not_make_a_value_surely_worse():
    rng = np.random.default_rng(0)
    y, old = rng.normal(size=120), BaselineScore("rmse", 1.0, 0.9, 1.1, 400)
    predicted = y + rng.normal(size=120)
    predicted[0] += 60
    found = performance(metric("rmse"), y, decided(predicted), old)
    assert found.score > 5 and found.status == "cannot_tell"


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 20, 29])
def test_few_rows_let_nothing_be_estimated(rows):
    before, y = answers(4000)
    reference = Answers.of(*decided(before), y=y)
    for _ in range(25):
        now = reference.empty()
        now.add(*decided(answers(rows)[0]))
        [nothing] = estimated(reference, now)
        assert nothing.score is None and nothing.low is None and nothing.status == "cannot_tell"
        assert nothing.reason.code == "estimate-few-rows"
        assert nothing.reason.values["rows"] == rows


@pytest.mark.parametrize(("held_out", "rows"), [(2000, 30), (2000, 400), (80, 2000)])
def test_the_interval_of_an_estimate_holds_the_score_of_those_rows(held_out, rows):
    inside, worse = {"accuracy": 0, "roc_auc": 0}, 0
    for _ in range(120):
        before, y = answers(held_out)
        reference = Answers.of(*decided(before), y=y)
        now, labels = answers(rows)
        seen = reference.empty()
        seen.add(*decided(now))
        for found in estimated(reference, seen):
            true = metric(found.metric).score(labels, decided(now))
            inside[found.metric] += found.low <= true <= found.high
            worse += found.status == "worse"
    assert min(inside.values()) >= 0.88 * 120 and worse <= 3


def test_the_estimate_of_accuracy_knows_the_threshold_of_the_model():
    before, y = answers(6000)
    codes = (before[:, 1] > 0.8).astype(int)
    reference = Answers.of(before, codes, y=y)
    found = {p.metric: p for p in estimated(reference, reference)}
    assert found["accuracy"].reference == pytest.approx((codes == y).mean(), abs=0.01)


def test_windows_are_not_measured_by_the_luck_of_a_few_held_out_rows():
    """Rows like the training's, of a model whose 300 held-out rows happened to score high."""
    rng, auc = np.random.default_rng(7), metric("roc_auc")
    lucky = BaselineScore("roc_auc", 0.90, 0.865, 0.935, 300, 0.865)
    alone = BaselineScore("roc_auc", 0.90, 0.865, 0.935, 300)
    worse = {lucky: 0, alone: 0}
    for _ in range(400):
        y = rng.integers(0, 2, 100)
        p = 1 / (1 + np.exp(-(rng.normal(size=100) + 1.56 * y)))  # an area of 0.865
        for before in worse:
            found = performance(auc, y, decided(np.stack([1 - p, p], 1)), before)
            worse[before] += found.status == "worse"
    assert worse[lucky] <= 4 < worse[alone]


def test_a_validation_far_below_the_held_out_score_hides_no_loss_beyond_its_interval():
    y = np.arange(1000) % 2
    wrong = np.where(np.arange(1000) < 200, 1 - y, y)  # right in 80 %
    given = decided(np.eye(2)[wrong])
    before = BaselineScore("accuracy", 0.92, 0.90, 0.94, 700, 0.75)
    assert performance(metric("accuracy"), y, given, before).status == "worse"
