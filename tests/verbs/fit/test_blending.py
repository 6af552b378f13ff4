import numpy as np
import pytest

from mulle.metrics import metric
from mulle.verbs.fit.blending import greedy_weights


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
    rng = np.random.default_rng(3)
    y, error = rng.normal(size=rows), rng.normal(size=rows)
    other = rng.normal(size=rows)
    first = y + error
    second = y + (1 - gain**2) ** 0.5 * error + gain * other
    return greedy_weights([first, second], y, metric("rmse"), operations=operations)[0]


def test_a_dear_member_that_gains_less_than_the_noise_leaves_the_blend():
    assert (blend_of_two(0.05, ()) > 0).all()
    assert blend_of_two(0.05, (1.0, 50.0))[1] == 0.0


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
