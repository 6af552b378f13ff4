"""How two numbers go together, all pairs at once; a pair counts the rows that have both.

pearson   r = cov(x, y) / (std(x) std(y)): how nearly a line
spearman  Pearson of the ranks, ties sharing the mean of theirs; each column ranked over its own
          values: how nearly monotone
kendall   tau-b = (concordant - discordant) / sqrt(pairs untied in x * pairs untied in y), over all
          pairs of at most 1,000 of the rows

source  Kendall 1945, "The treatment of ties in ranking problems"
catalogue  stat-corr stat-corr-sign stat-covariance eda-bivariate plot-heatmap
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array

KENDALL_ROWS = 1000
_CHUNK = 500_000  # signs held at once


def pearson(x: Array) -> tuple[Array, Array]:
    """Return correlations (p, p) of columns (n, p) with nan, and the rows of each pair (p, p).

    nan where a column does not vary in those rows.

    >>> pearson(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [np.nan, 0.0]]))[0].round(3).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    present = ~np.isnan(x)
    z = _standard(x, present)
    m = present.astype(np.float64)
    n = m.T @ m
    s, q, c = z.T @ m, (z * z).T @ m, z.T @ z
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = q / n - (s / n) ** 2
        spread[spread < 1e-12] = np.nan  # nothing but rounding
        r = (c / n - (s / n) * (s / n).T) / np.sqrt(spread * spread.T)
    return np.clip(r, -1, 1), n


def spearman(x: Array) -> Array:
    """Return rank correlations (p, p) of the columns of (n, p) with nan."""
    return pearson(ranks(x))[0]


def ranks(x: Array) -> Array:
    """Rank each column of (n, p) from 1; ties share their mean rank, nan stays nan."""
    out = np.full(x.shape, np.nan)
    for k in range(x.shape[1]):
        present = np.flatnonzero(~np.isnan(x[:, k]))
        order = np.argsort(x[present, k], kind="stable")
        ordered = x[present[order], k]
        starts = np.flatnonzero(np.concatenate(([len(present) > 0], ordered[1:] != ordered[:-1])))
        times = np.diff(starts, append=len(present))
        out[present[order], k] = np.repeat(starts + (times + 1) / 2, times)
    return out


def kendall(x: Array, seed: int = 0) -> Array:
    """Return Tau-b (p, p) of the columns of (n, p) with nan, from at most 1,000 rows."""
    n, p = x.shape
    if n > KENDALL_ROWS:
        rows = np.random.default_rng(seed).choice(n, KENDALL_ROWS, replace=False)
        x, n = x[rows], KENDALL_ROWS
    first, second = np.triu_indices(n, 1)
    sums, untied = np.zeros((p, p)), np.zeros((p, p))
    size = max(1, _CHUNK // max(p, 1))
    for at in range(0, len(first), size):
        a, b = x[first[at : at + size]], x[second[at : at + size]]
        both = ~(np.isnan(a) | np.isnan(b))
        sign = ((a > b).astype(np.float32) - (a < b)).astype(np.float32)  # nan compares false
        sums += sign.T @ sign
        untied += np.abs(sign).T @ both.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(sums / np.sqrt(untied * untied.T), -1, 1)


def components(r: Array, count: int = 5) -> tuple[Array, Array]:
    """Return principal components of standardised columns from their correlations.

    R v = lambda v: lambda is the variance along v, and its share is lambda / p.

    Args:
        r: correlations (p, p); nan counts as 0.
        count: how many components.

    Returns:
        Shares (k,) from the largest down, and the directions (k, p), each with its largest weight
        positive.

    catalogue  stat-eigen
    """
    full = np.nan_to_num(r)
    np.fill_diagonal(full, 1.0)
    values, vectors = np.linalg.eigh((full + full.T) / 2)
    order = np.argsort(-values, kind="stable")[:count]
    directions = vectors[:, order].T
    largest = np.abs(directions).argmax(1)
    directions *= np.sign(directions[np.arange(len(order)), largest])[:, None]
    return np.maximum(values[order], 0) / len(full), directions


def _standard(x: Array, present: Array) -> Array:
    """Standardise columns to mean 0 and spread 1, missing values to 0; scaled before squaring."""
    kept = np.where(present, x, 0.0)
    scale = np.abs(kept).max(0, initial=0.0)
    kept = kept / np.where(scale > 0, scale, 1.0)
    n = np.maximum(present.sum(0), 1)
    kept = np.where(present, kept - kept.sum(0) / n, 0.0)
    std = np.sqrt((kept * kept).sum(0) / n)
    found: Array = kept / np.where(std > 1e-14, std, np.inf)
    return found
