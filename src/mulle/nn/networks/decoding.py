"""Decode texts from the probabilities of the next token: greedily, by sampling, by beam search.

All three ask a function for the logits of the next token: `next_logits(tokens)` takes ids (n, t)
and gives (n, vocabulary), as a NumPy array.

catalogue  lm-decode
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mulle.errors import UsageError
from mulle.nn.randomness import generator

NextLogits = Callable[[np.ndarray], np.ndarray]


def generate(
    next_logits: NextLogits,
    tokens: np.ndarray,
    n_new: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: int | None = None,
) -> np.ndarray:
    """Continue sequences, token by token.

    Args:
        next_logits: function of ids (n, t) that returns the logits of the next token.
        tokens: beginnings of the sequences, ids (n, t).
        n_new: number of tokens to add.
        temperature: divisor of the logits, 0 or more: below 1 favours likely tokens, 0 is greedy.
        top_k: number of likeliest tokens to draw from; None for all.
        top_p: draw only from the fewest tokens that together have this probability, 0 to 1.
        stop: id that ends a sequence and then fills it; decoding ends when all have ended.

    Returns:
        ids (n, t + added), beginning with `tokens`.

    Raises:
        UsageError: a setting is out of its range.

    Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1 (top-p).
    """
    if temperature < 0 or (top_k is not None and top_k < 1) or not 0 < (top_p or 1) <= 1:
        raise UsageError(
            "decoding-settings", temperature=temperature, top_k=str(top_k), top_p=str(top_p)
        )
    tokens = np.asarray(tokens)
    done = np.zeros(len(tokens), bool)
    for _ in range(n_new):
        logits = next_logits(tokens)
        if temperature == 0:
            chosen = logits.argmax(axis=1)
        else:
            chosen = _sample(_filter(logits / temperature, top_k, top_p))
        if stop is not None:
            chosen = np.where(done, stop, chosen)
            done |= chosen == stop
        tokens = np.concatenate([tokens, chosen[:, None]], axis=1)
        if done.all() and stop is not None:
            break
    return tokens


def beam_search(
    next_logits: NextLogits,
    tokens: np.ndarray,
    n_new: int,
    *,
    beams: int = 4,
    stop: int | None = None,
) -> tuple[np.ndarray, float]:
    """Find a likely continuation by keeping the best few beginnings at each step.

    Args:
        next_logits: function of ids (n, t) that returns the logits of the next token.
        tokens: beginning of the sequence, ids (t).
        n_new: number of tokens to add.
        beams: number of beginnings kept at each step; 1 is greedy.
        stop: id that ends a sequence.

    Returns:
        The ids (t + added), and the log-probability of the added ones.
    """
    sequences, scores = np.asarray(tokens)[None], np.zeros(1)
    done = np.zeros(1, bool)
    for _ in range(n_new):
        steps = log_softmax(next_logits(sequences))
        if stop is not None:
            steps[done] = -np.inf  # what is finished is only carried along
            steps[done, stop] = 0.0
        totals = scores[:, None] + steps
        best = np.argsort(-totals, axis=None, kind="stable")[:beams]
        best = best[totals.ravel()[best] > -np.inf]
        beam, token = np.unravel_index(best, totals.shape)
        sequences = np.concatenate([sequences[beam], token[:, None]], axis=1)
        scores = totals[beam, token]
        if stop is not None:
            done = done[beam] | (token == stop)
            if done.all():
                break
    return sequences[0], float(scores[0])


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithms of the probabilities, in float64."""
    x = logits.astype(np.float64)
    x -= x.max(axis=1, keepdims=True)
    x -= np.log(np.exp(x).sum(axis=1, keepdims=True))
    return x


def _filter(logits: np.ndarray, top_k: int | None, top_p: float | None) -> np.ndarray:
    """Return the logarithms of the probabilities, -inf for tokens that may not be drawn."""
    log_p = log_softmax(logits)
    order = np.argsort(-log_p, axis=1, kind="stable")
    ranked = np.take_along_axis(log_p, order, axis=1)
    if top_k is not None:
        ranked[:, top_k:] = -np.inf
    if top_p is not None:
        p = np.exp(log_softmax(ranked))
        ranked[p.cumsum(axis=1) - p >= top_p] = -np.inf  # the likeliest always stays
    np.put_along_axis(log_p, order, ranked, axis=1)
    return log_p


def _sample(log_p: np.ndarray) -> np.ndarray:
    """Draw one id per row by its probability: the largest of log p + Gumbel noise."""
    chosen: np.ndarray = (log_p + generator().gumbel(size=log_p.shape)).argmax(axis=1)
    return chosen
