"""The prepared features of folds, kept while plans that prepare them alike are tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mulle.arrays import Array
from mulle.budget import Stop, never
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
        self._kept: dict[tuple[bytes, int, int], Prepared] = {}

    def of(
        self, plan: Plan, number: int, train_rows: Array | None = None, stop: Stop = never
    ) -> Prepared:
        """Return the steps learned on a fold, the features of its training and validation rows.

        Args:
            plan: says how features are made.
            number: of the fold.
            train_rows: positions of those training rows that are used; all if None.
            stop: asked between steps, columns and passes.

        Raises:
            TimeUp: `stop` came true.
        """
        all_rows, valid_rows = self.folds[number]
        train_rows = all_rows if train_rows is None else train_rows
        key = msgspec.json.encode(plan.features), number, len(train_rows)
        if key not in self._kept:
            preparation = plan.preparation()
            x = preparation.fit_transform(self._rows(train_rows), self.y[train_rows], stop=stop)
            x_valid = preparation.transform(self._rows(valid_rows), stop=stop)
            self._forget_others(key[0])
            self._kept[key] = preparation, x, x_valid
        return self._kept[key]

    def whole(self, plan: Plan, stop: Stop = never) -> tuple[Preparation, Matrix]:
        """Return the steps learned on all rows, and their features.

        Raises:
            TimeUp: `stop` came true.
        """
        preparation = plan.preparation()
        return preparation, preparation.fit_transform(self.columns, self.y, stop=stop)

    def _rows(self, at: Array) -> dict[str, Any]:
        """Return all columns of some rows."""
        return {name: column[at] for name, column in self.columns.items()}

    def _forget_others(self, features: bytes) -> None:
        """Keep the features of two recipes at most."""
        kept = list(dict.fromkeys(key[0] for key in self._kept))
        if len(kept) >= _MAX_RECIPES and features not in kept:
            self._kept = {k: v for k, v in self._kept.items() if k[0] == kept[-1]}
