"""Turn categories into numbers, with a defined result for missing and unseen ones.

A category is a string; missing ones count as a category of their own when training had some.

catalogue  cat-onehot cat-label var-ordinal cat-freq cat-target rep-index
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import AnyOf, Choice, Interval, Listing, Text
from mulle.graph import MISSING_STRING, Matrix, lookup, take_rows
from mulle.settings import Parameters
from mulle.steps.base import SEED, Step, class_codes
from mulle.table import Storage


def _counts(x: Array) -> tuple[list[str], Array]:
    """Return the distinct strings of a column, most frequent first (ties by name), and counts."""
    table = pl.Series("key", x[:, 0], dtype=pl.String).value_counts().sort("key")
    table = table.sort("count", descending=True, maintain_order=True)
    return table["key"].to_list(), table["count"].to_numpy()


def _label(key: str) -> str:
    return "(missing)" if key == MISSING_STRING else key


class _CategoryStep(Step):
    storage = Storage.string
    per_column = True


class OneHot(_CategoryStep):
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
        keys, counts = _counts(x)
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


class CategoryCodes(_CategoryStep):
    """Number categories 0, 1, 2, ... by falling frequency; the codes are names, not magnitudes.

    An unseen category, or a missing one where training had none, is NaN.

    >>> step = CategoryCodes().fit(np.array([["b"], ["a"], ["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["b"], ["zzz"]], dtype=object)).tolist()
    [[1.0], [0.0], [nan]]
    """

    categorical = True

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the codes."""
        self.categories_ = _counts(x)[0]

    def compute(self, x: Matrix) -> Matrix:
        """Return the codes [N, 1]."""
        return lookup(x, self.categories_, np.arange(float(len(self.categories_))), np.nan)


class OrdinalCodes(_CategoryStep):
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


class Frequency(_CategoryStep):
    """Replace each category by its share of the training rows; an unseen one by 0.

    >>> step = Frequency().fit(np.array([["b"], ["a"], ["b"], ["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["b"], ["zzz"]], dtype=object)).tolist()
    [[0.25], [0.75], [0.0]]
    """

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the shares."""
        self.categories_, counts = _counts(x)
        self.share_ = counts / len(x)

    def compute(self, x: Matrix) -> Matrix:
        """Return the shares [N, 1]."""
        return lookup(x, self.categories_, self.share_, 0.0)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the name: `column share`."""
        return [f"{names[0]} share"]


class TargetEncode(_CategoryStep):
    """Replace each category by the smoothed mean of the target over its rows.

    Training rows get means learned from other rows (out of fold), since a row's own target would
    leak into its feature. An unseen category gets the overall mean.

    Args:
        smooth: rows of the overall mean mixed in, or `auto` for the empirical Bayes estimate.
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
        """Learn the means on all rows."""
        y, kind = _as_encodable(np.asarray(y))
        self._keep(self._encoder(kind).fit(x, y))

    def fit_transform(self, x: Matrix, y: Array | None = None, *, stop: Stop = never) -> Matrix:
        """Learn the means on all rows; return those of the rows themselves, out of fold."""
        self.fit(x, y, stop=stop)
        check(stop)
        y, kind = _as_encodable(np.asarray(y))
        most_folds = int(np.bincount(y).max()) if kind != "continuous" else len(y)
        folds = min(self.cv, most_folds)
        if folds < 2:  # no other rows to learn from
            return np.repeat(self.overall_[None, :], len(x), axis=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about classes of few rows
            encoded = self._encoder(kind, folds).fit_transform(x, y)
        return np.asarray(encoded, np.float64)

    def _encoder(self, kind: str, folds: int = 2) -> Any:
        import sklearn
        from sklearn.model_selection import KFold, StratifiedKFold
        from sklearn.preprocessing import TargetEncoder

        split = KFold if kind == "continuous" else StratifiedKFold
        how: dict[str, Any] = {"cv": folds, "random_state": self.random_state}
        if [int(part) for part in sklearn.__version__.split(".")[:2]] >= [1, 9]:
            how = {"cv": split(folds, shuffle=True, random_state=self.random_state)}
        return TargetEncoder(target_type=kind, smooth=self.smooth, **how)

    def _keep(self, encoder: Any) -> None:
        self.categories_ = [str(c) for c in encoder.categories_[0]]
        self.means_ = [np.asarray(e, np.float64) for e in encoder.encodings_]
        self.overall_ = np.atleast_1d(encoder.target_mean_).astype(np.float64)

    def compute(self, x: Matrix) -> Matrix:
        """Return the means [N, 1], or [N, C] for C > 2 classes."""
        if len(self.means_) == 1:
            return lookup(x, self.categories_, self.means_[0], float(self.overall_[0]))
        index = np.arange(len(self.categories_), dtype=np.int64)
        table = np.vstack([np.stack(self.means_, axis=1), self.overall_])
        return take_rows(table, lookup(x, self.categories_, index, len(index)))

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `mean target of column`, with the class where there are several."""
        if len(self.means_) == 1:
            return [f"mean target of {names[0]}"]
        return [f"mean target of {names[0]} [{c}]" for c in range(len(self.means_))]


def _as_encodable(y: Array) -> tuple[Array, str]:
    """Return the target as scikit-learn's encoder takes it, and its type there."""
    codes = class_codes(y)
    if codes is None or codes.max() == 0:
        return (y if codes is None else codes).astype(np.float64), "continuous"
    return codes, "binary" if codes.max() == 1 else "multiclass"
