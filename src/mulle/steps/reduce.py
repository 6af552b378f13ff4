"""Reduce many columns to the directions in which they vary most.

catalogue  red-unsup red-pca red-pca-uses red-svd red-lsa
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Interval
from mulle.graph import Matrix, matmul
from mulle.settings import Parameters
from mulle.steps.base import SEED, Step


class _Reduce(Step):
    """The base class of projections: z = (x - mean) @ directions, with directions [K, M]."""

    # Sums of products in another order: measured against the row's largest result, some
    # rounding errors of float32 at most.
    ulps = 4
    native_missing = False
    directions_: Array
    parameters: ClassVar[Parameters] = {"n_components": Interval(int, 1), "random_state": SEED}

    def __init__(self, n_components: int = 48, *, random_state: int = 0) -> None:
        self.n_components = n_components
        self.random_state = random_state

    def compute(self, x: Matrix) -> Matrix:
        """Return the projections [N, n_components]."""
        return matmul(x, self.directions_)


class LSA(_Reduce):
    """Project a wide matrix on its leading directions: latent semantic analysis by truncated SVD.

    Args:
        n_components: how many.
        random_state: seed of the randomized solver.
    """

    native_sparse = True

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the directions."""
        from sklearn.decomposition import TruncatedSVD

        width = min(self.n_components, x.shape[1] - 1, x.shape[0] - 1)
        if width < 1:
            self.directions_ = np.ones((x.shape[1], 1))
            return
        solver = TruncatedSVD(width, random_state=self.random_state, n_iter=4)
        self.directions_ = np.ascontiguousarray(solver.fit(x).components_.T)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column LSA i`."""
        column = names[0].split(' "')[0] if names else "text"
        return [f"{column} LSA {i + 1}" for i in range(self.directions_.shape[1])]


class PCA(_Reduce):
    """Project centred columns on their directions of largest variance: principal components.

    Columns of different units are scaled first. A direction of small variance is dropped even
    where it carries what is looked for.

    Args:
        n_components: how many.
        random_state: seed of the randomized solver, which serves wide tables.
    """

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the mean and the directions."""
        from sklearn import decomposition

        width = min(self.n_components, *x.shape)
        solver = decomposition.PCA(width, random_state=self.random_state).fit(x)
        self.mean_ = solver.mean_
        self.directions_ = np.ascontiguousarray(solver.components_.T)

    def compute(self, x: Matrix) -> Matrix:
        """Return the projections [N, n_components]."""
        return super().compute(x - self.mean_)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `component i`."""
        return [f"component {i + 1}" for i in range(self.directions_.shape[1])]
