import numpy as np
import pytest

from mulle.metrics import METRICS, Metric, metric
from mulle.verbs.fit.blending import _without_small, greedy_weights


def naive(predictions, y, scorer, rounds):
    """The same by the book: bags of members, scored each time from nothing."""
    bag, best = [], (-np.inf, [])
    for _ in range(rounds):
        gains = [
            round(scorer.gain(y, np.mean([predictions[i] for i in [*bag, j]], axis=0)), 6)
            for j in range(len(predictions))
        ]
        ties = [j for j, gain in enumerate(gains) if gain == max(gains)]
        bag.append(next((j for j in ties if j in bag), ties[0]))
        if max(gains) > best[0]:
            best = (max(gains), list(bag))
    return np.bincount(best[1], minlength=len(predictions)) / len(best[1])


@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_the_weights_are_those_of_the_book(name):
    rng = np.random.default_rng(1)
    y = rng.normal(size=200)
    predictions = [y + rng.normal(0, s, 200) for s in (0.5, 0.6, 0.7, 3.0)]
    weights, score = greedy_weights(predictions, y, metric(name), rounds=12)
    assert weights == pytest.approx(naive(predictions, y, metric(name), 12))
    blended = np.tensordot(weights, predictions, 1)
    assert score == pytest.approx(metric(name).score(y, blended))
    assert score < min(metric(name).score(y, p) for p in predictions)


def test_a_copy_does_not_enter_beside_its_original():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 300)
    good = np.clip(0.5 + (y - 0.5) * 0.4 + rng.normal(0, 0.2, 300), 0.01, 0.99)
    p = np.column_stack([1 - good, good])
    weights, _ = greedy_weights([p, p.copy()], y, metric("log_loss"))
    assert weights.tolist() == [1.0, 0.0]


def test_a_model_without_a_score_never_enters():
    y = np.array([0.0, 1.0, 2.0])
    weights, _ = greedy_weights([np.full(3, np.nan), y], y, metric("rmse"))
    assert weights.tolist() == [0.0, 1.0]


def blend_of_two(gain, operations, rows=4_000):
    """The weights of two equally good models, whose errors differ by a share `gain`."""
    rng = np.random.default_rng(2)
    y, error = rng.normal(size=rows), rng.normal(size=rows)
    other = rng.normal(size=rows)
    first = y + error
    second = y + (1 - gain**2) ** 0.5 * error + gain * other
    return greedy_weights([first, second], y, metric("rmse"), operations=operations)[0]


def test_a_dear_member_that_gains_less_than_the_noise_leaves_the_blend():
    assert (blend_of_two(0.02, ()) > 0).all()
    assert blend_of_two(0.02, (1.0, 50.0))[1] == 0.0


def test_a_dear_member_that_earns_its_time_stays():
    assert (blend_of_two(1.0, (1.0, 50.0)) > 0).all()


def test_what_is_left_is_a_blend_with_its_own_score():
    rng = np.random.default_rng(4)
    y = rng.normal(size=2_000)
    good, copy = y + rng.normal(size=2_000), y + rng.normal(size=2_000)
    weights, score = greedy_weights([good, copy], y, metric("rmse"), operations=(1.0, 1.0))
    assert weights.sum() == pytest.approx(1.0)
    assert score == pytest.approx(metric("rmse").score_at(y, weights @ [good, copy]))


def test_of_very_many_rows_some_decide_and_all_are_scored():
    rng = np.random.default_rng(5)
    y = rng.normal(size=50_000)
    predictions = [y + rng.normal(size=50_000) for _ in range(3)]
    weights, score = greedy_weights(predictions, y, metric("rmse"))
    assert (weights > 0).all()
    assert score == pytest.approx(metric("rmse").score_at(y, weights @ predictions))


def test_of_equals_the_cheaper_enters():
    rng = np.random.default_rng(6)
    y = rng.normal(size=500)
    p = y + rng.normal(size=500)
    weights, _ = greedy_weights([p, p.copy()], y, metric("rmse"), operations=(9.0, 1.0))
    assert weights.tolist() == [0.0, 1.0]


