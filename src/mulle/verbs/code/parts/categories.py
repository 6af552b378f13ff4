"""Steps of one column of strings each."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import murmurhash3_32

from mulle.verbs.code.parts.features import Step


def most_frequent(x: Any) -> Any:
    """Return the distinct strings of a column with their counts, the most frequent first."""
    return sorted(Counter(x[:, 0].tolist()).items(), key=lambda pair: (-pair[1], pair[0]))


def places(x: Any, keys: Any) -> Any:
    """Return the place of each string among the keys; one behind the last for all others."""
    place = {key: i for i, key in enumerate(keys)}
    return np.array([place.get(value, len(place)) for value in x[:, 0]], int)


class OneHot(Step):
    """Give each frequent category a 0/1 column; rare ones share a column."""

    alone = True

    def __init__(self, min_count: int, max_categories: int) -> None:
        self.min_count, self.max_categories = min_count, max_categories

    def fit(self, x: Any, y: Any) -> None:
        """Learn the frequent categories."""
        found = most_frequent(x)
        self.kept = [key for key, n in found if n >= self.min_count][: self.max_categories]
        self.width = len(self.kept) + (len(found) > len(self.kept))

    def transform(self, x: Any) -> Any:
        """Return zeros and ones."""
        return np.eye(len(self.kept) + 1, self.width)[places(x, self.kept)]


class CategoryCodes(Step):
    """Number categories by falling frequency; an unseen one is missing."""

    alone = codes = True

    def fit(self, x: Any, y: Any) -> None:
        """Learn the categories."""
        self.kept = [key for key, _ in most_frequent(x)]

    def transform(self, x: Any) -> Any:
        """Return the numbers."""
        return np.append(np.arange(float(len(self.kept))), np.nan)[places(x, self.kept)][:, None]


class OrdinalCodes(Step):
    """Number ordered categories, the lowest 0; all others are missing."""

    alone = True

    def __init__(self, order: list[str]) -> None:
        self.order = order

    def transform(self, x: Any) -> Any:
        """Return the numbers."""
        return np.append(np.arange(float(len(self.order))), np.nan)[places(x, self.order)][:, None]


class Frequency(Step):
    """Replace each category by its share of the training rows."""

    alone = True

    def fit(self, x: Any, y: Any) -> None:
        """Learn the shares."""
        self.share = {key: n / len(x) for key, n in most_frequent(x)}

    def transform(self, x: Any) -> Any:
        """Return the shares."""
        return np.array([[self.share.get(value, 0.0)] for value in x[:, 0]])


class Hashed(Step):
    """Put each category into one of a fixed number of columns, by its hash, as 1 or -1."""

    alone = True

    def __init__(self, n_features: int) -> None:
        self.n_features = n_features

    def transform(self, x: Any) -> Any:
        """Return zeros, and 1 or -1 once in each row."""
        hashes = np.array([[murmurhash3_32(value)] for value in x[:, 0]], np.int64)
        here = np.abs(hashes) % self.n_features == np.arange(self.n_features)
        return np.where(here, np.where(hashes >= 0, 1.0, -1.0), 0.0)


class TargetEncode(Step):
    """Replace each category by the smoothed mean of the target over its rows.

    Training rows get means of other rows, since a row's own target would leak into its feature.
    Source: D. Micci-Barreca, SIGKDD Explorations 3 (2001).
    """

    alone = True

    def __init__(self, smooth: Any, cv: int, random_state: int) -> None:
        self.smooth, self.cv, self.random_state = smooth, cv, random_state

    def fit(self, x: Any, y: Any) -> None:
        """Learn the means on all rows."""
        self.kept = [key for key, _ in most_frequent(x)]
        targets = target_columns(y)
        means = self.means(places(x, self.kept), targets)
        self.table = np.vstack([means, targets.mean(axis=0)])

    def transform(self, x: Any) -> Any:
        """Return the means; that of all rows for an unseen category."""
        return self.table[places(x, self.kept)]

    def fit_transform(self, x: Any, y: Any) -> Any:
        """Learn the means on all rows; return those of the rows themselves, out of fold."""
        self.fit(x, y)
        targets, codes = target_columns(y), places(x, self.kept)
        encoded = np.repeat(targets.mean(axis=0)[None], len(x), axis=0)
        has_classes = y.dtype.kind != "f" and y.min() < y.max()
        classes = np.unique(y, return_inverse=True)[1] if has_classes else None
        count = min(self.cv, len(y) if classes is None else int(np.bincount(classes).max()))
        if count < 2:
            return encoded
        splitter = (KFold if classes is None else StratifiedKFold)(
            count, shuffle=True, random_state=self.random_state
        )
        for train, other in splitter.split(np.zeros(len(y)), classes):
            encoded[other] = self.means(codes[train], targets[train])[codes[other]]
        return encoded

    def means(self, codes: Any, targets: Any) -> Any:
        """Return the smoothed mean of each category, and of each column of the target."""
        size = len(self.kept)
        count, found = np.bincount(codes, minlength=size).astype(float), []
        for target in targets.T:
            total, overall = np.bincount(codes, target, size), target.mean()
            with np.errstate(invalid="ignore"):
                mean = total / count
                if self.smooth == "auto":  # empirical Bayes: the variance within, by that of all
                    within = np.bincount(codes, (target - mean[codes]) ** 2, size) / count
                    share = target.var() * count / (target.var() * count + within)
                    mean = share * mean + (1 - share) * overall
                else:
                    mean = (total + self.smooth * overall) / (count + self.smooth)
            found.append(np.where(np.isnan(mean), overall, mean))
        return np.column_stack(found)


def target_columns(y: Any) -> Any:
    """Return values, or whether a row is of the second class, or of each of several, as columns."""
    if y.dtype.kind == "f":
        return y[:, None]
    codes = np.unique(y, return_inverse=True)[1]
    return codes[:, None].astype(float) if codes.max() < 2 else np.eye(codes.max() + 1)[codes]
