"""How versions are chosen: shares by hash, as few moves as can be, regret of the bandits."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mulle.verbs.serve.routing.ab import (
    AB,
    SLOTS,
    RandomSelector,
    SlotSelector,
    assign_slots,
    format_slots,
    parse_slots,
    slot_of,
)
from mulle.verbs.serve.routing.arms import ArmStats
from mulle.verbs.serve.routing.epsilon import GreedySelector
from mulle.verbs.serve.routing.policy import UNASSIGNED
from mulle.verbs.serve.routing.thompson import ThompsonSelector
from mulle.verbs.serve.routing.ucb import UCBSelector

# --- shares -----------------------------------------------------------------------------------

SHARES = st.lists(st.integers(1, 50), min_size=2, max_size=6).map(
    lambda parts: [part / sum(parts) for part in parts]
)


@pytest.mark.parametrize("keys", [map(str, range(50_000)), (f"사용자-{i}" for i in range(50_000))])
@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], [0.2, 0.3, 0.5]])
def test_keys_fall_by_share(keys, shares):
    policy = AB(versions=tuple("abc"[: len(shares)]), shares=tuple(shares)).start("churn")
    keys = list(keys) or list(map(str, range(50_000)))
    counts = np.bincount([policy.choose(key, ()) for key in keys], minlength=len(shares))
    assert stats.chisquare(counts, np.array(shares) * len(keys)).pvalue > 0.001


def test_tests_of_different_models_do_not_follow_each_other():
    one, other = (SlotSelector(assign_slots([0.5, 0.5]), salt) for salt in ("churn", "prices"))
    pairs = [(one.choose(str(i), ()), other.choose(str(i), ())) for i in range(20_000)]
    table = np.array([[pairs.count((a, b)) for b in (0, 1)] for a in (0, 1)])
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_slots_are_even():
    counts = np.bincount([slot_of(f"k{i}", "m") for i in range(200_000)], minlength=SLOTS)
    assert stats.chisquare(counts).pvalue > 0.001


@given(SHARES, SHARES)
def test_only_as_many_slots_move_as_must(before, after):
    old = assign_slots(before)
    new = assign_slots(after, old)
    have = np.bincount(list(new), minlength=len(after))
    assert np.abs(have - np.array(after) * SLOTS).max() < 1
    was = np.bincount(list(old), minlength=max(len(before), len(after)))
    will = np.bincount(list(new), minlength=len(was))
    assert sum(a != b for a, b in zip(old, new, strict=True)) == np.maximum(will - was, 0).sum()
    assert parse_slots(format_slots(new)) == new
    assert assign_slots(after, new) == new


def test_a_share_that_grows_takes_nobody_of_its_own_away():
    owners, mine = b"", set()
    for share in (0.05, 0.1, 0.25, 0.5, 1 - 1e-9):
        owners = assign_slots([1 - share, share], owners)
        now = {i for i in range(2000) if SlotSelector(owners, "m").choose(str(i), ()) == 1}
        assert mine <= now
        mine = now
    assert len(mine) == 2000


def test_without_a_key_nobody_takes_part():
    assert AB().start("m").choose("", ()) == UNASSIGNED


def test_a_canary_gets_its_share():
    draw = RandomSelector([0.9, 0.1], seed=3)
    counts = np.bincount([draw.choose("same", ()) for _ in range(20_000)])
    assert stats.chisquare(counts, [18_000, 2_000]).pvalue > 0.001


# --- bandits ----------------------------------------------------------------------------------

CHANCES = [0.3, 0.5, 0.45]
POLICIES = {
    "epsilon-greedy": lambda seed: GreedySelector(0.1, seed),
    "ucb": lambda seed: UCBSelector(0.5),
    "thompson": lambda seed: ThompsonSelector("beta", seed),
    "thompson, normal": lambda seed: ThompsonSelector("normal", seed),
}


def regret(policy, seed, *, turns=3000, late=0, half_life=0.0, switch=None):
    """What is lost against always choosing the best version; rewards come `late` turns later."""
    rng, lost, pending = random.Random(seed), 0.0, []
    chances = list(CHANCES)
    arms = [ArmStats(str(i)) for i in range(len(chances))]
    for turn in range(turns):
        if turn == switch:
            chances.reverse()
            chances[0] = 0.9
        chosen = policy.choose("", arms)
        arms[chosen].add_request()
        lost += max(chances) - chances[chosen]
        pending.append((chosen, float(rng.random() < chances[chosen])))
        if len(pending) > late:
            arm, reward = pending.pop(0)
            arms[arm].add_reward(reward, turn, half_life)
            for each in arms:
                each.fade(turn, half_life)
    return lost


UNIFORM = 3000 * (max(CHANCES) - sum(CHANCES) / 3)


@pytest.mark.parametrize("late", [0, 200])
@pytest.mark.parametrize("name", POLICIES)
def test_bandits_lose_less_than_equal_shares(name, late):
    lost = [regret(POLICIES[name](seed), seed, late=late) for seed in range(5)]
    assert np.mean(lost) < 0.6 * UNIFORM


def test_fading_finds_the_new_best():
    def lost(half_life):
        policies = (ThompsonSelector("beta", seed) for seed in range(4))
        return np.mean([
            regret(p, s, turns=4000, half_life=half_life, switch=2000)
            for s, p in enumerate(policies)
        ])  # fmt: skip

    assert lost(200.0) < 0.7 * lost(0.0)


def test_ucb_is_the_formula():
    arms = [ArmStats("a"), ArmStats("b"), ArmStats("c")]
    rng = random.Random(0)
    for _ in range(300):
        for arm, chance in zip(arms, CHANCES, strict=True):
            if rng.random() < 0.6 or not arm.rewards.n:
                arm.add_reward(float(rng.random() < chance))
        total = sum(arm.rewards.n for arm in arms)
        bounds = [arm.rewards.mean + math.sqrt(2 * math.log(total) / arm.rewards.n) for arm in arms]
        assert UCBSelector().choose("", arms) == int(np.argmax(bounds))


def test_ucb_chooses_as_river_does():
    bandit = pytest.importorskip("river.bandit")
    theirs, arms, rng = (
        bandit.UCB(delta=1, seed=0),
        [ArmStats("a"), ArmStats("b")],
        random.Random(1),
    )
    for turn in range(500):
        chosen = theirs.pull([0, 1])
        if turn > 2 and arms[0].rewards != arms[1].rewards:  # which of two equals is taste
            assert UCBSelector().choose("", arms) == chosen
        reward = rng.random() < (0.4, 0.6)[chosen]
        theirs.update(chosen, float(reward))
        arms[chosen].add_request()
        arms[chosen].add_reward(float(reward))


def test_thompson_draws_from_the_posteriors():
    arms = [ArmStats("a"), ArmStats("b")]
    for arm, (right, wrong) in zip(arms, [(20, 30), (11, 9)], strict=True):
        for i in range(right + wrong):
            arm.add_reward(float(i < right))
    rng = np.random.default_rng(0)
    expected = (rng.beta(21, 31, 10**6) < rng.beta(12, 10, 10**6)).mean()
    policy = ThompsonSelector("beta", 7)
    share = np.mean([policy.choose("", arms) for _ in range(20_000)])
    assert share == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 20_000))
    single = np.mean([ThompsonSelector("beta", seed).choose("", arms) for seed in range(3000)])
    assert single == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 3000))


def test_normal_thompson_draws_from_student_s():
    x = np.random.default_rng(2).normal([0.0, 0.4], 1.0, (12, 2))
    arms = [ArmStats("a"), ArmStats("b")]
    for arm, values in zip(arms, x.T, strict=True):
        for value in values:
            arm.add_reward(float(value))
    rng, n = np.random.default_rng(0), 12
    draws = [
        v.mean() + np.sqrt(v.var() * n / (n * (n - 3))) * rng.standard_t(n - 3, 10**6) for v in x.T
    ]
    policy = ThompsonSelector("normal", 7)
    share = np.mean([policy.choose("", arms) for _ in range(20_000)])
    expected = (draws[1] > draws[0]).mean()
    assert share == pytest.approx(expected, abs=0.015)
    single = np.mean([ThompsonSelector("normal", seed).choose("", arms) for seed in range(3000)])
    assert single == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 3000))


@pytest.mark.parametrize("name", POLICIES)
def test_versions_nobody_has_rewarded_are_tried_in_turn(name):
    if name == "thompson":
        pytest.skip("draws from the prior")
    arms = [ArmStats("a", requests=1000), ArmStats("b"), ArmStats("c")]
    arms[0].add_reward(1.0)
    policy, chosen = POLICIES[name](0), []
    for _ in range(20):
        chosen.append(policy.choose("", arms))
        arms[chosen[-1]].add_request()
    assert sorted(set(chosen)) == [1, 2] and abs(chosen.count(1) - 10) <= 1


def test_faded_rewards_add_up_whenever_they_are_faded():
    often, once = ArmStats("a"), ArmStats("b")
    for turn in range(100):
        often.add_reward(turn % 3, turn, 10.0)
        often.fade(turn + 0.5, 10.0)
        once.add_reward(turn % 3, turn, 10.0)
    once.fade(99.5, 10.0)
    assert tuple(often.faded) == pytest.approx(tuple(once.faded))
    assert often.rewards == once.rewards
