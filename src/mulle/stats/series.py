"""Smooth a series of numbers: by the mean of the last few, or of all with fading weights.

moving  m_t = mean of x_{t-w+1} ... x_t
ewma    v_t = beta v_{t-1} + (1 - beta) x_t, memory about 1 / (1 - beta). From v_0 = 0 the first
        values are too small: divided by 1 - beta^t they are the mean with weights beta^(t-s).

source  Kingma & Ba 2015, arXiv:1412.6980, section 3 (the correction)
catalogue  stat-ewma stat-moving-avg
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from mulle.arrays import Array
from mulle.errors import UsageError


def moving_average(x: ArrayLike, window: int) -> Array:
    """Return the moving average of (n,) numbers; nan in the first window - 1 places.

    Raises:
        UsageError: the window is below 1.

    >>> moving_average([1.0, 2.0, 3.0, 6.0], 2)[1:].tolist()
    [1.5, 2.5, 4.5]
    """
    if window < 1:
        raise UsageError("window-empty", window=window)
    means = pl.Series(np.asarray(x, np.float64)).rolling_mean(window)
    return means.fill_null(np.nan).to_numpy()


def ewma(x: ArrayLike, beta: float = 0.9, *, corrected: bool = True) -> Array:
    """Return the exponentially weighted average of (n,) numbers.

    Args:
        x: the series.
        beta: weight of what was, 0 <= beta < 1.
        corrected: start at 0 and divide by 1 - beta^t; else start at the first value.

    Raises:
        UsageError: beta is not in [0, 1).

    >>> ewma([1.0, 2.0], 0.5).round(4).tolist(), ewma([1.0, 2.0], 0.5, corrected=False).tolist()
    ([1.0, 1.6667], [1.0, 1.5])
    """
    if not 0 <= beta < 1:
        raise UsageError("beta-outside", beta=beta)
    series = pl.Series(np.asarray(x, np.float64))
    return series.ewm_mean(alpha=1 - beta, adjust=corrected).to_numpy()
