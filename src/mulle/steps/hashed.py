"""Give categories a fixed number of columns, however many they are: feature hashing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval
from mulle.graph import Matrix, hash_strings
from mulle.settings import Parameters
from mulle.steps.categories import CategoryStep


class Hashed(CategoryStep):
    """Put each category into one of a fixed number of columns, by its hash, as 1 or -1.

    column = |h| mod n_features, value = 1 for h >= 0, else -1

    No table of categories is kept, so that a model of millions of them is small, and one unseen in
    training is hashed as well. Categories that share a column are taken for one another; the sign
    keeps their sum right on average.

    Args:
        n_features: columns; the more, the fewer categories share one.

    Source: Weinberger et al. 2009, arXiv:0902.2206, as scikit-learn's FeatureHasher.

    >>> step = Hashed(4).fit(np.array([["b"]], dtype=object))
    >>> step.transform(np.array([["a"], ["b"]], dtype=object)).tolist()
    [[0.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 0.0]]
    """

    parameters: ClassVar[Parameters] = {"n_features": Interval(int, 1, 65_536)}

    def __init__(self, n_features: int = 64) -> None:
        self.n_features = n_features

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Number the columns; there is nothing to learn."""
        self.columns_ = np.arange(self.n_features, dtype=np.int64)

    def compute(self, x: Matrix) -> Matrix:
        """Return zeros, and 1 or -1 once in each row [N, n_features]."""
        hashes = hash_strings(x)
        xp = hashes.__array_namespace__()
        here = xp.remainder(xp.abs(hashes), self.n_features) == xp.asarray(self.columns_)
        sign = xp.where(hashes >= 0, xp.asarray(1.0), xp.asarray(-1.0))
        return xp.where(here, sign, xp.asarray(0.0))

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column hash i`."""
        return [f"{names[0]} hash {i}" for i in range(self.n_features)]
