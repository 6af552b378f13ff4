"""Steps of texts and of wide matrices."""

from __future__ import annotations

from collections import Counter
from typing import Any

import lightgbm
import numpy as np
from sklearn import feature_selection
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from mulle.verbs.code.parts.categories import target_columns
from mulle.verbs.code.parts.features import Step

NO_TEXT = "\ue000"  # stands for a missing string


class TfIdf(Step):
    """Weigh character n-grams by (1 + ln tf) * idf, each row scaled to length 1."""

    alone = True

    def __init__(self, max_n: int, min_count: int, max_features: int) -> None:
        self.max_n, self.min_count, self.max_features = max_n, min_count, max_features

    def ngrams(self, text: str) -> list[str]:
        """Return all runs of 1 to `max_n` characters of a text; none of a missing one."""
        text = "" if text == NO_TEXT else text
        return [text[i : i + n] for n in range(1, self.max_n + 1) for i in range(len(text) - n + 1)]

    def fit(self, x: Any, y: Any) -> None:
        """Learn the n-grams of several texts, and how rare each is."""
        seen = Counter(gram for text in x[:, 0] for gram in set(self.ngrams(text)))
        kept = sorted(
            (g for g, n in seen.items() if n >= self.min_count), key=lambda g: (len(g), g)
        )
        kept = kept or [" "]
        times = np.array([seen[gram] if seen[gram] >= self.min_count else 0 for gram in kept])
        best = np.sort(np.argsort(-times, kind="stable")[: self.max_features])
        self.idf = np.log((1 + len(x)) / (1 + times[best])) + 1
        self.counter = CountVectorizer(analyzer=self.ngrams, vocabulary=[kept[i] for i in best])

    def transform(self, x: Any) -> Any:
        """Return the weights, sparse."""
        counts = self.counter.transform(x[:, 0]).astype(float)
        counts.sort_indices()
        counts.data = (np.log(counts.data) + 1.0) * self.idf[counts.indices]
        length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(counts.indptr))
        return counts


class TextScore(Step):
    """Replace a wide matrix by the predictions of ridge regression, one column for each class.

    Training rows are scored by models of other rows, since their own target would leak.
    """

    def __init__(self, alpha: float, cv: int, random_state: int) -> None:
        self.alpha, self.cv, self.random_state = alpha, cv, random_state

    def fit(self, x: Any, y: Any) -> None:
        """Learn the weights on all rows."""
        self.weights, self.bias = self.solve(x, target_columns(y))

    def solve(self, x: Any, targets: Any) -> Any:
        """Return weights and bias."""
        solver = Ridge(alpha=self.alpha, solver="sparse_cg" if hasattr(x, "tocsr") else "auto")
        solver.fit(x, targets)
        return np.atleast_2d(solver.coef_).T, np.atleast_1d(solver.intercept_)

    def transform(self, x: Any) -> Any:
        """Return the scores."""
        return x @ self.weights + self.bias

    def fit_transform(self, x: Any, y: Any) -> Any:
        """Learn on all rows; return the scores of the rows themselves, out of fold."""
        self.fit(x, y)
        targets = target_columns(y)
        scores = np.repeat(targets.mean(axis=0, keepdims=True), len(targets), axis=0)
        if len(targets) < 2 * self.cv:
            return scores
        for train, other in KFold(self.cv, shuffle=True, random_state=self.random_state).split(x):
            weights, bias = self.solve(x[train], targets[train])
            scores[other] = x[other] @ weights + bias
        return scores


class LSA(Step):
    """Project a wide matrix on its leading directions, by truncated SVD."""

    def __init__(self, n_components: int, random_state: int) -> None:
        self.n_components, self.random_state = n_components, random_state

    def fit(self, x: Any, y: Any) -> None:
        """Learn the directions."""
        width = min(self.n_components, x.shape[1] - 1, x.shape[0] - 1)
        self.directions = np.ones((x.shape[1], 1))
        if width >= 1:
            solver = TruncatedSVD(width, random_state=self.random_state, n_iter=4)
            self.directions = np.ascontiguousarray(solver.fit(x).components_.T)

    def transform(self, x: Any) -> Any:
        """Return the projections."""
        return x @ self.directions


class Components(Step):
    """Project centred columns on their directions of largest variance: PCA."""

    def __init__(self, n_components: int, random_state: int) -> None:
        self.n_components, self.random_state = n_components, random_state

    def fit(self, x: Any, y: Any) -> None:
        """Learn the mean and the directions."""
        self.solver = PCA(min(self.n_components, *x.shape), random_state=self.random_state).fit(x)

    def transform(self, x: Any) -> Any:
        """Return the projections."""
        return (x - self.solver.mean_) @ np.ascontiguousarray(self.solver.components_.T)


class SelectK(Step):
    """Keep the columns that say most about the target."""

    def __init__(self, k: int, by: str, random_state: int) -> None:
        self.k, self.by, self.random_state = k, by, random_state

    def fit(self, x: Any, y: Any) -> None:
        """Score the columns and keep the best."""
        classes = y.dtype.kind != "f"
        y = np.unique(y, return_inverse=True)[1] if classes else y
        scores = self.gain(x, y, classes) if self.by == "model" else self.alone_(x, y, classes)
        scores = np.nan_to_num(np.asarray(scores, float), posinf=np.inf)
        self.kept = np.sort(np.argsort(-scores, kind="stable")[: self.k])

    def alone_(self, x: Any, y: Any, classes: bool) -> Any:  # noqa: FBT001
        """Return the score of each column by itself."""
        if len(x) < 5 or (y == y[0]).all():
            return np.zeros(x.shape[1])
        x = np.where(np.isnan(x), np.nan_to_num(np.nanmedian(x, axis=0)), x)
        kind = "classif" if classes else "regression"
        if self.by == "f":
            found = getattr(feature_selection, f"f_{kind}")(x, y)[0]
            return np.where((x != x[0]).any(axis=0), found, 0.0)
        score = getattr(feature_selection, f"mutual_info_{kind}")
        return score(x, y, random_state=self.random_state)

    def gain(self, x: Any, y: Any, classes: bool) -> Any:  # noqa: FBT001
        """Return what splits on each column gain in a small boosted model."""
        params = {
            "objective": "regression",
            "num_leaves": 15,
            "verbosity": -1,
            "num_threads": 1,
            "seed": self.random_state,
            "deterministic": True,
            "force_row_wise": True,
        }
        gain = np.zeros(x.shape[1])
        for label in np.eye(y.max() + 1)[:, y][:10] if classes else [y]:
            model = lightgbm.train(params, lightgbm.Dataset(x, label, params=params), 40)
            gain += model.feature_importance("gain")
        return gain

    def transform(self, x: Any) -> Any:
        """Return the kept columns."""
        return x[:, self.kept]
