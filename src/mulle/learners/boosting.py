"""Gradient boosting with LightGBM: trees added one after another, each correcting the rest.

LightGBM trains; its own model text is read back into trees, so that the graph compares and sums
exactly what LightGBM compares and sums, category sets and the way of missing values included.

catalogue  ens-gbdt ens-weak
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Flag, Interval
from mulle.graph import Matrix, Tree, lone_leaf, trees_to_onnx
from mulle.kernels import load_lightgbm
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
from mulle.learners.lightgbm_training import Ended, Pace, Watch, as_sequence
from mulle.settings import Parameters

_USUAL_LEAVES = 31
_RATE_TIMES_ROUNDS = 25.0  # about where the score of a boosted model levels off
_MAX_RATE = 0.2  # beyond, boosting of many classes diverges


class _LightGBM(Learner):
    """The base class of both LightGBM learners.

    Args (LightGBM's own names): n_estimators, learning_rate, num_leaves, min_child_samples,
    subsample (drawn anew for each tree), colsample_bytree, reg_alpha, reg_lambda, extra_trees,
    cat_smooth, cat_l2, max_cat_to_onehot; patience: trees without gain on the held rows before
    training ends, or 0.3 times the best number of trees + 20 where that is more; n_jobs;
    random_state.

    Attributes:
        n_trees_: of each class, those after the best on the held rows left out.
        n_rounds_: rounds that led to them; a round that finds nothing to split adds no tree.
        rounds_: rounds that were made in all.
        ended_: why training ended: at the limit of `trees`, for lack of gain after `patience`, or
            by `stop`, that is, cut short.
    """

    n_trees_: int
    n_rounds_: int
    rounds_: int
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
        self._boost(
            x, y, weight, held, categorical, self._params(*x.shape), Watch(self.patience, stop)
        )

    def fit_mapped(
        self,
        x: Array,
        y: Array,
        weight: Array | None = None,
        *,
        classes: Array | None = None,
        held: Held | None = None,
        stop: Stop = never,
        seconds: float = math.inf,
        categorical: Sequence[int] = (),
    ) -> Self:
        """Train on rows that are mapped from files, of which a part at a time is in memory.

        LightGBM makes its bins of them, a byte for each number, and nothing else is held: its
        histograms are built by columns, since building them by rows copies all bins.

        Args:
            x: float32 features [N, F].
            y: positions in `classes`, or values [N]; float32.
            weight: weights [N].
            classes: class codes, all of which occur; None for values.
            held, stop, categorical: as in `fit`.
            seconds: in which the trees are to be grown. The first few show how many that is; of
                fewer each learns the more.
        """
        self.check_own_settings()
        self.n_features_in_ = x.shape[1]
        if isinstance(self, Classifier):
            self.classes_ = np.arange(0) if classes is None else classes
            held = None if held is None else self._keep_usable(held)
        params = self._params(*x.shape)
        del params["force_row_wise"]
        watch = Watch(self.patience, stop, Pace(self.rate_in, seconds))
        params |= {"force_col_wise": True}
        self._boost(as_sequence(x), y, weight, held, categorical, params, watch)
        return self

    def _boost(
        self,
        x: Any,
        y: Array,
        weight: Array | None,
        held: Held | None,
        categorical: Sequence[int],
        params: dict[str, Any],
        watch: Watch,
    ) -> None:
        lightgbm = load_lightgbm()
        data = lightgbm.Dataset(
            x, y, weight=weight, categorical_feature=list(categorical), params=params
        )
        valid = [] if held is None else [data.create_valid(held.x, held.y)]
        self.booster_ = lightgbm.train(
            params, data, self.n_estimators, valid_sets=valid, callbacks=[watch]
        )
        self.rounds_ = watch.rounds
        self.n_rounds_ = watch.best or watch.rounds
        self.n_trees_ = watch.best_trees or self.booster_.current_iteration()
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

    def rate_in(self, rounds: int) -> float:
        """Return the learning rate that gets far with so many trees."""
        return float(self.in_rounds(rounds).get("learning_rate", self.learning_rate))

    def in_rounds(self, rounds: int) -> dict[str, Any]:
        """Return so many trees where that is fewer, and a learning rate that gets far with them."""
        if rounds >= self.n_estimators:
            return {}
        rate = min(_MAX_RATE, _RATE_TIMES_ROUNDS / max(1, rounds))
        higher = {"learning_rate": round(rate, 4)} if rate > self.learning_rate else {}
        return {"n_estimators": max(1, rounds), **higher}

    def as_trained(self) -> dict[str, Any]:
        """Return the number of rounds, which repeats them; the trees that count are the first."""
        return {"n_estimators": self.rounds_, "n_trees": self.n_trees_}

    def final_params(self, fitted: Sequence[Learner]) -> dict[str, Any]:
        """Return the mean of the numbers of rounds that were best on the folds."""
        found = [f.n_rounds_ for f in fitted if isinstance(f, _LightGBM)]
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
