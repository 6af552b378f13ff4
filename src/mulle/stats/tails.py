"""Tail probabilities of distributions, from which p-values are made.

normal       P(|Z| >= z) = erfc(z / sqrt 2)
chi_squared  P(X >= x) with k degrees = Q(k / 2, x / 2), the upper incomplete gamma function by its
             series where x < k + 2, else by its continued fraction
kolmogorov   P(sqrt(n) D >= x) = 2 sum (-1)^(j-1) exp(-2 j^2 x^2)

Written out because SciPy's import takes longer than exploring most tables does.

source  DLMF 8.7.1 and 8.9.2 (gamma), 7.2.2 (erfc); Kolmogorov 1933
catalogue  stat-pvalue
"""

from __future__ import annotations

import math

_TERMS, _SMALL = 100_000, 1e-16


def normal(z: float) -> float:
    """Return the probability of both tails of a standard normal distribution.

    >>> round(normal(1.96), 4)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))


def kolmogorov(x: float) -> float:
    """Return the tail of the limiting distribution of Kolmogorov's statistic.

    >>> round(kolmogorov(1.358), 3)
    0.05
    """
    if x < 0.2:  # the series alternates without end, and the chance is 1 to 12 places
        return 1.0
    terms = (2 * (-1) ** (j - 1) * math.exp(-2 * (j * x) ** 2) for j in range(1, 60))
    return min(1.0, max(0.0, math.fsum(terms)))


def chi_squared(x: float, degrees: float) -> float:
    """Return the upper tail of the chi-squared distribution.

    >>> round(chi_squared(3.841, 1), 3)
    0.05
    """
    if x <= 0:
        return 1.0
    a, half = degrees / 2, x / 2
    front = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        return max(0.0, 1 - front * _series(a, half))
    return front * _fraction(a, half)


def _series(a: float, x: float) -> float:
    """Return the sum over k of x^k / (a (a + 1) ... (a + k))."""
    term = total = 1 / a
    for k in range(1, _TERMS):
        term *= x / (a + k)
        total += term
        if term < total * _SMALL:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Return 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / ...)), by Lentz's method."""
    step = x + 1 - a
    d = 1 / step
    c, found = 1e300, d
    for k in range(1, _TERMS):
        part = -k * (k - a)
        step += 2
        d = 1 / (part * d + step or 1e-300)
        c = step + part / c or 1e-300
        found *= c * d
        if abs(c * d - 1) < _SMALL * 10:
            break
    return found
