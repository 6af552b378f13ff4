"""The power of a test of two means, and the rows that a power takes.

power  P(|T| > t_crit) for T noncentral t with 2n - 2 degrees and centre d sqrt(n / 2): two groups
       of n rows each, d = (mean - mean) / std, both sides, level alpha
rows   the smallest n with that power

source  Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", chapter 2
catalogue  stat-power stat-sample-size
"""

from __future__ import annotations

import math

import numpy as np

from mulle.errors import UsageError

MAX_ROWS = 1_000_000_000


def power(effect: float, rows: float, alpha: float = 0.05) -> float:
    """Return the power of a two-sided t-test of two groups of equal size.

    Args:
        effect: difference of the means in standard deviations.
        rows: in each group, at least 2.
        alpha: level of significance.

    Raises:
        UsageError: fewer than 2 rows.

    >>> round(power(0.5, 64), 3)
    0.801
    """
    if rows < 2:
        raise UsageError("rows-too-few", rows=rows)
    from scipy.special import nctdtr, ndtr, ndtri, stdtrit

    degrees, centre = 2 * rows - 2, abs(effect) * math.sqrt(rows / 2)
    if degrees > 1e5:  # the t is normal by then, and its series is not to be summed
        edge = ndtri(1 - alpha / 2)
        return float(ndtr(centre - edge) + ndtr(-centre - edge))
    edge = stdtrit(degrees, 1 - alpha / 2)
    below = np.nan_to_num(nctdtr(degrees, centre, -edge))  # underflows to nan far out
    return float(1 - nctdtr(degrees, centre, edge) + below)


def sample_size(effect: float, wanted: float = 0.8, alpha: float = 0.05) -> int:
    """Return the rows that each of two groups needs for a power.

    Raises:
        UsageError: no effect, or a power that is not between alpha and 1.

    >>> sample_size(0.5)
    64
    """
    if not effect:
        raise UsageError("effect-zero")
    if not alpha < wanted < 1:
        raise UsageError("power-range", power=wanted, alpha=alpha)
    low, high = 2, 4
    while power(effect, high, alpha) < wanted and high < MAX_ROWS:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle, alpha) >= wanted else (middle + 1, high)
    return low