def test_a_member_of_hardly_any_weight_leaves_where_the_score_stays():
    from mulle.verbs.fit.blending import _without_small

    rng = np.random.default_rng(7)
    y = rng.normal(size=2_000)
    good, other = y + rng.normal(size=2_000), y + rng.normal(size=2_000)
    scorer, weights = metric("rmse"), np.array([0.49, 0.49, 0.02])
    assert _without_small(weights, [good, other, good], y, scorer, 0.5).tolist() == [0.5, 0.5, 0.0]
    needed = y * 50 - 49 * (good + other) / 2
    assert (_without_small(weights, [good, other, needed], y, scorer, 0.5) > 0).all()


CASES = [(each, task) for each in METRICS for task in each.tasks]


def made(task: str, rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return a target and the predictions of models of several qualities, one a copy."""
    noises = (0.6, 0.8, 1.0, 4.0)
    if task == "regression":
        y = rng.normal(3, 1, 300)
        found = [y + rng.normal(0.1, noise, 300) for noise in noises]
        return y, [*found, found[0].copy()]
    classes = 2 if task == "binary" else 3
    y = (rng.random(300) < 0.25).astype(np.int64) if classes == 2 else rng.integers(0, 3, 300)
    found = []
    for noise in noises:
        scores = np.eye(classes)[y] * 1.5 + rng.normal(0, noise, (300, classes))
        p = np.exp(scores)
        found.append(p / p.sum(axis=1, keepdims=True))
    return y, [*found, found[0].copy()]


@pytest.mark.parametrize("threshold", [0.5, 0.3])
@pytest.mark.parametrize(("scorer", "task"), CASES, ids=lambda v: getattr(v, "name", v))
def test_a_blend_is_never_worse_than_its_best_member_by_the_metric_asked(
    scorer: Metric, task: str, threshold: float
):
    for seed in range(5):
        y, predictions = made(task, np.random.default_rng(seed))
        alone = [scorer.as_gain(scorer.score_at(y, p, threshold=threshold)) for p in predictions]
        weights, score = greedy_weights(predictions, y, scorer, threshold=threshold)
        blended = np.tensordot(weights, predictions, 1)
        assert score == pytest.approx(scorer.score_at(y, blended, threshold=threshold))
        assert weights.sum() == pytest.approx(1)
        # Gains are compared to six digits; a member of under 3 % leaves where a ten-thousandth of
        # the score stays lost at most.
        slack = 1e-6 + 1e-4 * abs(max(alone))
        assert scorer.as_gain(score) >= max(alone) - slack


@pytest.mark.parametrize(("scorer", "task"), CASES, ids=lambda v: getattr(v, "name", v))
def test_small_members_leave_only_where_the_score_stays(scorer: Metric, task: str):
    y, predictions = made(task, np.random.default_rng(7))
    weights = np.array([0.979, 0.021, 0.0, 0.0, 0.0])
    kept = _without_small(weights, predictions, y, scorer, 0.5)

    def gain(of: np.ndarray) -> float:
        return scorer.as_gain(scorer.score_at(y, np.tensordot(of, predictions, 1)))

    if kept[1] == 0:
        assert gain(kept) >= gain(weights) - 1e-4 * abs(gain(weights))
    else:
        alone = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
        assert gain(alone) < gain(weights) - 1e-4 * abs(gain(weights))


@pytest.mark.parametrize(("scorer", "task"), CASES, ids=lambda v: getattr(v, "name", v))
def test_of_equals_the_cheaper_is_the_member_without_any_limit(scorer: Metric, task: str):
    y, predictions = made(task, np.random.default_rng(3))
    equal = [predictions[0], predictions[0].copy(), predictions[0].copy()]
    weights, _ = greedy_weights(equal, y, scorer, operations=[9.0, 2.0, 5.0])
    assert weights.tolist() == [0.0, 1.0, 0.0]
