"""Forests: the average of many deep trees, each grown with randomness.

catalogue  ens-rf ens-extra ens-bagging ens-idea tree-dt tree-pure tree-preprune
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import AnyOf, Choice, Flag, Interval, Optional
from mulle.graph import Matrix, Tree, lone_leaf, trees_to_onnx
from mulle.learners.base import (
    SEED,
    THREADS,
    Classifier,
    Learner,
    Regressor,
    threads,
    two_columns_onnx,
)
from mulle.settings import Parameters

_TREES_BETWEEN_LOOKS = 20  # at most; of a large table one takes a second
_CELLS_BETWEEN_LOOKS = 2_000_000
_MAX_BYTES = 40_000_000  # of a forest in a graph
_BYTES_PER_LEAF = 32  # with the node above it; for several classes 8 more a class


class _Forest(Learner):
    """The base class of all forests.

    Args (scikit-learn's own names): n_estimators, max_features, min_samples_leaf,
    max_leaf_nodes (None: as many as keep the forest below 40 MB), bootstrap (None: as the
    kind of forest has it by definition), n_jobs, random_state.
    """

    native_missing = True
    rounds = "n_estimators"
    pilot_rounds, least_rounds = 2, 20
    draws_rows: ClassVar[bool]  # whether each tree learns from a bootstrap sample by definition
    parameters: ClassVar[Parameters] = {
        "n_estimators": Interval(int, 1),
        "max_features": AnyOf(Choice("sqrt", "log2"), Interval(float, 0, 1, closed="right")),
        "min_samples_leaf": Interval(int, 1),
        "max_leaf_nodes": Optional(Interval(int, 2)),
        "bootstrap": Optional(Flag()),
        "n_jobs": THREADS,
        "random_state": SEED,
    }

    def __init__(
        self,
        *,
        n_estimators: int = 300,
        max_features: float | str = "sqrt",
        min_samples_leaf: int = 1,
        max_leaf_nodes: int | None = None,
        bootstrap: bool | None = None,
        n_jobs: int = -1,
        random_state: int = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_features = max_features
        self.min_samples_leaf = min_samples_leaf
        self.max_leaf_nodes = max_leaf_nodes
        self.bootstrap = bootstrap
        self.n_jobs = n_jobs
        self.random_state = random_state

    def grower(self) -> type:
        """Return the class of scikit-learn that grows the forest."""
        raise NotImplementedError

    def learn(
        self, x: Matrix, y: Array, weight: Array | None, *, stop: Stop = never, **_: Any
    ) -> None:
        """Grow the trees some at a time, looking at the clock in between."""
        self.forest_ = self.grower()(
            **self.get_params()
            | {
                "n_estimators": 0,
                "bootstrap": self.draws_rows if self.bootstrap is None else self.bootstrap,
                "max_features": self._features_a_split(),
                "warm_start": True,
                "n_jobs": threads(self.n_jobs, x.shape[0] * x.shape[1]),
                "max_leaf_nodes": self.max_leaf_nodes or self._max_leaves(len(x)),
            }
        )
        at_once = _CELLS_BETWEEN_LOOKS // (x.shape[0] * x.shape[1])
        at_once = max(self.forest_.n_jobs, min(at_once, _TREES_BETWEEN_LOOKS))
        while self.forest_.n_estimators < self.n_estimators:
            wanted = min(self.forest_.n_estimators + at_once, self.n_estimators)
            self.forest_.set_params(n_estimators=wanted).fit(x, y, sample_weight=weight)
            if stop():
                break

    def _features_a_split(self) -> float | str:
        """Return the rule for the features of a split; to scikit-learn 1 is one, and 1.0 all."""
        return self.max_features if isinstance(self.max_features, str) else float(self.max_features)

    def _max_leaves(self, rows: int) -> int | None:
        """Return the most leaves of a tree; None where the rows keep it smaller anyway."""
        classes = len(getattr(self, "classes_", ()))
        bytes_a_leaf = _BYTES_PER_LEAF + 8 * (classes if classes > 2 else 0)
        most = max(2, _MAX_BYTES // (self.n_estimators * bytes_a_leaf))
        return most if most < rows // self.min_samples_leaf else None

    def operations(self) -> float:
        """Return the nodes that a row passes, about."""
        grown = self.forest_.estimators_
        leaves = max(2.0, sum(e.tree_.n_leaves for e in grown) / len(grown))
        return len(grown) * math.log2(leaves)

    def nodes(self) -> int:
        """Return the nodes of all trees."""
        return sum(e.tree_.node_count for e in self.forest_.estimators_)

    def in_rounds(self, rounds: int) -> dict[str, Any]:
        """Return so many trees, where that is fewer."""
        return {"n_estimators": rounds} if rounds < self.n_estimators else {}

    def as_trained(self) -> dict[str, Any]:
        """Return what was grown, and how."""
        grown = self.forest_
        names = ("max_features", "max_leaf_nodes", "bootstrap")
        return {"n_estimators": len(grown.estimators_)} | {n: getattr(grown, n) for n in names}

    def trees(self, column: int = 0) -> list[Tree]:
        """Return all trees, each leaf with one number of its value."""
        return [_convert(e.tree_, e.tree_.value[:, 0, column]) for e in self.forest_.estimators_]

    def _average_onnx(self, g: Any, x: Any, column: int) -> Any:
        total = trees_to_onnx(self.trees(column), x)
        return g.div(total, g.constant_of(np.float64(len(self.forest_.estimators_))))


class _ForestClassifier(_Forest, Classifier):
    def scores(self, x: Matrix) -> Array:
        """Return class probabilities [N, C]."""
        return np.asarray(self.forest_.predict_proba(x))

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return class probabilities: directly for two classes, else by the leaves of each row."""
        if len(self.classes_) == 1:
            return self._average_onnx(g, x, 0)
        if len(self.classes_) == 2:
            return two_columns_onnx(g, self._average_onnx(g, x, 1))
        return self._by_leaf(g, x)

    def width(self, features: int) -> int:
        """Return how many numbers the graph holds for one row: for several classes, all leaves'."""
        reached = len(self.forest_.estimators_) * len(self.classes_)
        return max(features, reached if len(self.classes_) > 2 else 1)

    def _by_leaf(self, g: Any, x: Any) -> Any:
        """Return the mean of the probabilities of the leaves that a row reaches, by leaf number."""
        converted, values = [], []
        begin = 0
        for target, estimator in enumerate(self.forest_.estimators_):
            grown = estimator.tree_
            leaves = np.flatnonzero(grown.children_left < 0)
            numbers = np.zeros(grown.node_count)
            numbers[leaves] = np.arange(begin, begin + len(leaves))
            converted.append(_convert(grown, numbers, target))
            values.append(grown.value[leaves, 0, :])
            begin += len(leaves)
        leaf = g.cast(trees_to_onnx(converted, x, len(converted)), to=np.int64)
        reached = g.gather(g.constant_of(np.concatenate(values).astype(np.float64)), leaf, axis=0)
        return g.reduce_mean(reached, g.constant_of(np.array([1])), keepdims=0)


class _ForestRegressor(_Forest, Regressor):
    def scores(self, x: Matrix) -> Array:
        """Return the predicted values [N, 1]."""
        return np.asarray(self.forest_.predict(x))[:, None]

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return the predicted values [N, 1]."""
        return self._average_onnx(g, x, 0)


class RandomForestClassifier(_ForestClassifier):
    """Learn classes with scikit-learn's random forest: bootstrap samples, best thresholds."""

    draws_rows = True

    def grower(self) -> type:
        """Return the class of scikit-learn that grows the forest."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier  # type: ignore[no-any-return]


class ExtraTreesClassifier(_ForestClassifier):
    """Learn classes with scikit-learn's extra trees: all rows, random thresholds."""

    draws_rows = False

    def grower(self) -> type:
        """Return the class of scikit-learn that grows the forest."""
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier  # type: ignore[no-any-return]


class RandomForestRegressor(_ForestRegressor):
    """Learn values with scikit-learn's random forest: bootstrap samples, best thresholds."""

    draws_rows = True

    def grower(self) -> type:
        """Return the class of scikit-learn that grows the forest."""
        from sklearn.ensemble import RandomForestRegressor

        return RandomForestRegressor  # type: ignore[no-any-return]


class ExtraTreesRegressor(_ForestRegressor):
    """Learn values with scikit-learn's extra trees: all rows, random thresholds."""

    draws_rows = False

    def grower(self) -> type:
        """Return the class of scikit-learn that grows the forest."""
        from sklearn.ensemble import ExtraTreesRegressor

        return ExtraTreesRegressor  # type: ignore[no-any-return]


def _convert(grown: Any, value: Array, target: int = 0) -> Tree:
    """Convert a tree of scikit-learn, which numbers nodes and leaves together."""
    is_leaf = grown.children_left < 0
    if is_leaf.all():
        return lone_leaf(float(value[0]), target)
    # New number: of nodes among nodes from 0 up, of leaves among leaves from -1 down.
    number = np.where(is_leaf, -np.cumsum(is_leaf), np.cumsum(~is_leaf) - 1)
    nodes = ~is_leaf
    return Tree(
        feature=grown.feature[nodes],
        threshold=grown.threshold[nodes],
        left=number[grown.children_left[nodes]],
        right=number[grown.children_right[nodes]],
        missing_left=grown.missing_go_to_left[nodes].astype(bool),
        leaf_value=np.asarray(value)[is_leaf],
        target=target,
    )
