"""Find columns that predict the target alone too well: most likely copies of it.

rule    out of fold (3 folds), from the mean of the target in each category or in each of at most
        64 quantile bins, missing being one of its own, a column alone reaches
            binary      ROC AUC            > 0.99   (0.5 says nothing)
            multiclass  balanced accuracy  > 0.99   (1/C says nothing)
            regression  R2 of the target's ranks > 0.99   (0 says nothing)
        Ranks, because a few extreme values must neither hide a copy nor make one.

Strong but honest columns stay below: a suspicion is not a proof, and it is for the user to say
whether the column will be known when predictions are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.metrics.metrics import CLASSIFICATION, default_metric, metric

THRESHOLD, ROWS, MIN_ROWS, BINS, FOLDS, CELLS = 0.99, 5000, 50, 64, 3, 2_000_000
_METRICS = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "regression": "r2"}


@dataclass(frozen=True)
class Leak:
    """A column that alone scores above the threshold.

    Attributes:
        column: its name.
        score: what it alone reaches, out of fold.
        baseline: what no column at all reaches.
        threshold: above which a column is suspected.
        reason: `alone-predicts`, or `missing-predicts` where whether it is missing is enough.
    """

    column: str
    score: float
    baseline: float
    threshold: float
    reason: str


def suspects(
    columns: Mapping[str, Array], y: Array, task: str, random_state: int = 0
) -> list[Leak]:
    """Return the columns that may leak the target, the worst first.

    Args:
        columns: name -> (n,) or (n, 1) of numbers, dates or strings; nan, NaT, None are missing.
        y: (n,) class codes, or values for regression; none missing.
        task: `binary`, `multiclass` or `regression`.
        random_state: seed of the folds and of the sample of 5,000 rows, balanced over classes.

    Returns:
        Nothing below 50 rows. A column of very many categories with very many classes (over
        2,000,000 pairs) is not looked at.

    Raises:
        UnknownName: no such task.

    >>> y = np.arange(300) % 2
    >>> leaks = suspects({"copy": np.where(y, "yes", "no"), "row": np.arange(300.0)}, y, "binary")
    >>> [(leak.column, leak.score) for leak in leaks]
    [('copy', 1.0)]
    """
    default_metric(task)
    rng = np.random.default_rng(random_state)
    rows = _sample(y if task in CLASSIFICATION else np.zeros(len(y), int), rng)
    y = y[rows]
    if len(y) < MIN_ROWS or len(np.unique(y)) < 2:
        return []
    target = _Target(y, task, rng.permutation(len(y)) % FOLDS)
    found = []
    for name, values in columns.items():
        code = _codes(np.asarray(values).reshape(-1)[rows])
        score = target.score(code)
        if score > THRESHOLD:
            alone = target.score(np.minimum(code, 1)) > THRESHOLD
            reason = "missing-predicts" if alone else "alone-predicts"
            found.append(Leak(name, score, target.baseline, THRESHOLD, reason))
    return sorted(found, key=lambda leak: -leak.score)


@dataclass(frozen=True)
class Alone:
    """What a column alone reaches.

    Attributes:
        score: out of fold; the baseline where it is worse than that.
        baseline: what no column at all reaches.
        metric: the name of the score.
    """

    score: float
    baseline: float
    metric: str


def alone_scores(
    columns: Mapping[str, Array], y: Array, task: str, random_state: int = 0
) -> dict[str, Alone]:
    """Return what each column alone tells about the target; nothing below 50 rows.

    Args:
        columns, y, task, random_state: as in `suspects`.

    >>> y = np.arange(300) % 2
    >>> alone_scores({"copy": y * 2.0}, y, "binary")["copy"].score
    1.0
    """
    rng = np.random.default_rng(random_state)
    rows = _sample(y if task in CLASSIFICATION else np.zeros(len(y), int), rng)
    if len(rows) < MIN_ROWS or len(np.unique(y[rows])) < 2:
        return {}
    target = _Target(y[rows], task, rng.permutation(len(rows)) % FOLDS)
    return {
        name: Alone(
            max(target.score(_codes(np.asarray(values).reshape(-1)[rows])), target.baseline),
            target.baseline,
            _METRICS[task],
        )
        for name, values in columns.items()
    }


def _sample(y: Array, rng: np.random.Generator) -> Array:
    """Return at most ROWS positions in random order, balanced over the classes if possible."""
    order = rng.permutation(len(y))
    if len(y) <= ROWS:
        return order
    classes = np.unique(y)
    each = max(ROWS // len(classes), FOLDS)
    return rng.permutation(np.concatenate([order[y[order] == c][:each] for c in classes]))


def _codes(values: Array) -> Array:
    """Return codes (n,): 0 where missing, else the category or quantile bin of the value."""
    column = pl.Series(values, strict=False)
    if column.dtype == pl.Object:
        column = pl.Series([None if v is None else str(v) for v in values])
    if column.dtype.is_float():
        column = column.fill_nan(None)
    code = column.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    bins = min(BINS, len(values) // 5)
    if column.dtype != pl.String and code.max() > bins:
        rank = column.rank("average").fill_null(0.5 - len(values)).to_numpy()
        code = np.maximum(((rank - 0.5) / column.count() * bins).astype(np.int64) + 1, 0)
    return np.asarray(code)


class _Target:
    """The target of the sampled rows with its folds, against which columns are scored."""

    def __init__(self, y: Array, task: str, fold: Array) -> None:
        self.task, self.fold, self.y = task, fold, y
        if task in CLASSIFICATION:
            _, self.y = np.unique(y, return_inverse=True)
            self.size = int(self.y.max()) + 1
        else:
            self.y, self.size = pl.Series(y).rank("average").to_numpy(), 1
        self.baseline = {"binary": 0.5, "multiclass": 1 / self.size, "regression": 0.0}[task]

    def score(self, code: Array) -> float:
        """Return the score that a column of codes reaches alone, out of fold."""
        groups = int(code.max()) + 1
        if groups * self.size > CELLS:
            return self.baseline
        expected = self._expected(code, groups)
        if self.task == "regression":
            expected = expected[:, 0]
        return metric(_METRICS[self.task]).score_at(self.y, expected)

    def _expected(self, code: Array, groups: int) -> Array:
        """Return the mean target (n, size) of each row's group over the other folds, plus a prior.

        With sums S and counts N: (S_all - S_fold + prior) / (N_all - N_fold + 1).
        """
        cell = self.fold * groups + code
        count = np.bincount(cell, minlength=FOLDS * groups).reshape(FOLDS, groups, 1)
        if self.task == "regression":
            sums, prior = np.bincount(cell, self.y, FOLDS * groups), self.y.mean()
        else:
            cell = cell * self.size + self.y
            sums = np.bincount(cell, minlength=FOLDS * groups * self.size)
            prior = np.bincount(self.y) / len(self.y)
        sums = sums.reshape(FOLDS, groups, self.size)
        means = (sums.sum(0) - sums + prior) / (count.sum(0) - count + 1)
        expected: Array = means[self.fold, code]
        return expected
