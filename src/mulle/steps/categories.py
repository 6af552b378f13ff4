"""Turn categories into numbers, with a defined result for missing and unseen ones.

A category is a string; missing ones count as a category of their own when training had some.

catalogue  cat-onehot cat-label var-ordinal cat-freq rep-index
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval, Listing, Text
from mulle.graph import MISSING_STRING, Matrix, lookup, take_rows
from mulle.settings import Parameters
from mulle.steps.base import Step
from mulle.table import Storage


def count_categories(x: Array) -> tuple[list[str], Array]:
    """Return the distinct strings of a column, most frequent first (ties by name), and counts."""
    table = pl.Series("key", x[:, 0], dtype=pl.String).value_counts().sort("key")
    table = table.sort("count", descending=True, maintain_order=True)
    return table["key"].to_list(), table["count"].to_numpy()


def _label(key: str) -> str:
    return "(missing)" if key == MISSING_STRING else key


class CategoryStep(Step):
    """The base class of steps that take one column of strings."""

    storage = Storage.string
    per_column = True


class OneHot(CategoryStep):
    """Give each category a 0/1 column; rare ones share a column.

    Args:
        min_count: categories seen less often in training are rare.
        max_categories: beyond so many, the least frequent are rare too.

    An unseen category counts as rare where training had rare ones; else it gives zeros only.

    >>> step = OneHot(min_count=1).fit(np.array([["b"], ["a"], ["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["zzz"]], dtype=object)).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """

    parameters: ClassVar[Parameters] = {
        "min_count": Interval(int, 1),
        "max_categories": Interval(int, 1),
    }

    def __init__(self, *, min_count: int = 5, max_categories: int = 50) -> None:
        self.min_count = min_count
        self.max_categories = max_categories

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the frequent categories."""
        keys, counts = count_categories(x)
        frequent = int(min((counts >= self.min_count).sum(), self.max_categories))
        self.categories_ = keys[:frequent]
        self.has_rare_ = len(keys) > frequent
        width = frequent + self.has_rare_
        self.table_ = np.eye(frequent + 1, width)  # the last row is what is not a category

    def compute(self, x: Matrix) -> Matrix:
        """Return zeros and ones [N, K]."""
        index = np.arange(len(self.categories_), dtype=np.int64)
        if not len(index):
            return take_rows(self.table_, lookup(x, [""], np.zeros(1, np.int64), 0))
        return take_rows(self.table_, lookup(x, self.categories_, index, len(index)))

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column = category`."""
        rare = [f"{names[0]} = (rare)"] if self.has_rare_ else []
        return [f"{names[0]} = {_label(c)}" for c in self.categories_] + rare


class CategoryCodes(CategoryStep):
    """Number categories 0, 1, 2, ... by falling frequency; the codes are names, not magnitudes.

    An unseen category, or a missing one where training had none, is NaN.

    >>> step = CategoryCodes().fit(np.array([["b"], ["a"], ["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["b"], ["zzz"]], dtype=object)).tolist()
    [[1.0], [0.0], [nan]]
    """

    categorical = True

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the codes."""
        self.categories_ = count_categories(x)[0]

    def compute(self, x: Matrix) -> Matrix:
        """Return the codes [N, 1]."""
        return lookup(x, self.categories_, np.arange(float(len(self.categories_))), np.nan)


class OrdinalCodes(CategoryStep):
    """Number ordered categories 0 (the lowest), 1, 2, ...; all other strings become NaN.

    Args:
        order: the categories, lowest first.

    >>> step = OrdinalCodes(["low", "high"]).fit(np.array([["high"]], dtype=object))
    >>> step.transform(np.array([["high"], ["low"], ["?"]], dtype=object)).tolist()
    [[1.0], [0.0], [nan]]
    """

    parameters: ClassVar[Parameters] = {"order": Listing(Text(), distinct=True)}

    def __init__(self, order: list[str]) -> None:
        self.order = order

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Keep the order."""
        self.codes_ = np.arange(float(len(self.order)))

    def compute(self, x: Matrix) -> Matrix:
        """Return the codes [N, 1]."""
        return lookup(x, self.order, self.codes_, np.nan)


class Frequency(CategoryStep):
    """Replace each category by its share of the training rows; an unseen one by 0.

    >>> step = Frequency().fit(np.array([["b"], ["a"], ["b"], ["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["b"], ["zzz"]], dtype=object)).tolist()
    [[0.25], [0.75], [0.0]]
    """

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the shares."""
        self.categories_, counts = count_categories(x)
        self.share_ = counts / len(x)

    def compute(self, x: Matrix) -> Matrix:
        """Return the shares [N, 1]."""
        return lookup(x, self.categories_, self.share_, 0.0)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the name: `column share`."""
        return [f"{names[0]} share"]
