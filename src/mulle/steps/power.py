"""Make skewed numbers more symmetric: Yeo-Johnson, Box-Cox, log and square root.

catalogue  xf-log xf-sqrt xf-boxcox xf-yeojohnson xf-normality
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import Choice, Interval
from mulle.graph import Matrix
from mulle.settings import Parameters
from mulle.steps.base import Step

_NEAR_ZERO = 1e-12
_CELLS_AT_ONCE = 1_000_000
_EXPONENTS = (-5.0, 5.0)  # far out a power overflows on values a little beyond the training range
_DIGITS = 9.0  # a power below e^-9 loses more than four digits beside the 1 that is taken off
_NO_LIKELIHOOD = 1e300


class PowerTransform(Step):
    """Transform by a power whose exponent is learned for each column by maximum likelihood.

    Yeo-Johnson   ((x+1)^k - 1)/k for x >= 0 and -((1-x)^(2-k) - 1)/(2-k) for x < 0, with
                  log(1+x) at k = 0 and -log(1-x) at k = 2
    Box-Cox       (x^k - 1)/k, log(x) at k = 0, for x > 0; smaller values are taken as the least
                  one seen in training
    log1p, sqrt   sign(x) log(1+|x|) and sign(x) sqrt(|x|): nothing to learn

    Args:
        method: which of them.
        min_skew: a column whose absolute skewness is not above this is left as it is.

    Source: I. Yeo and R. Johnson, Biometrika 87 (2000), eq. 2.1; G. Box and D. Cox, J. R. Stat.
    Soc. B 26 (1964). The exponents are scikit-learn's, to seven digits.

    >>> x = np.array([[0.0], [np.e - 1], [99.0]])
    >>> PowerTransform("log1p", min_skew=0.0).fit_transform(x).round(3)
    array([[0.   ],
           [1.   ],
           [4.605]])
    """

    parameters: ClassVar[Parameters] = {
        "method": Choice("yeo-johnson", "box-cox", "log1p", "sqrt"),
        "min_skew": Interval(float, 0),
    }

    def __init__(
        self,
        method: Literal["yeo-johnson", "box-cox", "log1p", "sqrt"] = "yeo-johnson",
        *,
        min_skew: float = 1.0,
    ) -> None:
        self.method = method
        self.min_skew = min_skew

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn which columns are skewed, and their exponents."""
        from scipy.stats import skew

        self.skew_ = np.zeros(x.shape[1])
        for columns in np.array_split(np.arange(x.shape[1]), -(-x.size // _CELLS_AT_ONCE)):
            check(stop)
            found = skew(x[:, columns], axis=0, nan_policy="omit")
            self.skew_[columns] = np.nan_to_num(np.asarray(found, np.float64))
        self.bent_ = np.abs(self.skew_) > self.min_skew
        self.exponent_ = np.ones(x.shape[1])
        self.least_ = np.zeros(x.shape[1])
        if self.method in {"yeo-johnson", "box-cox"}:
            for j in np.flatnonzero(self.bent_):
                check(stop)
                self._learn_exponent(x[:, j], int(j))

    def _learn_exponent(self, column: Array, j: int) -> None:
        known = column[~np.isnan(column)]
        if self.method == "box-cox":
            positive = known[known > 0]
            if not len(positive):
                self.bent_[j] = False
                return
            self.least_[j] = positive.min()
            logs, low = np.log(np.maximum(known, self.least_[j])), np.zeros(len(known), bool)
        else:
            logs, low = np.log1p(np.abs(known)), known < 0
        self.exponent_[j] = _most_likely(logs[~low], logs[low])

    def compute(self, x: Matrix) -> Matrix:
        """Return the columns [N, K], the skewed ones transformed."""
        if not self.bent_.any():
            return x
        xp = x.__array_namespace__()
        with np.errstate(all="ignore"):
            bent = self._formula(x, xp)
        if self.bent_.all():
            return bent
        return xp.where(xp.asarray(self.bent_), bent, x)

    def _formula(self, x: Matrix, xp: Matrix) -> Matrix:
        if self.method == "log1p":
            return xp.sign(x) * xp.log1p(xp.abs(x))
        if self.method == "sqrt":
            return xp.sign(x) * xp.sqrt(xp.abs(x))
        if self.method == "box-cox":
            least = xp.asarray(np.where(self.least_ > 0, self.least_, 1.0))
            return _bend(xp, xp.maximum(x, least), self.exponent_)
        low = x < 0
        bent = _bend(xp, xp.abs(x) + 1.0, self.exponent_, low, 2.0 - self.exponent_)
        return xp.where(low, -bent, bent)


def _most_likely(logs: Array, logs_below: Array) -> float:
    """Return the exponent under which transformed values are most like a normal distribution's.

    Args:
        logs: log(x) for Box-Cox, log(1 + x) of the values x >= 0 for Yeo-Johnson.
        logs_below: log(1 - x) of the values below 0.
    """
    from scipy.optimize import minimize_scalar

    count, total = len(logs) + len(logs_below), logs.sum() - logs_below.sum()
    least, most = _EXPONENTS
    if not len(logs_below):
        least = max(least, -_DIGITS / max(logs.min(), _NEAR_ZERO))
    if not len(logs):
        most = min(most, 2 + _DIGITS / max(logs_below.min(), _NEAR_ZERO))

    def loss(exponent: float) -> float:
        with np.errstate(all="ignore"):
            value = _log_variance(exponent, logs, logs_below) * count / 2 - (exponent - 1) * total
        return float(value) if np.isfinite(value) else _NO_LIKELIHOOD

    return float(minimize_scalar(loss, bounds=(least, most), options={"xatol": 1e-8}).x)


def _log_variance(exponent: float, logs: Array, logs_below: Array) -> float:
    """Return the logarithm of the variance of the transformed values."""
    if not len(logs_below):  # a factor taken out keeps digits where the powers are alike
        centre = logs.mean()
        return float(2 * exponent * centre + np.log(np.var(_power(logs - centre, exponent))))
    bent = np.concatenate([_power(logs, exponent), -_power(logs_below, 2 - exponent)])
    return float(np.log(np.var(bent)))


def _power(logs: Array, exponent: float) -> Array:
    """Return (v^k - 1)/k from log(v); log(v) itself at k = 0."""
    return logs if abs(exponent) < _NEAR_ZERO else np.expm1(exponent * logs) / exponent


def _bend(
    xp: Matrix,
    positive: Matrix,
    exponent: Array,
    other: Matrix | None = None,
    other_exponent: Array | None = None,
) -> Matrix:
    """Return (v^k - 1)/k column by column, log(v) where k is 0.

    Args:
        positive: the numbers v [N, K].
        exponent: k of each column [K].
        other: mask [N, K] of the numbers with the other exponent; None for none.
        other_exponent: the other exponent of each column [K].
    """

    def chosen(of: Callable[[Array], Array]) -> Matrix:
        usual = xp.asarray(of(exponent))
        if other is None or other_exponent is None:
            return usual
        return xp.where(other, xp.asarray(of(other_exponent)), usual)

    logarithm = xp.log(positive)
    safe = chosen(lambda k: np.where(_is_zero(k), 1.0, k))
    power = (xp.exp(logarithm * safe) - 1.0) / safe
    if _is_zero(exponent).any() or (other_exponent is not None and _is_zero(other_exponent).any()):
        return xp.where(chosen(_is_zero), logarithm, power)
    return power


def _is_zero(exponent: Array) -> Array:
    return np.abs(exponent) < _NEAR_ZERO
