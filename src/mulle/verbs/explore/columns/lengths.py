"""Lengths of texts: how they lie, and which length is enough for 95 % of them.

catalogue  neda-seqlen
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.verbs.explore.columns.bins import bins_of
from mulle.verbs.explore.summaries import Bins, Lengths, Quantile

COVERS = (0.5, 0.95, 0.99, 1.0)


def lengths_of(
    unit: str, lengths: Array, times: Array | None = None, tokenizer: str = ""
) -> Lengths:
    """Summarize lengths (n,), each occurring once or `times` (n,) times.

    `covers` are lengths that occur: the smallest that is enough for such a share.

    >>> lengths_of("words", np.array([1, 2, 9]), np.array([5, 4, 1])).covers[1]
    Quantile(q=0.95, value=9.0)
    """
    if not len(lengths):
        return Lengths(unit, tokenizer)
    counts = np.bincount(lengths.astype(np.int64), times) if lengths.max() < 1 << 24 else None
    if counts is None:  # texts of millions of characters: no table of all lengths
        order = np.argsort(lengths, kind="stable")
        values, weights = lengths[order], np.ones(len(lengths)) if times is None else times[order]
    else:
        values = np.flatnonzero(counts)
        weights = counts[values]
    upto = np.cumsum(weights)
    place = np.searchsorted(upto, np.array(COVERS) * upto[-1] * (1 - 1e-12))
    covers = [
        Quantile(q, float(values[min(int(p), len(values) - 1)]))
        for q, p in zip(COVERS, place, strict=True)
    ]
    return Lengths(
        unit, tokenizer, float((values * weights).sum() / upto[-1]),
        float(values[0]), float(values[-1]), covers, _histogram(values, weights),
    )  # fmt: skip


def _histogram(values: Array, weights: Array) -> Bins:
    """Return counts between edges chosen as for a sample of at most 10,000 values in proportion."""
    total = float(weights.sum())
    upto = np.cumsum(weights)
    places = np.linspace(0, total, min(int(total), 10_000), endpoint=False) + 0.5
    some = values[np.minimum(np.searchsorted(upto, places), len(values) - 1)].astype(np.float64)
    some[0], some[-1] = values[0], values[-1]
    edges = bins_of(some, whole=True).edges
    if len(some) == 1:
        edges = [float(values[0]) - 0.5, float(values[-1]) + 0.5]
    before = np.concatenate(([0], upto))
    at = before[np.searchsorted(values, edges, "left")].astype(np.int64)
    at[-1] = before[np.searchsorted(values, edges[-1], "right")]
    return Bins(edges, np.diff(at).tolist(), int(at[0]), int(total) - int(at[-1]))
