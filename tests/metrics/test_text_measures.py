"""Measures of text: the same numbers as the libraries of their field."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.metrics import text

WORDS = [
    "the",
    "cat",
    "cats",
    "sat",
    "sitting",
    "on",
    "a",
    "mat",
    "mats",
    "quickly",
    "고양이",
    "집",
]


def corpus(seed=0, texts=60, references=2):
    chance = random.Random(seed)

    def one():
        return chance.choices(WORDS, k=chance.randint(4, 14))

    return [one() for _ in range(texts)], [[one() for _ in range(references)] for _ in range(texts)]


def near(tokens, seed):
    """A reference from which some words are gone, doubled or moved."""
    chance = random.Random(seed)
    kept = [w for w in tokens if chance.random() > 0.2]
    kept.insert(chance.randint(0, len(kept)), chance.choice(WORDS))
    return kept


def close_corpus(seed=0):
    references = corpus(seed)[1]
    return [near(r[0], i) for i, r in enumerate(references)], references


@pytest.mark.parametrize("seed", range(3))
def test_bleu_is_sacrebleu_s(seed):
    sacrebleu = pytest.importorskip("sacrebleu")
    candidates, references = close_corpus(seed)
    parts = sum(text.bleu_parts(c, r) for c, r in zip(candidates, references, strict=True))
    expected = sacrebleu.corpus_bleu(
        [" ".join(c) for c in candidates],
        [[" ".join(r[k]) for r in references] for k in range(2)],
        tokenize="none", smooth_method="none",
    ).score  # fmt: skip
    assert 1 < expected < 99
    assert 100 * float(text.bleu(parts)) == pytest.approx(expected, abs=1e-9)


def test_bleu_of_many_resamples_is_that_of_each():
    candidates, references = close_corpus()
    parts = np.stack([text.bleu_parts(c, r) for c, r in zip(candidates, references, strict=True)])
    drawn = np.random.default_rng(0).integers(0, len(parts), (5, len(parts)))
    assert text.bleu(parts[drawn].sum(1)) == pytest.approx(
        [float(text.bleu(parts[rows].sum(0))) for rows in drawn]
    )


def test_bleu_without_four_words_in_common_is_0_and_without_four_words_unknown():
    assert text.bleu(text.bleu_parts(list("abcde"), [list("abxde")])) == 0
    assert np.isnan(text.bleu(text.bleu_parts(list("ab"), [list("ab")])))


@pytest.mark.parametrize(("n", "name"), [(1, "rouge1"), (2, "rouge2"), (0, "rougeL")])
def test_rouge_is_that_of_rouge_score(n, name):
    scorer_of = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer

    class Split:
        def tokenize(self, words):
            return words.split()

    scorer = scorer_of([name], tokenizer=Split())
    candidates, references = close_corpus()
    for candidate, (first, second) in zip(candidates, references, strict=True):
        for given_ in ([first], [first, second]):
            best = scorer.score_multi([" ".join(r) for r in given_], " ".join(candidate))[name]
            found = text.rouge_n(candidate, given_, n) if n else text.rouge_l(candidate, given_)
            assert found == pytest.approx((best.precision, best.recall, best.fmeasure))


@pytest.mark.parametrize("skip", [0, 1, 4, 100])
def test_rouge_s_counts_the_pairs_that_brute_force_finds(skip):
    for candidate, (reference, _) in zip(*corpus(3, 20), strict=True):

        def pairs(words):
            places = itertools.combinations(range(len(words)), 2)
            return [(words[i], words[j]) for i, j in places if j - i - 1 <= skip]

        left, shared = pairs(reference), 0
        for pair in pairs(candidate):
            if pair in left:
                left.remove(pair)
                shared += 1
        found = text.rouge_s(candidate, [reference], skip)
        assert found.precision == pytest.approx(shared / len(pairs(candidate)))
        assert found.recall == pytest.approx(shared / len(pairs(reference)))


@pytest.mark.parametrize("stems", [False, True])
def test_meteor_is_that_of_nltk_without_synonyms(stems):
    pytest.importorskip("nltk")
    from nltk.stem.porter import PorterStemmer
    from nltk.translate.meteor_score import single_meteor_score

    class NoNet:
        def synsets(self, word):
            return []

    class Same:
        def stem(self, word):
            return word

    stemmer = PorterStemmer() if stems else Same()
    candidates, references = close_corpus(1)
    scores = []
    for candidate, (first, _) in zip(candidates, references, strict=True):
        expected = single_meteor_score(first, candidate, stemmer=stemmer, wordnet=NoNet())
        scores.append(text.meteor(candidate, [first], stemmer.stem if stems else None))
        assert scores[-1] == pytest.approx(expected)
    assert 0.2 < np.mean(scores) < 0.9


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_the_longest_common_subsequence_is_that_of_the_table(one, other):
    lengths = np.zeros((len(one) + 1, len(other) + 1), int)
    for i, j in itertools.product(range(len(one)), range(len(other))):
        same = lengths[i, j] + 1 if one[i] == other[j] else 0
        lengths[i + 1, j + 1] = max(same, lengths[i, j + 1], lengths[i + 1, j])
    found = text.rouge_l(one, [other])
    assert found.precision == (lengths[-1, -1] / len(one) if one else 0)
    assert found.recall == (lengths[-1, -1] / len(other) if other else 0)


def test_perplexity_is_exp_of_the_cross_entropy():
    torch = pytest.importorskip("torch")
    logits = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(7) % 5
    expected = torch.exp(torch.nn.functional.cross_entropy(logits, targets))
    rows = torch.log_softmax(logits, 1)[torch.arange(7), targets].numpy()
    assert text.perplexity(rows) == pytest.approx(float(expected), rel=1e-6)
    assert text.perplexity(np.log(np.full(9, 1 / 50))) == pytest.approx(50)


def test_tokens_are_words_or_characters():
    assert text.tokens("Don't PANIC, 한국어는!") == ["don", "t", "panic", "한국어는"]
    assert text.tokens("가 나B", "characters") == ["가", "나", "b"]
