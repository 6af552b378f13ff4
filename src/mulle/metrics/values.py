"""Metrics of predicted values.

shapes  y, v (n,) in the units of the target; weights (n,) or None
sign    errors are v - y: positive is over-prediction

catalogue  met-mse met-rmse met-mae met-r2 met-overunder
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array


def _mean(x: Array, weights: Array | None) -> float:
    return float(np.average(x, weights=weights))


def mse(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the mean squared error, in squared target units."""
    return _mean((v - y) ** 2, weights)


def rmse(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the root mean squared error, in target units."""
    return float(np.sqrt(mse(y, v, weights)))


def mae(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the mean absolute error, in target units."""
    return _mean(np.abs(v - y), weights)


def median_absolute_error(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the weighted median of the absolute errors, in target units."""
    off = np.abs(v - y)
    if weights is None:
        return float(np.median(off))
    from sklearn.metrics import median_absolute_error as reference

    return float(reference(y, v, sample_weight=weights))


def mape(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the mean of |v - y| / |y| over the rows where y is not 0; nan without such rows."""
    some = y != 0
    weights = None if weights is None else np.asarray(weights)[some]
    if not some.any() or (weights is not None and not weights.sum() > 0):
        return float("nan")
    return _mean(np.abs((v[some] - y[some]) / y[some]), weights)


def r2(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return 1 - SSE / SST; negative when worse than the mean, nan when y does not vary.

    Never sufficient alone: it hides patterns in the residuals (Anscombe 1973).
    """
    spread = mse(y, np.full(len(y), _mean(y, weights)), weights)
    return 1 - mse(y, v, weights) / spread if spread > 0 else float("nan")


def mean_signed_error(y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the mean of v - y, in target units: positive where predictions are too high."""
    return _mean(v - y, weights)


def pinball(alpha: float, y: Array, v: Array, weights: Array | None = None) -> float:
    """Return the quantile loss: under-prediction costs alpha a unit, over-prediction 1 - alpha.

    Source: Koenker & Bassett 1978, "Regression Quantiles".
    """
    return _mean(np.where(y > v, alpha * (y - v), (1 - alpha) * (v - y)), weights)
