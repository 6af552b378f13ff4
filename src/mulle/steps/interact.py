"""What two columns say together: sums, differences, products and ratios, and time between dates.

catalogue  feat-eng feat-interact
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from mulle.errors import UsageError
from mulle.graph import MISSING_DATE, Array, Matrix
from mulle.graph.dates import MICROSECONDS_A_DAY
from mulle.steps.base import Step, class_codes
from mulle.table import Storage

_LARGEST = float(np.finfo(np.float32).max)
_FEWEST_ROWS = 60  # with fewer no evidence is worth anything
_BINS = 32
_SHRINK = 10.0  # rows of "no effect" that the mean of a bin is mixed with
_MOST_CLASSES = 10  # the most frequent ones give the evidence


class Pair(NamedTuple):
    """One candidate: an operator between two columns, by position; earlier results follow them."""

    left: int
    operator: str
    right: int


class Arithmetic(Step):
    """The columns, then the best sums, differences, products and ratios of two of them.

    A small boosted model is trained on one half of a sample and predicts the other, and the
    reverse. What it could not predict is the evidence: a candidate earns its place by the share
    of it that its own bin means explain, out of sample again. The best is taken, what it explains
    is removed, and the rest compete anew. Candidates come from the columns that the model used
    most, and from what was taken already: `a - b - c` is found in two turns. A ratio whose
    denominator is 0 is missing.

    Args:
        max_features: results at most.
        min_gain: a candidate must explain this share of what was left unexplained.
        max_columns: columns that candidates are made of at most.
        max_rows: rows of the sample at most.
        random_state: seed of the sample and of the model.

    Attributes:
        pairs_: what was chosen, in the order of choice.
        gains_: the share that each explained.
    """

    uses_target = True
    keeps_columns = True

    def __init__(
        self,
        max_features: int = 10,
        *,
        min_gain: float = 0.01,
        max_columns: int = 12,
        max_rows: int = 8_000,
        random_state: int = 0,
    ) -> None:
        self.max_features = max_features
        self.min_gain = min_gain
        self.max_columns = max_columns
        self.max_rows = max_rows
        self.random_state = random_state

    def learn(self, x: Matrix, y: Array | None = None) -> None:
        """Choose the pairs."""
        self.pairs_: list[Pair] = []
        self.gains_: list[float] = []
        if y is None or x.shape[1] < 2 or len(x) < _FEWEST_ROWS:
            return
        order = np.random.default_rng(self.random_state).permutation(len(x))[: self.max_rows]
        x, first = x[order], np.arange(len(order)) % 2 == 0
        left, used = _unexplained(x, _as_columns(y)[order], first, self.random_state)
        order = np.argsort(-used, kind="stable")[: self.max_columns]
        top = sorted(order[used[order] > 0].tolist())
        columns = list(x.T)
        candidates = _binned([p for i, j in combinations(top, 2) for p in _pairs(i, j)], columns)
        while candidates and len(self.pairs_) < self.max_features:
            gains = {pair: _explained(bins, left, first)[0] for pair, bins in candidates.items()}
            best = max(gains, key=gains.__getitem__)
            if gains[best] < self.min_gain:
                break
            left = left - _explained(candidates.pop(best), left, first)[1]
            self.pairs_.append(best)
            self.gains_.append(gains[best])
            columns.append(_apply(best.operator, columns[best.left], columns[best.right], np))
            new = len(columns) - 1
            candidates |= _binned([p for i in top for p in _pairs(i, new)], columns)

    def compute(self, x: Matrix) -> Matrix:
        """[N, K + M]: the columns, then the pairs."""
        if not self.pairs_:
            return x
        xp = x.__array_namespace__()
        columns = [x[:, k : k + 1] for k in range(x.shape[1])]
        for pair in self.pairs_:
            columns.append(_apply(pair.operator, columns[pair.left], columns[pair.right], xp))
        return xp.concat([x, *columns[x.shape[1] :]], axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """The columns, then `left operator right`."""
        names = list(names)
        for pair in self.pairs_:
            left, right = (
                names[k] if k < self.n_features_in_ else f"({names[k]})"
                for k in (pair.left, pair.right)
            )
            names.append(f"{left} {pair.operator} {right}")
        return names


def _apply(operator: str, a: Matrix, b: Matrix, xp: Any) -> Matrix:
    """The operation, kept within float32; NaN where the denominator is 0."""
    with np.errstate(all="ignore"):
        if operator == "+":
            result = a + b
        elif operator == "-":
            result = a - b
        elif operator == "*":
            result = a * b
        else:
            none = xp.asarray(float("nan"), dtype=xp.float64)
            result = a / xp.where(b == 0, none, b)
        return xp.clip(result, -_LARGEST, _LARGEST)


def _pairs(i: int, j: int) -> list[Pair]:
    return [*(Pair(i, operator, j) for operator in "+-*/"), Pair(j, "/", i)]


def _binned(pairs: list[Pair], columns: list[Array]) -> dict[Pair, Array]:
    return {p: _bins(_apply(p.operator, columns[p.left], columns[p.right], np)) for p in pairs}


def _as_columns(y: Array) -> Array:
    """[N, 1] values in standard deviations, or [N, C] zeros and ones of the frequent classes."""
    codes = class_codes(y)
    if codes is None:
        spread = float(y.std())
        return np.asarray((y - y.mean()) / (spread if spread > 0 else 1.0), np.float64)[:, None]
    counts = np.bincount(codes)
    frequent = np.argsort(-counts, kind="stable")[:_MOST_CLASSES]
    frequent = frequent[1:] if len(counts) == 2 else frequent  # the other one is its complement
    return np.asarray(codes[:, None] == frequent, np.float64)


def _unexplained(x: Array, y: Array, first: Array, seed: int) -> tuple[Array, Array]:
    """What a model trained on the other half cannot predict [N, C]; how much it used each column.

    One model of squared error for each column of y: enough for evidence, and quick.
    """
    import lightgbm

    params = {
        "objective": "regression", "num_leaves": 15, "learning_rate": 0.15, "verbosity": -1,
        "seed": seed, "num_threads": 1, "deterministic": True, "force_row_wise": True,
        "max_bin": 63,
    }  # fmt: skip
    left, used = y.copy(), np.zeros(x.shape[1])
    rounds = max(10, 60 // y.shape[1])
    for train, other in ((first, ~first), (~first, first)):
        data = lightgbm.Dataset(x[train], params=params, free_raw_data=False)
        for c in range(y.shape[1]):
            model = lightgbm.train(params, data.set_label(y[train, c]), rounds)
            left[other, c] -= model.predict(x[other])
            used += model.feature_importance("gain")
    return left, used


def _bins(values: Array) -> Array:
    """The bin of each value, by quantiles; missing ones have their own."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), np.int64)
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))
    found = np.searchsorted(edges, values)
    return np.where(np.isnan(values), _BINS, found)


