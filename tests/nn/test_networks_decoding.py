"""Decoding: what is drawn has the probabilities it should, what is searched is the best."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, UsageError
from mulle.nn.networks import CharTokenizer, beam_search, generate
from mulle.nn.networks.decoding import log_softmax

TABLE = np.random.default_rng(3).normal(size=(4, 4))  # after i comes j
TABLE[0] = np.log([0.1, 0.4, 0.2, 0.3])


def chain(tokens):
    return TABLE[tokens[:, -1]]


def shares(**settings):
    """How often each token comes after token 0."""
    nn.manual_seed(0)
    drawn = generate(chain, np.zeros((40_000, 1), int), 1, **settings)[:, 1]
    return np.bincount(drawn, minlength=4) / len(drawn)


def probabilities(logits):
    return np.exp(log_softmax(logits[None]))[0]


def test_greedy_takes_the_likeliest():
    found = generate(chain, np.array([[0], [3]]), 3, temperature=0)
    for row in found:
        assert all(b == TABLE[a].argmax() for a, b in pairwise(row))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_divides_the_logits(temperature):
    wanted = probabilities(TABLE[0] / temperature)
    np.testing.assert_allclose(shares(temperature=temperature), wanted, atol=0.01)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_keeps_the_k_likeliest(k):
    p = probabilities(TABLE[0])
    p[np.argsort(-p)[k:]] = 0
    np.testing.assert_allclose(shares(top_k=k), p / p.sum(), atol=0.01)


@pytest.mark.parametrize("top_p", [0.01, 0.5, 0.8, 0.95, 1.0])
def test_top_p_keeps_the_fewest_that_reach_it(top_p):
    p = probabilities(TABLE[0])
    order = np.argsort(-p)
    count = next(n for n in range(1, 5) if p[order[:n]].sum() >= top_p - 1e-9)
    p[order[count:]] = 0
    np.testing.assert_allclose(shares(top_p=top_p), p / p.sum(), atol=0.01)


def test_a_seed_repeats_what_is_drawn():
    runs = []
    for _ in range(2):
        nn.manual_seed(5)
        runs.append(generate(chain, np.zeros((2, 1), int), 20))
    np.testing.assert_array_equal(*runs)
    assert len(np.unique(runs[0])) > 1


def test_behind_the_stop_there_is_nothing_else():
    nn.manual_seed(0)
    found = generate(chain, np.zeros((30, 1), int), 12, stop=2)
    assert (found == 2).any()
    for row in found:
        if (row == 2).any():
            assert (row[row.argmax() if row[0] == 2 else np.flatnonzero(row == 2)[0] :] == 2).all()
    only = generate(lambda t: np.eye(4)[np.full(len(t), 2)] * 50, np.zeros((3, 1), int), 9, stop=2)
    assert only.shape == (3, 2)


@pytest.mark.parametrize("settings", [{"temperature": -1.0}, {"top_k": 0}, {"top_p": 1.5}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(UsageError, match="cannot be sampled"):
        generate(chain, np.zeros((1, 1), int), 1, **settings)


def log_probability(tokens):
    return sum(log_softmax(TABLE[[a]])[0, b] for a, b in pairwise(tokens))


def test_a_wide_beam_finds_the_best_of_all():
    best = max(product(range(4), repeat=4), key=lambda t: log_probability((1, *t)))
    found, score = beam_search(chain, np.array([1]), 4, beams=256)
    assert tuple(found) == (1, *best)
    assert score == pytest.approx(log_probability(found))


def test_a_beam_of_one_is_greedy_and_more_are_no_worse():
    greedy = generate(chain, np.array([[1]]), 5, temperature=0)[0]
    scores = []
    for beams in (1, 2, 8):
        found, score = beam_search(chain, np.array([1]), 5, beams=beams)
        scores.append(score)
        if beams == 1:
            np.testing.assert_array_equal(found, greedy)
    assert scores == sorted(scores)


def test_a_beam_that_is_finished_competes_with_those_that_go_on():
    # 0 -> stop (2) with 0.6, or 1 with 0.4; 1 -> 3 surely, 3 -> 3 surely.
    p = np.array([[0, 0.4, 0.6, 0], [0, 0, 0, 1], [0.25] * 4, [0, 0, 0, 1]]) + 1e-9
    found, score = beam_search(lambda t: np.log(p[t[:, -1]]), np.array([0]), 4, beams=2, stop=2)
    assert found[:2].tolist() == [0, 2]
    assert set(found[1:]) == {2}
    assert score == pytest.approx(np.log(0.6), abs=1e-6)


def test_characters_travel_both_ways():
    tokenizer = CharTokenizer("the quick brown 여우")
    for text in ("brown quick", "여우", ""):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer) == len(set("the quick brown 여우"))
    with pytest.raises(DataError, match="'!'"):
        tokenizer.encode("brown!")
