"""Counts and rewards of many processes in one database; `MULLE_TEST_POSTGRES` names another."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from mulle.verbs.serve.routing.active import update_stored
from mulle.verbs.serve.routing.arms import Reward
from mulle.verbs.serve.routing.config import parse_policy
from mulle.verbs.serve.routing.ids import Ids, tag_of
from mulle.verbs.serve.routing.store import RoutingStore

POSTGRES = os.environ.get("MULLE_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request, tmp_path):
    """Opens the same store again and again."""
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("MULLE_TEST_POSTGRES is not set")
    url = POSTGRES if request.param == "postgresql" else ""
    return lambda: RoutingStore.connect(tmp_path / "routing.db", url)


@pytest.fixture
def model():
    """A name that no other test has used in the same database."""
    return uuid.uuid4().hex


def test_all_share_one_key(opened):
    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(lambda _: opened().key(), range(6)))
    assert len(found) == 1 and len(found.pop()) == 32


def test_counts_and_rewards_add_up_whoever_brings_them(opened, model):
    opened().exchange({(model, 1, "a"): (0, ["no", "yes"]), (model, 1, "b"): (0, [])})
    tags = {version: tag_of(model, 1, version).hex() for version in "ab"}

    def bring(worker):
        store, fresh = opened(), 0
        for turn in range(10):
            store.exchange({(model, 1, "a"): (3, []), (model, 1, "b"): (2, [])})
            rewards = [
                Reward(f"{model[:8]}-{worker}-{turn}-{i}", tags["ab"[i % 2]], 0, i / 4)
                for i in range(4)
            ]
            rewards.append(Reward(f"{model[:8]}-same-{turn}", tags["a"], 0, 1.0))
            first = store.reward(rewards, 100.0, {})
            assert all(first[:4])
            assert not any(store.reward(rewards, 100.0, {}))
            fresh += first[4]
        return fresh

    with ThreadPoolExecutor(4) as pool:
        shared = sum(pool.map(bring, range(4)))
    assert shared == 10  # each of the ids that all brought counted once
    known = opened().exchange({})
    a, b = (known[tags[version]] for version in "ab")
    assert (a.stats.requests, b.stats.requests) == (120, 80)
    assert a.labels == ["no", "yes"]
    assert tuple(a.stats.rewards) == pytest.approx((90, 40 * 0.5 + 10, 40 * 0.25 + 10))
    assert tuple(b.stats.rewards) == pytest.approx((80, 40 * 1.0, 40 * (0.0625 + 0.5625)))


def test_faded_rewards_are_kept_as_of_their_time(opened, model):
    store, tag = opened(), tag_of(model, 1, "a").hex()
    store.exchange({(model, 1, "a"): (0, [])})
    for i, at in enumerate((100.0, 110.0, 130.0)):
        store.reward([Reward(f"{model[:8]}-{i}", tag, 0, 1.0)], at, {tag: 10.0})
    found = store.exchange({})[tag].stats
    assert found.faded.n == pytest.approx(0.125 + 0.25 + 1) and found.at == 130.0
    assert found.rewards.n == 3


def test_a_rule_is_changed_by_one_at_a_time(opened, model):
    policy = parse_policy({"policy": "ab"})

    def change(_):
        opened().change(model, lambda old: update_stored(old, model, policy, "", fresh=True))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(8)))
    assert opened().policies()[model].round == 8


def test_old_ids_are_forgotten(opened, model):
    store, tag = opened(), tag_of(model, 1, "a").hex()
    store.exchange({(model, 1, "a"): (0, [])})
    old, new = (Reward(f"{model[:8]}-{made}", tag, made, 1.0) for made in (10, 20))
    store.reward([old, new], 30.0, {})
    store.forget(before=15)
    assert store.reward([old, new], 30.0, {}) == [True, False]


def test_an_id_says_what_it_was_made_of():
    ids, tag = Ids(b"k" * 32), b"abcdef"
    seen = {ids.of_class(tag, i) for i in range(1000)}
    assert len(seen) == 1000
    for value in (0.0, -2.5, 1e30, 1e300):
        said = ids.read(ids.of_value(tag, value).decode())
        expected = value if value < 1e38 else float("inf")
        assert said.tag == tag and said.value == pytest.approx(expected, rel=1e-7)
    assert ids.read(ids.of_class(tag, -1).decode()).position == -1
    good = ids.of_class(tag, 3).decode()
    for i in range(40):
        other = good[:i] + ("A" if good[i] != "A" else "B") + good[i + 1 :]
        assert ids.read(other) is None
    for text in ("", "x", good + "A", "é" * 40, "!" * 40, good[:-1] + "\n"):
        assert ids.read(text) is None
