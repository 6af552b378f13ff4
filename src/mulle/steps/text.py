"""Turn text into numbers: tf-idf of character n-grams, which needs no dictionary.

catalogue  txt-tfidf txt-ngram txt-vocab txt-bow txt-sparse
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.constraints import Interval
from mulle.graph import Matrix, count_ngrams, is_symbolic, matmul, occurrences, unpack, weigh_ngrams
from mulle.settings import Parameters
from mulle.steps.base import SEED, Step, target_columns, texts_at_once
from mulle.table import Storage


class TfIdf(Step):
    """Weigh character n-grams by tf-idf, each row scaled to length 1.

    weight = (1 + ln tf) * (ln((1+n)/(1+df)) + 1), then divided by the row's Euclidean length

    Args:
        max_n: n-grams of 1 to this many characters (at most 3).
        min_count: n-grams in fewer training texts are left out.
        max_features: at most so many, those in most texts first.

    Source: scikit-learn's smooth idf with sublinear tf.
    """

    storage = Storage.string
    per_column = True
    parameters: ClassVar[Parameters] = {
        "max_n": Interval(int, 1, 3),
        "min_count": Interval(int, 1),
        "max_features": Interval(int, 1),
    }

    def __init__(self, *, max_n: int = 3, min_count: int = 3, max_features: int = 30_000) -> None:
        self.max_n = max_n
        self.min_count = min_count
        self.max_features = max_features

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the vocabulary and the inverse document frequencies."""
        grams, frequencies = [], []
        for n in range(1, self.max_n + 1):
            packed, counts = _document_counts(x[:, 0], n, stop)
            keep = counts >= self.min_count
            grams += unpack(packed[keep], n)
            frequencies.append(counts[keep])
        documents = np.concatenate(frequencies)
        if not len(documents):  # too few texts for any n-gram to repeat
            grams, documents = [" "], np.zeros(1)
        best = np.sort(np.argsort(-documents, kind="stable")[: self.max_features])
        self.vocabulary_ = [grams[i] for i in best]
        self.idf_ = np.log((1 + len(x)) / (1 + documents[best])) + 1

    def compute(self, x: Matrix) -> Matrix:
        """Return the weights [N, V]: CSR in Python, dense in a graph."""
        if is_symbolic(x):
            return weigh_ngrams(x, self.vocabulary_, self.idf_)
        counts = count_ngrams(x, self.vocabulary_)
        counts.data = (np.log(counts.data) + 1.0) * self.idf_[counts.indices]
        squares = np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
        length = np.sqrt(squares)
        counts.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(counts.indptr))
        return counts

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column "n-gram"`."""
        return [f'{names[0]} "{gram}"' for gram in self.vocabulary_]


def _document_counts(texts: Array, n: int, stop: Stop) -> tuple[Array, Array]:
    """Return each n-gram, packed, and the number of texts that contain it."""
    grams, texts_of = [], []
    size = texts_at_once(texts)
    for begin in range(0, len(texts), size):
        check(stop)
        _, packed, _ = occurrences(texts[begin : begin + size], n)
        found, counts = np.unique(packed, return_counts=True)
        grams.append(found)
        texts_of.append(counts)
    packed, at = np.unique(np.concatenate(grams), return_inverse=True)
    return packed, np.bincount(at, np.concatenate(texts_of), len(packed)).astype(np.int64)


class TextScore(Step):
    """Replace a wide matrix by the predictions of a linear model, one column for each class.

    Ridge regression of the target, of each class as 0 or 1 where there are several; of two
    classes the second one. Training rows are scored by models that were trained on other rows
    (out of fold), since a row's own target would leak into its feature.

    Args:
        alpha: strength of the penalty.
        cv: folds of the out-of-fold scores.
        random_state: seed of the folds.
    """

    native_sparse = True
    native_missing = False
    uses_target = True
    ulps = 4  # sums of products in another order
    parameters: ClassVar[Parameters] = {
        "alpha": Interval(float, 0, closed="neither"),
        "cv": Interval(int, 2),
        "random_state": SEED,
    }

    def __init__(self, *, alpha: float = 1.0, cv: int = 5, random_state: int = 0) -> None:
        self.alpha = alpha
        self.cv = cv
        self.random_state = random_state

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the weights on all rows."""
        self.weights_, self.bias_ = self._solve(x, target_columns(np.asarray(y)))

    def fit_transform(self, x: Matrix, y: Array | None = None, *, stop: Stop = never) -> Matrix:
        """Learn on all rows; return the scores of the rows themselves, out of fold."""
        from sklearn.model_selection import KFold

        self.fit(x, y, stop=stop)
        targets = target_columns(np.asarray(y))
        scores = np.repeat(targets.mean(axis=0, keepdims=True), len(targets), axis=0)
        if len(targets) < 2 * self.cv:  # no other rows to learn from
            return scores
        for train, other in KFold(self.cv, shuffle=True, random_state=self.random_state).split(x):
            check(stop)
            weights, bias = self._solve(x[train], targets[train])
            scores[other] = x[other] @ weights + bias
        return scores

    def _solve(self, x: Matrix, targets: Array) -> tuple[Array, Array]:
        from sklearn.linear_model import Ridge

        solver = Ridge(alpha=self.alpha, solver="sparse_cg" if hasattr(x, "tocsr") else "auto")
        solver.fit(x, targets)
        weights = np.ascontiguousarray(np.atleast_2d(solver.coef_).T)
        return weights, np.atleast_1d(np.asarray(solver.intercept_, np.float64))

    def compute(self, x: Matrix) -> Matrix:
        """Return the scores [N, 1], or [N, C] for C > 2 classes."""
        scores = matmul(x, self.weights_)
        return scores + scores.__array_namespace__().asarray(self.bias_)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column score`, with the class where there are several."""
        column = names[0].split(' "')[0] if names else "text"
        if len(self.bias_) == 1:
            return [f"{column} score"]
        return [f"{column} score [{c}]" for c in range(len(self.bias_))]
