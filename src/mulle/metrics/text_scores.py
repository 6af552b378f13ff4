"""The scores of a corpus of generated texts, each with its interval over the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mulle.arrays import Array
from mulle.metrics import text
from mulle.metrics.intervals import ScoreInterval
from mulle.metrics.text import Tokens

TEXT_METRICS = ("bleu", "rouge_1", "rouge_2", "rouge_l", "rouge_s", "meteor")
_RESAMPLES = 1_000
_AT_ONCE = 4_000_000  # draws that are held at once


def score_texts(
    candidates: Sequence[Tokens],
    references: Sequence[Sequence[Tokens]],
    stem: Callable[[str], str] | None = None,
    *,
    level: float = 0.95,
    random_state: int = 0,
) -> dict[str, ScoreInterval]:
    """Return each of `TEXT_METRICS` of a corpus, from 0 to 1, with a percentile bootstrap interval.

    BLEU is that of the whole corpus; ROUGE (F1) and METEOR are means over the texts.

    Args:
        candidates: tokens of each text.
        references: tokens of the references of each text, one or more.
        stem: gives the stem of a word, for METEOR.
        level: share of the resampled scores between the ends of an interval.
        random_state: seed of the resamples.
    """
    pairs = list(zip(candidates, references, strict=True))
    parts = np.array([text.bleu_parts(*pair) for pair in pairs])
    means = np.array([
        [
            text.rouge_n(*pair, 1).f1, text.rouge_n(*pair, 2).f1, text.rouge_l(*pair).f1,
            text.rouge_s(*pair).f1, text.meteor(*pair, stem),
        ]
        for pair in pairs
    ])  # fmt: skip
    rows = len(pairs)
    drawn = [_scores(times @ parts, times @ means / rows) for times in _times(rows, random_state)]
    low, high = np.quantile(np.concatenate(drawn), [(1 - level) / 2, (1 + level) / 2], axis=0)
    scores = _scores(parts.sum(0)[None], means.mean(0)[None])[0]
    return {
        name: ScoreInterval(float(score), float(a), float(b), level, _RESAMPLES)
        for name, score, a, b in zip(TEXT_METRICS, scores, low, high, strict=True)
    }


def _scores(parts: Array, means: Array) -> Array:
    return np.column_stack([text.bleu(parts), means])


def _times(rows: int, seed: int) -> Iterator[Array]:
    """Yield how often each row is drawn in each resample, some resamples at a time."""
    rng, at_once = np.random.default_rng(seed), max(1, min(_RESAMPLES, _AT_ONCE // rows))
    sizes = [min(at_once, _RESAMPLES - begin) for begin in range(0, _RESAMPLES, at_once)]
    return (rng.multinomial(rows, np.full(rows, 1 / rows), size) for size in sizes)
