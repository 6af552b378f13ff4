"""Divergences: how far two distributions lie apart.

psi               population stability index: sum (p - q) ln(p / q); shares of 0 count as 0.0001
jensen_shannon    sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2), base 2: from 0 to 1
wasserstein       integral |F(x) - G(x)| dx: in the unit of x

source  Siddiqi 2006, "Credit Risk Scorecards" (psi); Endres & Schindelin 2003 (jensen_shannon);
        Ramdas et al. 2017, arXiv:1509.02237 (wasserstein)
catalogue  stat-param
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array

MIN_SHARE = 1e-4  # of a share in psi


def psi(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the population stability index of counts (k,) in the same bins or categories.

    >>> psi([50, 50], [50, 50]), round(psi([50, 50], [25, 75]), 3)
    (0.0, 0.275)
    """
    p, q = (np.maximum(s, MIN_SHARE) for s in _shares(reference, current))
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the Jensen-Shannon distance of counts (k,) in the same bins or categories.

    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    p, q = _shares(reference, current)
    found = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    return float(np.sqrt(max(0.0, found)))


def wasserstein(x: ArrayLike, y: ArrayLike) -> float:
    """Return the Wasserstein distance of values (n,) and (m,); nan where one is empty.

    >>> wasserstein([0.0, 1.0], [2.0, 3.0])
    2.0
    """
    a, b = np.sort(np.asarray(x, np.float64)), np.sort(np.asarray(y, np.float64))
    if not len(a) or not len(b):
        return float("nan")
    both = np.sort(np.concatenate([a, b]))
    with np.errstate(over="ignore", invalid="ignore"):
        f = np.searchsorted(a, both[:-1], "right") / len(a)
        g = np.searchsorted(b, both[:-1], "right") / len(b)
        return float((np.abs(f - g) * np.diff(both)).sum())


def _shares(reference: ArrayLike, current: ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return a / a.sum(), b / b.sum()


def _entropy(p: Array) -> float:
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())
