"""Steps of numbers for which scikit-learn has no class that does the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import minimize_scalar

from mulle.verbs.code.parts.features import Step


class Clip(Step):
    """Keep numbers within -most and most."""

    def __init__(self, most: float) -> None:
        self.most = most

    def transform(self, x: Any) -> Any:
        """Return the numbers within the limits."""
        return np.clip(x, -self.most, self.most)


class RobustScale(Step):
    """Centre to the median, scale to the interquartile range; to the deviation where that is 0."""

    def fit(self, x: Any, y: Any) -> None:
        """Learn medians and ranges."""
        low, median, high = np.nanquantile(x, [0.25, 0.5, 0.75], axis=0)
        width = np.where(high > low, high - low, np.nanstd(x, axis=0))
        self.centre = np.nan_to_num(median)
        self.width = np.where((width > 0) & np.isfinite(width), width, 1.0)

    def transform(self, x: Any) -> Any:
        """Return the scaled numbers."""
        return (x - self.centre) / self.width


class Normalize(Step):
    """Divide each row by its Euclidean length."""

    def transform(self, x: Any) -> Any:
        """Return rows of length 1."""
        largest = np.abs(x).max(axis=1, keepdims=True)
        x = x / np.where(largest == 0, 1.0, largest)
        length = np.sqrt((x * x).sum(axis=1, keepdims=True))
        return x / np.where(length == 0, 1.0, length)


class KBins(Step):
    """Replace numbers by the interval they lie in: its number, or one 0/1 column for each."""

    def __init__(self, n_bins: int, edges: str, one_hot: bool) -> None:  # noqa: FBT001
        self.n_bins, self.edges, self.one_hot = n_bins, edges, one_hot

    def fit(self, x: Any, y: Any) -> None:
        """Learn the inner edges of each column."""
        self.cuts = [self.inner_edges(column[~np.isnan(column)]) for column in x.T]

    def inner_edges(self, known: Any) -> Any:
        """Return the edges between the intervals of a column."""
        if not len(known) or known.min() == known.max():
            return known[:0]
        if self.edges == "uniform":
            cuts = np.linspace(known.min(), known.max(), self.n_bins + 1)
        else:
            cuts = np.quantile(known, np.linspace(0, 1, self.n_bins + 1))
            _, first = np.unique(np.searchsorted(np.unique(known), cuts), return_index=True)
            cuts = np.append(cuts[first], cuts[-1])
        cuts = np.unique(cuts)
        return cuts[1:-1] if len(cuts) > 2 else cuts[-1:]

    def transform(self, x: Any) -> Any:
        """Return the intervals; a missing number stays missing, or gives zeros."""
        found = []
        for column, cuts in zip(x.T, self.cuts, strict=True):
            code = np.searchsorted(cuts, column, side="right").astype(float)[:, None]
            code[np.isnan(column)] = np.nan
            found.append(np.float64(code == np.arange(len(cuts) + 1)) if self.one_hot else code)
        return np.concatenate(found, axis=1)


class PiecewiseLinear(Step):
    """Give one number for each interval of a column: how much of it lies below the value.

    Source: Gorishniy, Rubachev and Babenko 2022, arXiv:2203.05556, section 3.2.
    """

    def __init__(self, n_bins: int, max_features: int) -> None:
        self.n_bins, self.max_features = n_bins, max_features

    def fit(self, x: Any, y: Any) -> None:
        """Learn the intervals between quantiles, or between values where those are few."""
        bins = max(1, min(self.n_bins, self.max_features // x.shape[1]))
        least, most = np.finfo(np.float32).tiny, np.finfo(np.float64).max / 4
        known = [c[~np.isnan(c)] for c in x.T]
        known = [np.clip(np.where(np.abs(c) < least, 0.0, c), -most, most) for c in known]
        self.fill = np.array([np.median(c) if len(c) else 0.0 for c in known])
        self.marked = np.flatnonzero(np.isnan(x).any(axis=0))
        self.edges = [self.edges_of(c, bins) for c in known]

    def edges_of(self, known: Any, bins: int) -> Any:
        """Return the ends of the intervals of a column, two at least."""
        values = np.unique(known) if len(known) else np.zeros(1)
        if len(values) > bins + 1:
            values = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)))
        if len(values) > 1:
            return values
        return np.array([values[0], values[0] + max(1.0, abs(values[0]) / 2)])

    def transform(self, x: Any) -> Any:
        """Return the shares, and marks of missing values behind them."""
        missing = np.isnan(x)
        filled, parts = np.where(missing, self.fill, x), []
        for column, edges in zip(filled.T, self.edges, strict=True):
            left, right = edges[:-1], edges[1:]
            width = right - left
            low, high = left.copy(), right.copy()
            low[0] -= width[0]  # beyond the training values it goes on, for one width
            high[-1] += width[-1]
            parts.append((np.minimum(np.maximum(column[:, None], low), high) - left) / width)
        return np.concatenate([*parts, missing[:, self.marked].astype(float)], axis=1)


class Power(Step):
    """Bend skewed columns by a power that makes them most like a normal distribution.

    Source: I. Yeo and R. Johnson, Biometrika 87 (2000); G. Box and D. Cox, J. R. Stat. Soc. B 26
    (1964).
    """

    def __init__(self, method: str, min_skew: float) -> None:
        self.method, self.min_skew = method, min_skew

    def fit(self, x: Any, y: Any) -> None:
        """Learn which columns are skewed, and their exponents."""
        skew = np.nan_to_num(np.asarray(stats.skew(x, axis=0, nan_policy="omit"), float))
        self.bent = np.abs(skew) > self.min_skew
        self.exponent, self.least = np.ones(x.shape[1]), np.ones(x.shape[1])
        for j in np.flatnonzero(self.bent) if "-" in self.method else ():
            known = x[~np.isnan(x[:, j]), j]
            low = known < 0
            logs = np.log1p(np.abs(known))
            if self.method == "box-cox":
                if not (known > 0).any():
                    self.bent[j] = False
                    continue
                self.least[j] = known[known > 0].min()
                logs, low = np.log(np.maximum(known, self.least[j])), np.zeros(len(known), bool)
            self.exponent[j] = self.most_likely(logs[~low], logs[low])

    def most_likely(self, logs: Any, below: Any) -> float:
        """Return the likeliest exponent, from log(1 + |x|) of values above and below 0."""
        count, total, (least, most) = len(logs) + len(below), logs.sum() - below.sum(), (-5.0, 5.0)
        if not len(below):
            least = max(least, -9.0 / max(logs.min(), 1e-12))
        if not len(logs):
            most = min(most, 2 + 9.0 / max(below.min(), 1e-12))

        def power(value: Any, k: float) -> Any:
            return value if abs(k) < 1e-12 else np.expm1(k * value) / k

        def loss(k: float) -> float:
            with np.errstate(all="ignore"):
                if len(below):
                    bent = np.concatenate([power(logs, k), -power(below, 2 - k)])
                    spread = np.log(np.var(bent))
                else:
                    spread = 2 * k * logs.mean() + np.log(np.var(power(logs - logs.mean(), k)))
                value = float(spread) * count / 2 - (k - 1) * total
            return value if np.isfinite(value) else 1e300

        return float(minimize_scalar(loss, bounds=(least, most), options={"xatol": 1e-8}).x)

    def transform(self, x: Any) -> Any:
        """Return the columns, the skewed ones bent."""
        return np.where(self.bent, self.formula(x), x) if self.bent.any() else x

    def formula(self, x: Any) -> Any:
        """Return all columns bent."""
        with np.errstate(all="ignore"):
            if self.method == "log1p":
                return np.sign(x) * np.log1p(np.abs(x))
            if self.method == "sqrt":
                return np.sign(x) * np.sqrt(np.abs(x))
            low = (x < 0) & (self.method == "yeo-johnson")
            logs = np.log(np.abs(x) + 1.0)
            if self.method == "box-cox":
                logs = np.log(np.maximum(x, self.least))
            k = np.where(low, 2.0 - self.exponent, self.exponent)
            zero = np.abs(k) < 1e-12
            bent = np.where(zero, logs, (np.exp(logs * k) - 1.0) / np.where(zero, 1.0, k))
            return np.where(low, -bent, bent)


class Pairs(Step):
    """Add sums, differences, products and ratios of columns, which the search found to help."""

    def __init__(self, *pairs: tuple[int, str, int]) -> None:
        self.pairs = pairs  # positions of two columns, and what stands between them

    def transform(self, x: Any) -> Any:
        """Return the columns, then the pairs."""
        made = [self.combine(x[:, [i]], operator, x[:, [j]]) for i, operator, j in self.pairs]
        return np.concatenate([x, *made], axis=1)

    def combine(self, a: Any, operator: str, b: Any) -> Any:
        """Return a operator b; missing where a divisor is 0."""
        most = float(np.finfo(np.float32).max)
        with np.errstate(all="ignore"):
            found = {
                "+": a + b,
                "-": a - b,
                "*": a * b,
                "/": a / np.where(b == 0, np.nan, b),
            }
            return np.clip(found[operator], -most, most)
