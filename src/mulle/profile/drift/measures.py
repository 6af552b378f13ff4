"""Distances between two sets of counts over one frame; each measure once.

ks                max over the edges |F - G|: the largest share of rows that moved past a value
total_variation   1/2 sum |p - q|: the share of rows that would have to change their category
missing_share     q - p of rows without a value
unseen_share      rows of values that the reference lacks, beyond those to be expected: a sample of
                  n rows with f values that occur once is expected to lack a share of f / n
tail_share        |q - p| of rows outside the middle of the reference, for that middle of 99.8 % to
                  few rows where it is largest: the largest share that moved outwards, or inwards
range_share       q - p of rows outside all that the reference holds
psi, jensen_shannon, cramers_v, wasserstein_std
                  for the reader: over at most 20 bins; sqrt(chi-squared / (n + m)) of the table of
                  two rows; integral |F - G| dx between the outer edges, F and G taken as straight
                  between edges, over the standard deviation of the reference

All but the last line are shares of rows, so that one threshold means the same for all of them.

source  Good 1953, "The population frequencies of species", and Robbins 1968 for its deviation
        (unseen); Cramer 1946 (cramers_v); the others as in mulle.stats.divergences
catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array
from mulle.profile.counts import CategoryCounts, NumberCounts
from mulle.stats import chi_squared, jensen_shannon, psi

COARSE = 20  # bins of PSI and Jensen-Shannon
MAX_CATEGORIES, MIN_EXPECTED = 50, 5  # categories compared alone, and rows that each must have


def ks(reference: ArrayLike, current: ArrayLike) -> float:
    """Return ks of counts (k,) in the same ordered bins; nan where one is empty.

    >>> ks([50, 50, 0], [0, 50, 50])
    0.5
    """
    p, q = _shares(reference, current)
    return float(np.abs(np.cumsum(p - q)).max())


def total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Return total_variation of counts (k,) of the same categories; nan where one is empty.

    >>> total_variation([60, 40], [50, 50])
    0.1
    """
    p, q = _shares(reference, current)
    return round(float(np.abs(p - q).sum() / 2), 12)


def cramers_v(reference: ArrayLike, current: ArrayLike) -> float:
    """Return cramers_v of counts (k,) of the same categories; nan where it is undefined."""
    n = float(np.sum(reference) + np.sum(current))
    return float(np.sqrt(chi_squared(reference, current).statistic / n)) if n else float("nan")


def wasserstein_std(reference: NumberCounts, current: NumberCounts) -> float:
    """Return wasserstein_std over the same edges; nan where a side is empty or nothing varies."""
    edges = np.asarray(reference.edges)
    if len(edges) < 2 or not reference.moments.std > 0:
        return float("nan")
    f, g = (np.cumsum(s)[:-1] for s in _shares(reference.counts, current.counts))
    d, width = f - g, np.diff(edges)
    a, b = d[:-1], d[1:]
    same = a * b >= 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = (a * a + b * b) / (2 * (np.abs(a) + np.abs(b)))
        mean = np.where(same, (np.abs(a) + np.abs(b)) / 2, crossing)
        return float((mean * width).sum() / reference.moments.std)


def coarse(reference: ArrayLike, current: ArrayLike) -> tuple[Array, Array]:
    """Merge ordered bins until each holds a twentieth of the reference, or is the last."""
    p, q = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    place = np.floor(np.cumsum(p) / max(p.sum(), 1) * COARSE * (1 + 1e-12)).astype(int)
    place = np.minimum(np.concatenate(([0], place[:-1])), COARSE - 1)
    return np.bincount(place, p, COARSE), np.bincount(place, q, COARSE)


def aligned(reference: CategoryCounts, current: CategoryCounts) -> tuple[list[str], Array, Array]:
    """Return counts by category: those with rows enough alone, the others as the last one."""
    names = sorted(reference.counts, key=lambda v: (-reference.counts[v], v))
    expected = min(1.0, current.present / max(reference.present, 1))
    alone = [
        v
        for v in names[:MAX_CATEGORIES]
        if reference.counts[v] * max(expected, 1e-9) >= MIN_EXPECTED or len(names) <= 2
    ]
    p = [reference.counts[v] for v in alone]
    q = [current.counts.get(v, 0) for v in alone]
    rest = reference.present - sum(p), current.present - sum(q)
    return alone, np.array([*p, rest[0]], float), np.array([*q, rest[1]], float)


def middles(reference: NumberCounts) -> tuple[Array, Array]:
    """Return the middles of the reference, widest first: bins [a, b), of which each holds the next.

    Below and above the middle lie the same share of the reference's rows, as nearly as bins allow.
    """
    share = np.cumsum(reference.counts) / max(reference.present, 1)
    first = np.flatnonzero(share < 0.5) + 1
    last = np.searchsorted(share, 1 - share[first - 1], side="left") + 1
    return first, np.minimum(last, len(reference.counts))


def outside(reference: NumberCounts, counts: NumberCounts) -> Array:
    """Count the rows outside each middle of the reference."""
    first, last = middles(reference)
    below = np.concatenate(([0], np.cumsum(counts.counts)))
    found: Array = counts.present - (below[last] - below[first])
    return found.astype(np.float64)


def tail(reference: NumberCounts, current: NumberCounts) -> tuple[int, float]:
    """Return which middle has the largest change of the share outside it, and that change."""
    a, b = outside(reference, reference), outside(reference, current)
    if not len(a):
        return 0, 0.0
    change = b / max(current.present, 1) - a / max(reference.present, 1)
    most = int(np.abs(change).argmax())
    return most, float(change[most])


def beyond(counts: NumberCounts) -> int:
    """Count the rows before the first edge or from the last on: outside the reference's range."""
    return counts.counts[0] + counts.counts[-1] + counts.infinite if counts.edges else 0


def to_be_expected(reference: CategoryCounts) -> tuple[float, float]:
    """Return the expected share of further rows with unseen values, and its deviation.

    f / n and sqrt(f + 2 g) / n, where f values occur once and g twice (g <= f / 2 is supposed).
    """
    n = max(reference.present, 1)
    return reference.single / n, float(np.sqrt(2 * reference.single)) / n


def other_measures(reference: Any, current: Any) -> dict[str, float]:
    """Return the measures that are shown and decide nothing."""
    if isinstance(reference, NumberCounts):
        p, q = coarse(reference.counts, current.counts)
        found = {"wasserstein_std": wasserstein_std(reference, current)}
    else:
        _, p, q = aligned(reference, current)
        found = {"cramers_v": cramers_v(p, q)}
    found |= {"psi": psi(p, q), "jensen_shannon": jensen_shannon(p, q)}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _shares(reference: ArrayLike, current: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return a / a.sum(), b / b.sum()
