"""Combine two columns: sums, differences, products and ratios, and time between dates.

catalogue  feat-eng feat-interact
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, ClassVar, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import Interval, Listing, Optional, Pattern
from mulle.errors import UsageError
from mulle.graph import MISSING_DATE, Matrix
from mulle.graph.dates import MICROSECONDS_A_DAY
from mulle.settings import Parameters
from mulle.steps.base import SEED, Step, class_codes
from mulle.table import Storage

_MAX_FLOAT32 = float(np.finfo(np.float32).max)
_MIN_ROWS = 60  # with fewer no evidence is worth anything
_SPARE_CANDIDATES = 4  # candidates tried beyond the number that is wanted
_BINS = 32
_SHRINK = 10.0  # rows of "no effect" that the mean of a bin is mixed with
_MAX_CLASSES = 10  # the most frequent ones give the evidence


class Pair(NamedTuple):
    """A candidate: an operator between two columns, by position."""

    left: int
    operator: str
    right: int

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


class Arithmetic(Step):
    """Add the best sums, differences, products and ratios of two columns to the columns.

    A small boosted model is trained on one half of a sample and predicts the other, and the
    reverse: its error is what there is to gain, and candidates come from the columns it
    used most. They are ranked by what their own bin means explain, out of sample too: of the
    model's error, and of the target beyond what the better one of the two columns explains. The
    leading ones are tried in the model, then join it one by one, the best first, and stay if its
    error falls by `min_gain`, and clearly. A ratio whose denominator is 0 is
    missing.

    Args:
        max_features: results at most.
        candidates: the pairs to choose from, as `2 / 5` with positions from 0; None to look among
            all.
        min_gain: the share by which a candidate must reduce the error.
        max_columns: columns that candidates are made of at most.
        max_rows: rows of the sample at most.
        random_state: seed of the sample and of the model.

    Attributes:
        pairs_: what was chosen, in the order of choice.
        gains_: the share by which each reduced the error that was left.
    """

    uses_target = True
    keeps_columns = True
    parameters: ClassVar[Parameters] = {
        "max_features": Interval(int, 1),
        "candidates": Optional(Listing(Pattern("[0-9]+ [-+*/] [0-9]+", like="0 / 1"))),
        "min_gain": Interval(float, 0, 1, closed="neither"),
        "max_columns": Interval(int, 2),
        "max_rows": Interval(int, _MIN_ROWS),
        "random_state": SEED,
    }

    def __init__(
        self,
        max_features: int = 10,
        *,
        candidates: Sequence[str] | None = None,
        min_gain: float = 0.03,
        max_columns: int = 12,
        max_rows: int = 5_000,
        random_state: int = 0,
    ) -> None:
        self.candidates = candidates
        self.max_features = max_features
        self.min_gain = min_gain
        self.max_columns = max_columns
        self.max_rows = max_rows
        self.random_state = random_state

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Choose the pairs.

        Raises:
            UsageError: a candidate has a position beyond the columns.
            TimeUp: `stop` came true.
        """
        self.pairs_: list[Pair] = []
        self.gains_: list[float] = []
        given = [_read_pair(text, x.shape[1]) for text in self.candidates or ()]
        if y is None or x.shape[1] < 2 or len(x) < _MIN_ROWS:
            return
        order = np.random.default_rng(self.random_state).permutation(len(x))[: self.max_rows]
        x, y, first = x[order], _as_columns(y)[order], np.arange(len(order)) % 2 == 0
        left, used = _residuals(x, y, first, self.random_state)
        top = np.argsort(-used, kind="stable")[: self.max_columns]
        top = np.sort(top[used[top] > 0])
        limit = self.max_features + _SPARE_CANDIDATES
        check(stop)
        ranked = given or _rank_pairs(x, y, left, first, top.tolist(), stop)[:limit]
        columns = x[:, top]

        def try_pair(pair: Pair) -> tuple[float, Array, Array]:
            check(stop)
            made = _apply(pair.operator, x[:, [pair.left]], x[:, [pair.right]], np)
            with_it = np.concatenate([columns, made], axis=1)
            rest, _ = _residuals(with_it, y, first, self.random_state)
            return _gain(left, rest), with_it, rest

        alone = {pair: try_pair(pair)[0] for pair in ranked}
        for pair in sorted(ranked, key=lambda pair: -alone[pair]):
            if alone[pair] < self.min_gain or len(self.pairs_) == self.max_features:
                break
            gain, with_it, rest = try_pair(pair)
            if gain >= self.min_gain:
                columns, left = with_it, rest
                self.pairs_.append(pair)
                self.gains_.append(gain)

    def compute(self, x: Matrix) -> Matrix:
        """Return the columns, then the pairs [N, K + M]."""
        if not self.pairs_:
            return x
        xp = x.__array_namespace__()

        def column(position: int) -> Matrix:
            return x[:, position : position + 1]

        made = [_apply(p.operator, column(p.left), column(p.right), xp) for p in self.pairs_]
        return xp.concat([x, *made], axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: the columns, then `left operator right`."""
        return [*names, *(f"{names[p.left]} {p.operator} {names[p.right]}" for p in self.pairs_)]


def _read_pair(text: str, columns: int) -> Pair:
    """Read a pair of so many columns.

    Raises:
        UsageError: it has a position beyond them.
    """
    left, operator, right = text.split(" ")
    if max(int(left), int(right)) >= columns:
        raise UsageError("pair-unknown", pair=text, columns=columns)
    return Pair(int(left), operator, int(right))


def _apply(operator: str, a: Matrix, b: Matrix, xp: Any) -> Matrix:
    """Return a operator b, kept within float32; NaN where the denominator is 0."""
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
        return xp.clip(result, -_MAX_FLOAT32, _MAX_FLOAT32)


def _rank_pairs(
    x: Array, y: Array, left: Array, first: Array, columns: list[int], stop: Stop
) -> list[Pair]:
    """Return the promising candidates, the best by either measure in turn."""
    alone = {k: _explained_share(_bins(x[:, k]), y, first) for k in columns}
    pairs = _candidates(columns)
    beyond, residual = np.zeros(len(pairs)), np.zeros(len(pairs))
    for i, pair in enumerate(pairs):
        check(stop)
        bins = _bins(_apply(pair.operator, x[:, pair.left], x[:, pair.right], np))
        residual[i] = _explained_share(bins, left, first)
        beyond[i] = _explained_share(bins, y, first) - max(alone[pair.left], alone[pair.right])
    orders = [np.argsort(-score, kind="stable") for score in (residual, beyond)]
    turns = [(score, i) for both in zip(*orders, strict=True) for score, i in enumerate(both)]
    promising = [i for which, i in turns if (residual, beyond)[which][i] > 0]
    return [pairs[i] for i in dict.fromkeys(promising)]


def _candidates(columns: list[int]) -> list[Pair]:
    pairs = [Pair(i, o, j) for i, j in combinations(columns, 2) for o in "+-*/"]
    return pairs + [Pair(j, "/", i) for i, j in combinations(columns, 2)]


def _as_columns(y: Array) -> Array:
    """Return values in standard deviations [N, 1], or frequent classes as zeros and ones [N, C]."""
    codes = class_codes(y)
    if codes is None:
        spread = float(y.std())
        return np.asarray((y - y.mean()) / (spread if spread > 0 else 1.0), np.float64)[:, None]
    counts = np.bincount(codes)
    frequent = np.argsort(-counts, kind="stable")[:_MAX_CLASSES]
    frequent = frequent[1:] if len(counts) == 2 else frequent  # the other one is its complement
    return np.asarray(codes[:, None] == frequent, np.float64)


def _residuals(x: Array, y: Array, first: Array, seed: int) -> tuple[Array, Array]:
    """Return the errors [N, C] of a model trained on the other half, and its use of each column.

    One model of squared error for each column of y: enough for evidence, and quick.
    """
    import lightgbm

    params = {
        "objective": "regression", "num_leaves": 15, "learning_rate": 0.15, "verbosity": -1,
        "seed": seed, "num_threads": 1, "deterministic": True, "force_row_wise": True,
        "max_bin": 63, "min_data_in_leaf": 5,
    }  # fmt: skip
    left, used = y.copy(), np.zeros(x.shape[1])
    rounds = max(10, 60 // y.shape[1])
    for train, other in ((first, ~first), (~first, first)):
        data = lightgbm.Dataset(x[train], params=params, free_raw_data=False)
        for c in range(y.shape[1]):
            model = lightgbm.train(
                params, data.set_label(y[train, c]), rounds, keep_training_booster=True
            )
            # Small models: to wake other threads takes longer than all they would do.
            left[other, c] -= model.predict(x[other], num_threads=1)
            used += model.feature_importance("gain")
    return left, used


def _bins(values: Array) -> Array:
    """Return the quantile bin of each value [N]; missing values have a bin of their own."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), np.int64)
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))
    found = np.searchsorted(edges, values)
    return np.where(np.isnan(values), _BINS, found)