def _explained(bins: Array, left: Array, first: Array) -> tuple[float, Array]:
    """The share of `left` that means of bins, learned on the other half, explain; and the part."""
    part = np.zeros_like(left)
    for train, other in ((first, ~first), (~first, first)):
        counts = np.bincount(bins[train], minlength=_BINS + 1) + _SHRINK
        for c in range(left.shape[1]):
            sums = np.bincount(bins[train], weights=left[train, c], minlength=_BINS + 1)
            part[other, c] = (sums / counts)[bins[other]]
    total = float((left**2).sum())
    return (1.0 - float(((left - part) ** 2).sum()) / total if total > 0 else 0.0), part


class Elapsed(Step):
    """Days between each two date columns, the later one in the table minus the earlier one.

    Args:
        max_columns: the first columns only, since pairs grow with the square.

    >>> x = np.array([["2024-01-01", "2024-01-03T12"]], dtype="datetime64[us]").astype(np.int64)
    >>> Elapsed().fit(x).transform(x).tolist()
    [[2.5]]
    """

    storage = Storage.date

    def __init__(self, *, max_columns: int = 5) -> None:
        self.max_columns = max_columns

    def learn(self, x: Matrix, y: Array | None = None) -> None:
        """List the pairs."""
        if x.shape[1] < 2:
            raise UsageError(
                "columns-too-few",
                "Elapsed was handed one date column.",
                fix="Give it two or more; for one there is DateParts.",
            )
        self.pairs_ = list(combinations(range(min(x.shape[1], self.max_columns)), 2))

    def compute(self, x: Matrix) -> Matrix:
        """[N, M] days; NaN where one of the two is missing."""
        xp = x.__array_namespace__()
        missing = x == MISSING_DATE
        known = xp.where(missing, xp.asarray(0, dtype=xp.int64), x)
        none = xp.asarray(float("nan"), dtype=xp.float64)
        parts = []
        for i, j in self.pairs_:
            days = xp.astype(known[:, j : j + 1] - known[:, i : i + 1], xp.float64)
            gone = missing[:, i : i + 1] | missing[:, j : j + 1]
            parts.append(xp.where(gone, none, days / float(MICROSECONDS_A_DAY)))
        return xp.concat(parts, axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """`later - earlier days`."""
        return [f"{names[j]} - {names[i]} days" for i, j in self.pairs_]
