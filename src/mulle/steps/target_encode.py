"""Replace categories by what the target was on average where they occurred.

catalogue  cat-target
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import AnyOf, Choice, Interval
from mulle.graph import Matrix, lookup, take_rows
from mulle.settings import Parameters
from mulle.steps.base import SEED, class_codes, target_columns
from mulle.steps.categories import CategoryStep, count_categories


class TargetEncode(CategoryStep):
    """Replace each category by the smoothed mean of the target over its rows.

    mean = (n * mean of its rows + smooth * overall mean) / (n + smooth)

    Training rows get means learned from other rows (out of fold), since a row's own target would
    leak into its feature. An unseen category gets the overall mean.

    Args:
        smooth: rows of the overall mean mixed in, or `auto` for the empirical Bayes estimate:
            the variance within the category divided by that of all rows.
        cv: folds of the out-of-fold means.
        random_state: seed of the folds.

    Source: D. Micci-Barreca, SIGKDD Explorations 3 (2001), as scikit-learn's TargetEncoder.
    """

    uses_target = True
    parameters: ClassVar[Parameters] = {
        "smooth": AnyOf(Choice("auto"), Interval(float, 0)),
        "cv": Interval(int, 2),
        "random_state": SEED,
    }

    def __init__(self, *, smooth: float | str = "auto", cv: int = 5, random_state: int = 0) -> None:
        self.smooth = smooth
        self.cv = cv
        self.random_state = random_state

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the means [K, T] on all rows, for T values or memberships of a row."""
        self.categories_ = count_categories(x)[0]
        targets = target_columns(np.asarray(y))
        self.overall_ = targets.mean(axis=0)
        self.means_ = self._means(self._codes(x), targets)

    def fit_transform(self, x: Matrix, y: Array | None = None, *, stop: Stop = never) -> Matrix:
        """Learn the means on all rows; return those of the rows themselves, out of fold."""
        self.fit(x, y, stop=stop)
        y = np.asarray(y)
        targets, codes = target_columns(y), self._codes(x)
        encoded = np.repeat(self.overall_[None, :], len(x), axis=0)
        for train, other in self._folds(y):
            check(stop)
            encoded[other] = self._means(codes[train], targets[train])[codes[other]]
        return encoded

    def _codes(self, x: Matrix) -> Array:
        """Return the position of each row's category [N]."""
        at = np.arange(len(self.categories_), dtype=np.int64)
        return np.asarray(lookup(x, self.categories_, at, -1)[:, 0])

    def _folds(self, y: Array) -> list[tuple[Array, Array]]:
        """Return the folds; none where a row has no others to learn from."""
        from sklearn.model_selection import KFold, StratifiedKFold

        classes = class_codes(y)
        if classes is not None and classes.max() == 0:
            classes = None
        most = len(y) if classes is None else int(np.bincount(classes).max())
        count = min(self.cv, most)
        if count < 2:
            return []
        splitter = KFold if classes is None else StratifiedKFold
        folds = splitter(count, shuffle=True, random_state=self.random_state)
        return list(folds.split(np.zeros(len(y)), classes))

    def _means(self, codes: Array, targets: Array) -> Array:
        """Return the smoothed means [K, T] of categories; the overall mean where one has no row."""
        size = len(self.categories_)
        count = np.bincount(codes, minlength=size).astype(np.float64)
        result = np.empty((size, targets.shape[1]))
        for column, target in zip(result.T, targets.T, strict=True):
            overall = target.mean()
            total = np.bincount(codes, target, size)
            with np.errstate(invalid="ignore"):
                mean = total / count
                if isinstance(self.smooth, str):
                    apart = np.bincount(codes, (target - mean[codes]) ** 2, size) / count
                    known = target.var() * count
                    share = known / (known + apart)
                    smoothed = share * mean + (1 - share) * overall
                else:
                    smoothed = (total + self.smooth * overall) / (count + self.smooth)
            column[:] = np.where(np.isnan(smoothed), overall, smoothed)
        return result

    def compute(self, x: Matrix) -> Matrix:
        """Return the means [N, 1], or [N, C] for C > 2 classes."""
        if len(self.overall_) == 1:
            means = np.ascontiguousarray(self.means_[:, 0])
            return lookup(x, self.categories_, means, float(self.overall_[0]))
        index = np.arange(len(self.categories_), dtype=np.int64)
        table = np.vstack([self.means_, self.overall_])
        return take_rows(table, lookup(x, self.categories_, index, len(index)))

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `mean target of column`, with the class where there are several."""
        if len(self.overall_) == 1:
            return [f"mean target of {names[0]}"]
        return [f"mean target of {names[0]} [{c}]" for c in range(len(self.overall_))]