def _gain(before: Array, after: Array) -> float:
    """Return the share by which the absolute error fell; 0 unless by three standard errors.

    Absolute, because what is rare and far away would sway the square.
    """
    was, now = (np.linalg.norm(error, axis=1) for error in (before, after))
    fell = was - now
    clear = fell.mean() > 3.0 * fell.std() / len(fell) ** 0.5
    return float(fell.sum() / was.sum()) if clear else 0.0


def _explained_share(bins: Array, target: Array, first: Array) -> float:
    """Return the share of the target that means of bins explain, learned on the other half."""
    rest = target.copy()
    for train, other in ((first, ~first), (~first, first)):
        counts = np.bincount(bins[train], minlength=_BINS + 1) + _SHRINK
        for c in range(target.shape[1]):
            sums = np.bincount(bins[train], weights=target[train, c], minlength=_BINS + 1)
            rest[other, c] -= (sums / counts)[bins[other]]
    total = float((target**2).sum())
    return 1.0 - float((rest**2).sum()) / total if total > 0 else 0.0


class Elapsed(Step):
    """Give the days between each two date columns: the later column minus the earlier one.

    Args:
        max_columns: the first columns only, since pairs grow with the square.

    >>> x = np.array([["2024-01-01", "2024-01-03T12"]], dtype="datetime64[us]").astype(np.int64)
    >>> Elapsed().fit(x).transform(x).tolist()
    [[2.5]]
    """

    storage = Storage.date

    parameters: ClassVar[Parameters] = {"max_columns": Interval(int, 2)}

    def __init__(self, *, max_columns: int = 5) -> None:
        self.max_columns = max_columns

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """List the pairs."""
        if x.shape[1] < 2:
            raise UsageError("columns-too-few")
        self.pairs_ = list(combinations(range(min(x.shape[1], self.max_columns)), 2))

    def compute(self, x: Matrix) -> Matrix:
        """Return the days [N, M]; NaN where one of the two dates is missing."""
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
        """Return the names: `later - earlier days`."""
        return [f"{names[j]} - {names[i]} days" for i, j in self.pairs_]
