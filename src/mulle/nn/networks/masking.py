"""Training data of BERT: texts with masked tokens, and true and false pairs of sentences.

catalogue  lm-mlm lm-nsp
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mulle.errors import DataError
from mulle.nn.networks._tokens import IGNORED
from mulle.nn.randomness import generator


def mask_tokens(
    tokens: np.ndarray,
    vocab_size: int,
    *,
    mask: int,
    special: Sequence[int] = (),
    share: float = 0.15,
) -> tuple[np.ndarray, np.ndarray]:
    """Choose positions to predict; 80 % show [MASK], 10 % a random token, 10 % the true one.

    Args:
        tokens: ids, shape (n, t).
        vocab_size: number of token ids; random tokens are drawn below it, without special ones.
        mask: the id of [MASK].
        special: ids that are never chosen: padding, [CLS], [SEP].
        share: probability of each position to be chosen, 0 to 1.

    Returns:
        The input of the model (n, t), and the targets (n, t): the true id at the chosen positions,
        `IGNORED` elsewhere.

    Source: Devlin et al. 2019, arXiv:1810.04805, section 3.1.
    """
    rng = generator()
    chosen = (rng.random(tokens.shape) < share) & ~np.isin(tokens, [*special, mask])
    fate = rng.random(tokens.shape)
    ordinary = np.setdiff1d(np.arange(vocab_size), [*special, mask])
    seen = np.where(chosen & (fate < 0.8), mask, tokens)
    seen = np.where(chosen & (fate >= 0.9), rng.choice(ordinary, tokens.shape), seen)
    return seen, np.where(chosen, tokens, IGNORED)


def sentence_pairs(
    documents: Sequence[Sequence[Sequence[int]]],
    *,
    length: int,
    cls: int,
    sep: int,
    padding: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make [CLS] A [SEP] B [SEP] from each sentence A, half with its next sentence, half not.

    Args:
        documents: each a list of sentences, each a list of ids; at least two documents.
        length: number of tokens of a pair; longer pairs are cut, A first, to at most half.
        cls: the id of [CLS].
        sep: the id of [SEP].
        padding: id that fills the end.

    Returns:
        tokens (n, length), segments (n, length): 1 from sentence B on, 0 before and for padding,
        and follows (n): 1 where B is what follows A.

    Raises:
        DataError: there is no other document to draw from.

    Source: Devlin et al. 2019, arXiv:1810.04805, section 3.1 and appendix A.2.
    """
    if len(documents) < 2:
        raise DataError("sentence-pairs")
    rng = generator()
    rows, follows = [], []
    for d, document in enumerate(documents):
        for first, second in pairwise(document):
            true = rng.random() < 0.5
            if not true:
                further = 1 + int(rng.integers(len(documents) - 1))
                other = documents[(d + further) % len(documents)]
                second = other[int(rng.integers(len(other)))]
            rows.append(_joined(first, second, length, cls, sep, padding))
            follows.append(int(true))
    tokens, segments = np.array(rows).transpose(1, 0, 2)
    return tokens, segments, np.array(follows)


def _joined(
    a: Sequence[int], b: Sequence[int], length: int, cls: int, sep: int, padding: int
) -> tuple[list[int], list[int]]:
    a = list(a)[: max(length // 2 - 2, length - 3 - len(b))]
    b = list(b)[: length - 3 - len(a)]
    tokens = [cls, *a, sep, *b, sep]
    segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
    missing = length - len(tokens)
    return tokens + [padding] * missing, segments + [0] * missing
