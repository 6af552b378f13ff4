"""Keep the columns that say most about the target.

catalogue  sel-univariate sel-model sel-vs-extract
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import Choice, Interval
from mulle.graph import Matrix
from mulle.kernels import load_lightgbm
from mulle.settings import Parameters
from mulle.steps.base import SEED, Step, class_codes

_MIN_ROWS = 5
_MAX_CLASSES = 10


class SelectK(Step):
    """Keep the columns with the highest scores, in their order.

    Args:
        k: how many.
        by: what they are scored by. `f`: the F statistic of each column alone (analysis of
            variance for classes, linear regression for values). `mutual_info`: mutual information
            with the target, which sees any dependence. Both keep columns that repeat each other
            and miss those that tell only together; `model`: the gain in a small boosted model,
            which judges all together.
        random_state: seed.

    Missing values take part in `model`; for the others the median stands in.
    """

    uses_target = True
    parameters: ClassVar[Parameters] = {
        "k": Interval(int, 1),
        "by": Choice("f", "mutual_info", "model"),
        "random_state": SEED,
    }

    def __init__(
        self,
        k: int = 20,
        *,
        by: Literal["f", "mutual_info", "model"] = "f",
        random_state: int = 0,
    ) -> None:
        self.k = k
        self.by = by
        self.random_state = random_state

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Score the columns and keep the best."""
        y = np.asarray(y)
        codes = class_codes(y)
        score = self._gain if self.by == "model" else self._alone
        found = score(x, y if codes is None else codes, codes is not None, stop)
        self.scores_ = np.nan_to_num(np.asarray(found, np.float64), posinf=np.inf)
        self.kept_ = np.sort(np.argsort(-self.scores_, kind="stable")[: self.k])

    def _alone(self, x: Array, y: Array, classes: bool, stop: Stop) -> Array:  # noqa: FBT001
        from sklearn import feature_selection as fs

        if len(x) < _MIN_ROWS or (y == y[0]).all():  # nothing to tell columns apart by
            return np.zeros(x.shape[1])
        x = np.where(np.isnan(x), np.nan_to_num(np.nanmedian(x, axis=0)), x)
        if self.by == "f":
            found = (fs.f_classif if classes else fs.f_regression)(x, y)[0]
            return np.where((x != x[0]).any(axis=0), found, 0.0)
        score = fs.mutual_info_classif if classes else fs.mutual_info_regression
        if stop is never:
            return np.asarray(score(x, y, random_state=self.random_state))
        found = []
        for column in x.T:
            check(stop)
            found.append(score(column[:, None], y, random_state=self.random_state)[0])
        return np.asarray(found)

    def _gain(self, x: Array, y: Array, classes: bool, stop: Stop) -> Array:  # noqa: FBT001
        lightgbm = load_lightgbm()

        params = {
            "objective": "regression", "num_leaves": 15, "verbosity": -1, "num_threads": 1,
            "seed": self.random_state, "deterministic": True, "force_row_wise": True,
        }  # fmt: skip
        gain = np.zeros(x.shape[1])
        for label in np.eye(y.max() + 1)[:, y][:_MAX_CLASSES] if classes else [y]:
            check(stop)
            model = lightgbm.train(params, lightgbm.Dataset(x, label, params=params), 40)
            gain += model.feature_importance("gain")
        return gain

    def compute(self, x: Matrix) -> Matrix:
        """Return the kept columns [N, k]."""
        xp = x.__array_namespace__()
        return xp.take(x, xp.asarray(self.kept_), axis=1)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names of the kept columns."""
        return [names[i] for i in self.kept_]
