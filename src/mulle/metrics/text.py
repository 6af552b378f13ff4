"""Measures of generated text against references: BLEU, ROUGE, METEOR, perplexity.

All but perplexity compare words. A text is given as its tokens, which `tokens` makes; scores of
different tokens are not comparable. A measure of a corpus is a function of sums over its texts
(BLEU) or a mean over them (ROUGE, METEOR), so each text gives its part first: `bleu_parts`,
`rouge_n`, `rouge_l`, `rouge_s` and `meteor`.

catalogue  met-bleu met-rouge1 met-rouge2 met-rougel met-rouges met-meteor met-ppl met-branching
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from mulle.arrays import Array

Tokens = Sequence[str]
Unit = Literal["words", "characters"]
_WORDS = re.compile(r"\w+", re.UNICODE)
_LONGEST = 4  # n-grams of BLEU
_SKIP = 4  # words that ROUGE-S may skip between the two of a pair
_RECALL_WEIGHT, _PENALTY, _STEEPNESS = 0.9, 0.5, 3.0  # of METEOR, Banerjee and Lavie 2005


class Overlap(NamedTuple):
    """What two texts share.

    Attributes:
        precision: share of the candidate's parts that the reference has.
        recall: share of the reference's parts that the candidate has.
        f1: their harmonic mean; 0 where both are 0.
    """

    precision: float
    recall: float
    f1: float


def tokens(text: str, unit: Unit = "words") -> list[str]:
    """Return the tokens of a text: words in lower case without punctuation, or characters.

    A Korean word is what stands between spaces, its particles with it: characters are often the
    fairer unit there.

    >>> tokens("The cat's 3 mats."), tokens("새 집", "characters")
    (['the', 'cat', 's', '3', 'mats'], ['새', '집'])
    """
    words = _WORDS.findall(text.lower())
    return words if unit == "words" else [c for word in words for c in word]


# --- BLEU -------------------------------------------------------------------------------------


def bleu_parts(candidate: Tokens, references: Sequence[Tokens]) -> Array:
    """Return what a text adds to the sums of BLEU.

    Returns:
        (10,): clipped n-grams that a reference has, for n = 1 to 4; n-grams of the candidate, for
        n = 1 to 4; its length; the length of the reference that is nearest in length.
    """
    found, all_of_it = [], []
    for n in range(1, _LONGEST + 1):
        own, most = _grams(candidate, n), Counter[Tokens]()
        for reference in references:
            most |= _grams(reference, n)
        found.append((own & most).total())
        all_of_it.append(own.total())
    lengths = [len(reference) for reference in references]
    nearest = min(lengths, key=lambda length: (abs(length - len(candidate)), length))
    return np.array([*found, *all_of_it, len(candidate), nearest], np.float64)


def bleu(parts: Array) -> Array:
    """Return BLEU of corpora from the sums of their parts: exp(mean of ln pₙ) min(1, e^(1 − r/c)).

    Source: Papineni et al. 2002, BLEU: a method for automatic evaluation of machine translation.

    Args:
        parts: (..., 10) sums of `bleu_parts` over the texts of each corpus.

    Returns:
        (...) from 0 to 1; 0 where no n-gram of some length is shared (no smoothing), nan where the
        candidates have no n-gram of some length.
    """
    found, whole = parts[..., :_LONGEST], parts[..., _LONGEST : 2 * _LONGEST]
    candidate, reference = parts[..., -2], parts[..., -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.log(found / whole).mean(-1)
        brevity = np.minimum(0.0, 1.0 - reference / candidate)
    return np.asarray(np.exp(precision + brevity))


# --- ROUGE ------------------------------------------------------------------------------------


def rouge_n(candidate: Tokens, references: Sequence[Tokens], n: int) -> Overlap:
    """Return the overlap of n-grams with the reference that gives most.

    Source: Lin 2004, ROUGE: a package for automatic evaluation of summaries, section 2.
    """
    own = _grams(candidate, n)
    return _best(_counted(own, _grams(reference, n)) for reference in references)


def rouge_l(candidate: Tokens, references: Sequence[Tokens]) -> Overlap:
    """Return the longest common subsequence as a share of each text (Lin 2004, section 3)."""
    return _best(
        _overlap(_common(candidate, reference), len(candidate), len(reference))
        for reference in references
    )


def rouge_s(candidate: Tokens, references: Sequence[Tokens], skip: int = _SKIP) -> Overlap:
    """Return the overlap of pairs of words in their order, with gaps of at most `skip` words.

    Source: Lin 2004, section 5.
    """
    own = _pairs(candidate, skip)
    return _best(_counted(own, _pairs(reference, skip)) for reference in references)


def _counted(own: Counter[Tokens], theirs: Counter[Tokens]) -> Overlap:
    return _overlap((own & theirs).total(), own.total(), theirs.total())


def _overlap(shared: int, own: int, theirs: int) -> Overlap:
    precision, recall = shared / own if own else 0.0, shared / theirs if theirs else 0.0
    both = precision + recall
    return Overlap(precision, recall, 2 * precision * recall / both if both else 0.0)


def _best(overlaps: Iterable[Overlap]) -> Overlap:
    return max(overlaps, key=lambda overlap: overlap.f1)


def _grams(words: Tokens, n: int) -> Counter[Tokens]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _pairs(words: Tokens, skip: int) -> Counter[Tokens]:
    return Counter(
        (first, second) for i, first in enumerate(words) for second in words[i + 1 : i + 2 + skip]
    )


def _common(one: Tokens, other: Tokens) -> int:
    """Return the length of the longest common subsequence.

    A row of the table of lengths is kept as bits, of which each 0 is a step: a word costs a few
    operations on integers (Hyyrö 2004, Bit-parallel LCS-length computation revisited).
    """
    places: dict[str, int] = {}
    for i, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << i
    all_ones = (1 << len(one)) - 1
    row = all_ones
    for word in other:
        matched = row & places.get(word, 0)
        row = (row + matched | row - matched) & all_ones
    return len(one) - row.bit_count()


# --- METEOR -----------------------------------------------------------------------------------


def meteor(
    candidate: Tokens, references: Sequence[Tokens], stem: Callable[[str], str] | None = None
) -> float:
    """Return METEOR against the reference that gives most, without its stage of synonyms.

    F (1 − 0.5 (chunks / matches)³) with F = 10 P R / (R + 9 P): words are matched as they are,
    then by their stems; a chunk is a stretch of matches that stand side by side in both texts.

    Source: Banerjee and Lavie 2005, METEOR: an automatic metric for MT evaluation.

    Args:
        candidate: tokens.
        references: tokens of each reference.
        stem: gives the stem of a word; None leaves the stage of stems out.
    """
    return max(_meteor(candidate, reference, stem) for reference in references)


def _meteor(candidate: Tokens, reference: Tokens, stem: Callable[[str], str] | None) -> float:
    matches = sorted(_aligned(candidate, reference, stem))
    if not matches:
        return 0.0
    precision, recall = len(matches) / len(candidate), len(matches) / len(reference)
    mean = precision * recall / (_RECALL_WEIGHT * precision + (1 - _RECALL_WEIGHT) * recall)
    broken = sum((i + 1, j + 1) != following for (i, j), following in pairwise(matches))
    penalty: float = _PENALTY * ((broken + 1) / len(matches)) ** _STEEPNESS
    return mean * (1 - penalty)


def _aligned(
    candidate: Tokens, reference: Tokens, stem: Callable[[str], str] | None
) -> list[tuple[int, int]]:
    """Pair the words of two texts, from the last to the first, each with the last that is left."""
    own, theirs = list(enumerate(candidate)), list(enumerate(reference))
    found: list[tuple[int, int]] = []
    for stage in (str, stem):
        if stage is None:
            break
        places: dict[str, list[int]] = {}
        for j, word in theirs:
            places.setdefault(stage(word), []).append(j)
        left = []
        for i, word in reversed(own):
            if waiting := places.get(stage(word)):
                found.append((i, waiting.pop()))
            else:
                left.append((i, word))
        taken = {j for _, j in found}
        own, theirs = left[::-1], [(j, word) for j, word in theirs if j not in taken]
    return found


# --- perplexity -------------------------------------------------------------------------------


def perplexity(log_probabilities: Array) -> float:
    """Return exp of the mean negative log probability of the tokens.

    It reads as the number of equally likely next tokens, and is comparable only between models
    that split the same text into the same tokens.

    Source: Jelinek et al. 1977, Perplexity, a measure of the difficulty of speech recognition.

    Args:
        log_probabilities: (n,) natural logarithms, of each token given those before it.

    >>> round(perplexity(np.log([0.25, 0.25, 0.25])), 3)
    4.0
    """
    return float(np.exp(-np.mean(log_probabilities)))
