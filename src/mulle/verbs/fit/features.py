"""The prepared features of folds, kept while plans that prepare them alike are tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mulle.arrays import Array
from mulle.graph import Matrix
from mulle.steps import Preparation
from mulle.verbs.fit.pipeline import Columns
from mulle.verbs.fit.plan import Plan

_MAX_RECIPES = 2  # whose features are kept: memory is the user's too

Prepared = tuple[Preparation, Matrix, Matrix]


class FoldFeatures:
    """Steps learned on each fold, with the features of its training and validation rows.

    Attributes:
        columns: one array [N, 1] a column.
        y: class codes or values [N].
        folds: pairs of positions (training rows, validation rows).
    """

    def __init__(self, columns: Columns, y: Array, folds: Sequence[tuple[Array, Array]]) -> None:
        self.columns = columns
        self.y = y
        self.folds = folds
        self._kept: dict[tuple[bytes, int], Prepared] = {}

    def of(self, plan: Plan, number: int) -> Prepared:
        """Return the steps learned on a fold, the features of its training and validation rows."""
        key = msgspec.json.encode(plan.features), number
        if key not in self._kept:
            train_rows, valid_rows = self.folds[number]
            preparation = plan.preparation()
            x = preparation.fit_transform(self._rows(train_rows), self.y[train_rows])
            self._forget_others(key[0])
            self._kept[key] = preparation, x, preparation.transform(self._rows(valid_rows))
        return self._kept[key]

    def whole(self, plan: Plan) -> tuple[Preparation, Matrix]:
        """Return the steps learned on all rows, and their features."""
        preparation = plan.preparation()
        return preparation, preparation.fit_transform(self.columns, self.y)

    def _rows(self, at: Array) -> dict[str, Any]:
        """Return all columns of some rows."""
        return {name: column[at] for name, column in self.columns.items()}

    def _forget_others(self, features: bytes) -> None:
        """Keep the features of two recipes at most."""
        kept = list(dict.fromkeys(key[0] for key in self._kept))
        if len(kept) >= _MAX_RECIPES and features not in kept:
            self._kept = {k: v for k, v in self._kept.items() if k[0] == kept[-1]}
