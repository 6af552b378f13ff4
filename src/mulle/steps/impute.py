"""Fill missing numbers, and mark where they were missing.

catalogue  impute-simple
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Choice, Flag
from mulle.graph import Matrix
from mulle.settings import Parameters
from mulle.steps.base import Step

_CELLS_AT_ONCE = 4_000_000  # numbers whose statistics are found together, in copies of them


class Impute(Step):
    """Replace missing numbers by a statistic of their column; 0 where all are missing.

    Args:
        strategy: `median`, `mean`, `most_frequent` or `zero`.
        indicator: append, for each column with missing values in training, 1 where missing.

    >>> Impute().fit_transform(np.array([[1.0], [np.nan], [3.0]])).tolist()
    [[1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]
    """

    parameters: ClassVar[Parameters] = {
        "strategy": Choice("median", "mean", "most_frequent", "zero"),
        "indicator": Flag(),
    }

    def __init__(
        self,
        strategy: Literal["median", "mean", "most_frequent", "zero"] = "median",
        *,
        indicator: bool = True,
    ) -> None:
        self.strategy = strategy
        self.indicator = indicator

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the fill values, and which columns have missing values at all."""
        size = max(1, _CELLS_AT_ONCE // len(x))
        parts = [x[:, begin : begin + size] for begin in range(0, x.shape[1], size)]
        fill = np.concatenate([self._statistics(part) for part in parts])
        self.fill_ = np.nan_to_num(fill.astype(np.float64), nan=0.0)
        missing = np.concatenate([np.isnan(part).any(axis=0) for part in parts])
        self.missing_columns_ = np.flatnonzero(missing)

    def _statistics(self, x: Array) -> Array:
        from sklearn.impute import SimpleImputer

        strategy = "constant" if self.strategy == "zero" else self.strategy
        imputer = SimpleImputer(strategy=strategy, fill_value=0.0, keep_empty_features=True)
        return np.asarray(imputer.fit(x).statistics_)

    def compute(self, x: Matrix) -> Matrix:
        """Return the filled columns, then the indicators [N, M]."""
        xp = x.__array_namespace__()
        missing = xp.isnan(x)
        filled = xp.where(missing, xp.asarray(self.fill_), x)
        if not self.indicator or not len(self.missing_columns_):
            return filled
        marks = xp.astype(missing, xp.float64)
        if len(self.missing_columns_) < self.n_features_in_:
            marks = xp.take(marks, xp.asarray(self.missing_columns_), axis=1)
        return xp.concat([filled, marks], axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: the columns, then `column is missing`."""
        marks = [f"{names[i]} is missing" for i in self.missing_columns_] if self.indicator else []
        return [*names, *marks]
