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
    Soc. B 26 (1964). The exponents are scikit-learn's.

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
                self._learn_exponent(x[:, [j]], int(j))

    def _learn_exponent(self, column: Array, j: int) -> None:
        from sklearn.preprocessing import PowerTransformer

        column = column[~np.isnan(column)][:, None]
        if self.method == "box-cox":
            positive = column[column > 0]
            if not len(positive):
                self.bent_[j] = False
                return
            self.least_[j] = positive.min()
            column = np.maximum(column, self.least_[j])
        fitted = PowerTransformer(self.method, standardize=False).fit(column)
        exponent = float(fitted.lambdas_[0])
        # Far out a power overflows on values a little beyond the training range.
        self.exponent_[j] = np.clip(exponent, -5.0, 5.0) if np.isfinite(exponent) else 1.0

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
