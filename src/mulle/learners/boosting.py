"""Gradient boosting with LightGBM: trees added one after another, each correcting the rest.

LightGBM trains; its own model text is read back into trees, so that the graph compares and sums
exactly what LightGBM compares and sums, category sets and the way of missing values included.

catalogue  ens-gbdt ens-weak
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Flag, Interval
from mulle.graph import Matrix, Tree, lone_leaf, trees_to_onnx
from mulle.learners.base import (
    SEED,
    THREADS,
    Classifier,
    Held,
    Learner,
    Regressor,
    sigmoid,
    threads,
    two_columns,
    two_columns_onnx,
)
from mulle.learners.lightgbm_text import parse_trees
from mulle.settings import Parameters

Ended = Literal["trees", "patience", "stop"]

_USUAL_LEAVES = 31
_RATE_TIMES_ROUNDS = 25.0  # about where the score of a boosted model levels off
_MAX_RATE = 0.2  # beyond, boosting of many classes diverges
_PATIENCE_OF_BEST, _PATIENCE_AT_LEAST = 0.3, 20  # many small trees gain slowly: AutoGluon's rule


class _LightGBM(Learner):
    """The base class of both LightGBM learners.

    Args (LightGBM's own names): n_estimators, learning_rate, num_leaves, min_child_samples,
    subsample (drawn anew for each tree), colsample_bytree, reg_alpha, reg_lambda, extra_trees,
    cat_smooth, cat_l2, max_cat_to_onehot; patience: trees without gain on the held rows before
    training ends, or 0.3 times the best number of trees + 20 where that is more; n_jobs;
    random_state.

    Attributes:
        n_trees_: iterations that count, those after the best on the held rows left out.
        ended_: why training ended: at the limit of `trees`, for lack of gain after `patience`, or
            by `stop`, that is, cut short.
    """

    n_trees_: int
    ended_: Ended

    native_missing = True
    native_sparse = True
    rounds = "n_estimators"
    pilot_rounds, least_rounds = 6, 25
    parameters: ClassVar[Parameters] = {
        "n_estimators": Interval(int, 1),
        "learning_rate": Interval(float, 0, 1, closed="right"),
        "num_leaves": Interval(int, 2, 131_072),
        "min_child_samples": Interval(int, 1),
        "subsample": Interval(float, 0, 1, closed="right"),
        "colsample_bytree": Interval(float, 0, 1, closed="right"),
        "reg_alpha": Interval(float, 0),
        "reg_lambda": Interval(float, 0),
        "extra_trees": Flag(),
        "cat_smooth": Interval(float, 0),
        "cat_l2": Interval(float, 0),
        "max_cat_to_onehot": Interval(int, 1),
        "patience": Interval(int, 1),
        "n_jobs": THREADS,
        "random_state": SEED,
    }

    def __init__(
        self,
        *,
        n_estimators: int = 1000,
        learning_rate: float = 0.05,
        num_leaves: int = _USUAL_LEAVES,
        min_child_samples: int = 20,
        subsample: float = 1.0,
        colsample_bytree: float = 1.0,
        reg_alpha: float = 0.0,
        reg_lambda: float = 0.0,
        extra_trees: bool = False,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
        max_cat_to_onehot: int = 4,
        patience: int = 100,
        n_jobs: int = -1,
        random_state: int = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_alpha = reg_alpha
        self.reg_lambda = reg_lambda
        self.extra_trees = extra_trees
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2
        self.max_cat_to_onehot = max_cat_to_onehot
        self.patience = patience
        self.n_jobs = n_jobs
        self.random_state = random_state

    def objective(self) -> dict[str, Any]:
        """Return LightGBM's objective for the task."""
        raise NotImplementedError

    def learn(
        self,
        x: Matrix,
        y: Array,
        weight: Array | None,
        *,
        held: Held | None = None,
        stop: Stop = never,
        categorical: Sequence[int] = (),
    ) -> None:
        """Train, until the held rows no longer improve or `stop` is true."""
        import lightgbm

        params = self._params(*x.shape)
        data = lightgbm.Dataset(
            x, y, weight=weight, categorical_feature=list(categorical), params=params
        )
        valid = [] if held is None else [data.create_valid(held.x, held.y)]
        watch = _Watch(self.patience, stop)
        self.booster_ = lightgbm.train(
            params, data, self.n_estimators, valid_sets=valid, callbacks=[watch]
        )
        trees = self.booster_.current_iteration()
        self.n_trees_ = min(watch.best or trees, trees)
        self.ended_ = watch.ended

    def _params(self, rows: int, features: int) -> dict[str, Any]:
        passed = self.get_params()
        for name in ("n_estimators", "patience", "random_state", "n_jobs"):
            del passed[name]
        return {
            **passed,
            **self.objective(),
            "num_threads": threads(self.n_jobs, rows * features),
            "subsample": max(self.subsample, min(1.0, 1.5 / rows)),  # a draw of no row is refused
            "seed": self.random_state,
            "subsample_freq": 1 if self.subsample < 1 else 0,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def raw_scores(self, x: Matrix) -> Array:
        """Return the sums of leaves, [N, 1] or [N, C]."""
        asked = x.shape[0] * self.n_trees_
        raw = self.booster_.predict(
            x,
            raw_score=True,
            num_iteration=self.n_trees_,
            num_threads=threads(self.n_jobs, asked),
        )
        return np.asarray(raw).reshape(x.shape[0], -1)

    def trees(self) -> list[Tree]:
        """Return all trees; an iteration has one for each class."""
        text = self.booster_.model_to_string(num_iteration=self.n_trees_)
        return parse_trees(text, self.booster_.num_model_per_iteration())

    def raw_scores_onnx(self, x: Any) -> Any:
        """Return the same as `raw_scores`, as a graph variable."""
        targets = self.booster_.num_model_per_iteration()
        return trees_to_onnx(self.trees() or [lone_leaf(0.0)], x, targets)

    def operations(self) -> float:
        """Return the nodes that a row passes, about."""
        trees = self.n_trees_ * self.booster_.num_model_per_iteration()
        return float(trees * math.log2(max(2, self.num_leaves)))

    def nodes(self) -> int:
        """Return the nodes of all trees, at most."""
        return int(self.n_trees_ * self.booster_.num_model_per_iteration() * self.num_leaves)

    def round_weight(self) -> float:
        """Return a weight that grows with the leaves, and with the columns that are looked at."""
        return math.sqrt(self.num_leaves / _USUAL_LEAVES) * self.colsample_bytree

    def in_rounds(self, rounds: int) -> dict[str, Any]:
        """Return so many trees where that is fewer, and a learning rate that gets far with them."""
        if rounds >= self.n_estimators:
            return {}
        rate = min(_MAX_RATE, _RATE_TIMES_ROUNDS / max(1, rounds))
        higher = {"learning_rate": round(rate, 4)} if rate > self.learning_rate else {}
        return {"n_estimators": max(1, rounds), **higher}

    def final_params(self, fitted: Sequence[Learner]) -> dict[str, Any]:
        """Return the mean of the numbers of trees that were best on the folds."""
        found = [f.n_trees_ for f in fitted if isinstance(f, _LightGBM)]
        return {"n_estimators": max(1, round(float(np.mean(found))))} if found else {}


class LightGBMClassifier(_LightGBM, Classifier):
    """Learn classes with LightGBM, by log loss."""

    def objective(self) -> dict[str, Any]:
        """Return the log loss, binary or softmax."""
        classes = len(self.classes_)
        if classes <= 2:
            return {"objective": "binary"}
        return {"objective": "multiclass", "num_class": classes}

    def scores(self, x: Matrix) -> Array:
        """Return class probabilities [N, C]."""
        from scipy.special import softmax

        raw = self.raw_scores(x)
        if len(self.classes_) == 1:
            return np.ones((len(raw), 1))
        return two_columns(sigmoid(raw[:, 0])) if raw.shape[1] == 1 else softmax(raw, axis=1)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return class probabilities [N, C]."""
        raw = self.raw_scores_onnx(x)
        if len(self.classes_) == 1:
            return g.add(g.mul(raw, g.constant_of(np.float64(0))), g.constant_of(np.float64(1)))
        if len(self.classes_) == 2:
            return two_columns_onnx(g, g.sigmoid(raw))
        return g.softmax(raw, axis=1)


class LightGBMRegressor(_LightGBM, Regressor):
    """Learn values with LightGBM, by squared error."""

    def objective(self) -> dict[str, Any]:
        """Return the squared error."""
        return {"objective": "regression"}

    def scores(self, x: Matrix) -> Array:
        """Return the predicted values [N, 1]."""
        return self.raw_scores(x)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return the predicted values [N, 1]."""
        return self.raw_scores_onnx(x)


class _Watch:
    """LightGBM's callback that ends training: the time is up, or the held rows gain no more.

    Attributes:
        best: the number of trees that was best on the held rows; 0 without any.
        ended: why training ended.
    """

    order = 40  # after what LightGBM itself does at the end of an iteration
    before_iteration = False

    def __init__(self, patience: int, stop: Stop) -> None:
        self.best = 0
        self.ended: Ended = "trees"
        self._patience = patience
        self._stop = stop
        self._least_error = math.inf

    def __call__(self, env: Any) -> None:
        """Look at the error of the held rows after an iteration."""
        import lightgbm

        trees, results = env.iteration + 1, env.evaluation_result_list
        if results and (not self.best or results[0][2] < self._least_error):
            self.best, self._least_error = trees, results[0][2]
        patience = max(self._patience, _PATIENCE_OF_BEST * self.best + _PATIENCE_AT_LEAST)
        if self._stop():
            self.ended = "stop"
        elif results and trees - self.best >= patience:
            self.ended = "patience"
        else:
            return
        raise lightgbm.callback.EarlyStopException((self.best or trees) - 1, results)
