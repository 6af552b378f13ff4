"""The prepared features of folds, kept while plans that prepare them alike are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.graph import Matrix
from mulle.steps import Preparation
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.pipeline import Columns
from mulle.verbs.fit.plan import Plan

_MAX_RECIPES = 6  # whose features are kept at most: memory is the user's too
_SPARE = 3  # times their bytes must be free for features to be kept: learners copy them

Prepared = tuple[Preparation, Matrix, Matrix]


class FoldFeatures:
    """Steps learned on each fold, with the features of its training and validation rows.

    Attributes:
        columns: one array [N, 1] a column.
        y: class codes or values [N].
        folds: pairs of positions (training rows, validation rows).
        memory: in which the features are kept.
    """

    def __init__(
        self,
        columns: Columns,
        y: Array,
        folds: Sequence[tuple[Array, Array]],
        memory: Memory | None = None,
    ) -> None:
        self.columns = columns
        self.y = y
        self.folds = folds
        self.memory = memory or Memory()
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
            self._forget_others(key[0])
            preparation = plan.preparation()
            some, others = _Rows(self.columns, train_rows), _Rows(self.columns, valid_rows)
            x = preparation.fit_transform(some, self.y[train_rows], stop=stop)
            prepared = preparation, x, preparation.transform(others, stop=stop)
            if self.memory.left() < _SPARE * _bytes(x):
                return prepared  # made anew for the next plan: its training needs the memory
            self._kept[key] = prepared
        return self._kept[key]

    def whole(self, plan: Plan, stop: Stop = never) -> tuple[Preparation, Matrix]:
        """Return the steps learned on all rows, and their features.

        Raises:
            TimeUp: `stop` came true.
        """
        preparation = plan.preparation()
        return preparation, preparation.fit_transform(self.columns, self.y, stop=stop)

    def forget(self) -> None:
        """Keep no features: what follows needs the memory."""
        self._kept.clear()

    def _forget_others(self, features: bytes) -> None:
        """Keep the features of a few recipes, and of none where memory is short."""
        kept = list(dict.fromkeys(key[0] for key in self._kept))
        if features in kept:
            return
        if self.memory.left() < _SPARE * sum(_bytes(x) for _, x, _ in self._kept.values()):
            self._kept = {}
        elif len(kept) >= _MAX_RECIPES:
            self._kept = {k: v for k, v in self._kept.items() if k[0] != kept[0]}


class _Rows(Mapping[str, Array]):
    """Some rows of columns, each cut when it is asked for: no fold is copied as a whole."""

    def __init__(self, columns: Columns, at: Array) -> None:
        self._columns = columns
        self._at = at

    def __getitem__(self, name: str) -> Array:
        return self._columns[name][self._at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _bytes(x: Matrix) -> int:
    """Return the bytes of features, dense or CSR."""
    return int(x.nbytes if hasattr(x, "nbytes") else x.data.nbytes + x.indices.nbytes)
