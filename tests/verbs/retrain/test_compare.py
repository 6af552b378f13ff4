"""The paired interval: against a bootstrap written out, and against what it must say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score

from mulle.errors import UsageError
from mulle.metrics import decided, metric, metrics_for
from mulle.verbs.retrain.compare import difference, metric_of

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 2, 200)


def answers(skill: float, seed: int, y: np.ndarray = Y) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=len(y))
    p = 1 / (1 + np.exp(-(skill * (2 * y - 1) + noise)))
    return np.column_stack([1 - p, p])


def written_out(score, y, ours, theirs, strata, times=300, seed=1):
    """A paired bootstrap in the plainest words."""
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(strata == g) for g in np.unique(strata)]
    gains = []
    for _ in range(times):
        rows = np.concatenate([rng.choice(group, len(group)) for group in groups])
        gains.append(score(y[rows], theirs[rows]) - score(y[rows], ours[rows]))
    return np.quantile(gains, [0.025, 0.975])


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("roc_auc", lambda y, p: roc_auc_score(y, p[:, 1])),
        ("log_loss", lambda y, p: -log_loss(y, p[:, 1])),
    ],
)
def test_classes_against_a_bootstrap_written_out(name, score):
    ours, theirs = answers(0.5, 1), answers(1.0, 2)
    found = difference(metric(name), Y, decided(ours), decided(theirs), resamples=300, seed=0)
    expected = written_out(score, Y, ours, theirs, Y)
    assert found.score == pytest.approx(score(Y, theirs) - score(Y, ours))
    width = expected[1] - expected[0]
    assert np.abs(np.array([found.low, found.high]) - expected).max() < 0.15 * width


def test_values_against_a_bootstrap_written_out():
    y = RNG.normal(size=300)
    ours, theirs = y + RNG.normal(size=300), y + RNG.normal(scale=0.9, size=300)
    found = difference(metric("mae"), y, decided(ours), decided(theirs), resamples=300, seed=0)
    expected = written_out(lambda a, b: -mean_absolute_error(a, b), y, ours, theirs, np.zeros(300))
    assert np.abs(np.array([found.low, found.high]) - expected).max() < 0.15 * np.ptp(expected)


def test_pairing_makes_the_interval_narrow():
    """A gain that is the same on every row is sure, however much the rows differ."""
    y = RNG.normal(scale=100, size=100)
    error = np.abs(RNG.normal(scale=50, size=100)) + 1
    found = difference(
        metric("mae"), y, decided(y + error), decided(y + error - 0.5), resamples=200, seed=0
    )
    assert found.score == pytest.approx(0.5)
    assert found.high - found.low < 1e-9


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_model_gains_nothing_over_itself(task):
    y = Y if task == "binary" else np.arange(200) % 3 if task == "multiclass" else Y + 0.5
    p = np.full((200, 3), 1 / 3) if task == "multiclass" else answers(1, 1)
    p = RNG.normal(size=200) if task == "regression" else p
    for chosen in metrics_for(task):
        found = difference(chosen, y, decided(p), decided(p), resamples=25, seed=0)
        assert (found.score, found.low, found.high) == (0.0, 0.0, 0.0), chosen.name


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_swapping_the_models_turns_the_interval_round(seed):
    ours, theirs = answers(0.5, seed), answers(0.8, seed + 1)
    there = difference(metric("brier"), Y, decided(ours), decided(theirs), resamples=50, seed=seed)
    back = difference(metric("brier"), Y, decided(theirs), decided(ours), resamples=50, seed=seed)
    assert there.score == pytest.approx(-back.score)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_equal_models_are_seldom_called_different():
    """Of models that are equally good, about one in forty is surely better by chance."""
    wrong = 0
    for seed in range(120):
        y = np.random.default_rng(seed).integers(0, 2, 80)
        ours, theirs = answers(0.7, seed, y), answers(0.7, 10_000 + seed, y)
        wrong += (
            difference(
                metric("brier"), y, decided(ours), decided(theirs), resamples=100, seed=0
            ).low
            > 0
        )
    assert wrong <= 10  # 3 are expected


def test_one_class_cannot_tell():
    found = difference(
        metric("roc_auc"), np.zeros(50, int),
        decided(answers(1, 1)[:50]), decided(answers(1, 2)[:50]), resamples=50, seed=0,
    )  # fmt: skip
    assert np.isnan([found.score, found.low, found.high]).all()


def test_a_metric_of_another_task_is_refused(here):
    from mulle import load

    with pytest.raises(UsageError, match="'rmse' is not a metric for predicting"):
        metric_of(load("shop.mulle"), "rmse")
